extension Figure {
  /// What a format of gnuplot's calls a point, and the font.
  private struct Terminal {
    let command: String
    /// Units of its line width in a point.
    let pen: Double

    init(_ path: String, _ layout: FigureLayout, _ style: FigureStyle) {
      let (width, height) = (layout.width, layout.height)
      let font = "font 'DejaVu Sans,\(FigureText.size)'"
      if path.hasSuffix(".svg") {
        // Pixels of CSS, 96 to the inch.
        let pixel = 96.0 / 72
        command =
          "svg enhanced size \((width * pixel).rounded()),\((height * pixel).rounded()) fixed "
          + "font 'DejaVu Sans,\(FigureText.size * pixel)' background '\(style.background)' dashlength 0.6"
        pen = pixel
      } else if path.hasSuffix(".pdf") {
        command =
          "pdfcairo enhanced size \(width / 72)in,\(height / 72)in \(font) fontscale 0.75 background '\(style.background)' "
          + "dashlength 0.6"
        pen = 4
      } else {
        // 300 dots to the inch.
        let dots = 300.0 / 72
        command =
          "pngcairo enhanced size \((width * dots).rounded()),\((height * dots).rounded()) \(font) fontscale \(0.75 * dots) "
          + "background '\(style.background)' dashlength 0.6"
        pen = dots
      }
    }
  }

  /// The gnuplot commands that draw the figure to `path` in the format of its ending.
  func script(to path: String, style: FigureStyle = .standard) -> String {
    let layout = FigureLayout(self, style)
    let terminal = Terminal(path, layout, style)
    func pen(_ points: Double) -> String { short(points * terminal.pen) }
    func at(_ x: Double, _ y: Double) -> String { "screen \(x / layout.width),screen \(1 - y / layout.height)" }
    var text = """
      set encoding utf8
      set terminal \(terminal.command)
      set output '\(path.replacing("'", with: "''"))'
      unset key
      set border 3 linewidth \(pen(0.6)) linecolor rgb '\(style.foreground)'
      set style fill solid noborder
      set multiplot

      """
    for (p, place) in layout.places.enumerated() {
      text += """
        set lmargin at screen \(place.left / layout.width)
        set rmargin at screen \(place.right / layout.width)
        set tmargin at screen \(1 - place.top / layout.height)
        set bmargin at screen \(1 - place.bottom / layout.height)
        unset label
        unset arrow

        """
      if p == 0 { text += words(layout, style, at, pen) }
      text += axis("x", place.x, style, pen) + axis("y", place.y, style, pen)
      for mark in place.panel.marks {
        let (from, to) =
          mark.axis == .x
          ? ("first \(mark.value),graph 0", "first \(mark.value),graph 1")
          : ("graph 0,first \(mark.value)", "graph 1,first \(mark.value)")
        text +=
          "set arrow from \(from) to \(to) nohead front dashtype 3 linewidth \(pen(0.8)) linecolor rgb '\(style.theory)'\n"
      }
      var plots: [String] = []
      if let map = place.panel.map, let colors = place.colorAxis {
        text += mapData(map, place, "$map\(p)", layout, style, colors, pen)
        plots.append("$map\(p) using 1:2:3:4:5:6:7 with boxxyerror fillcolor palette fillstyle solid noborder")
        plots.append(
          "$map\(p)n using 1:2:3:4:5:6 with boxxyerror fillcolor rgb '\(style.missing)' fillstyle solid noborder")
      }
      for (k, series) in place.panel.series.enumerated() {
        plots += curves(series, place, k, "$data\(p)x\(k)", style, pen, &text)
      }
      // Without anything to draw, axes alone.
      if plots.isEmpty { plots.append("NaN") }
      text += "plot \(plots.joined(separator: ", \\\n  "))\n"
    }
    return text + "unset multiplot\nunset output\n"
  }

  private func short(_ value: Double) -> String { "\((value * 1000).rounded() / 1000)" }

  /// All texts, and the strokes that belong to them: with the first panel, since they know where on the page they are.
  private func words(
    _ layout: FigureLayout, _ style: FigureStyle, _ at: (Double, Double) -> String, _ pen: (Double) -> String
  ) -> String {
    var text = ""
    for label in layout.labels where !label.text.isEmpty {
      let anchor =
        switch label.anchor {
        case .left: "left"
        case .center: "center"
        case .right: "right"
        case .upwards: "center rotate by 90"
        }
      let color = label.color.map { $0 < 0 ? style.theory : style.color($0, of: label.colors ?? 1) } ?? style.foreground
      text +=
        "set label \(FigureText.quoted(label.text, bold: label.isBold)) at \(at(label.x, label.y)) \(anchor) front "
        + "textcolor rgb '\(color)'\n"
    }
    for stroke in layout.strokes {
      let place = layout.places[stroke.panel]
      let series = stroke.series.map { place.panel.series[$0] }
      let number = stroke.series.flatMap { place.colors[$0] }
      let color = number.map { style.color($0, of: place.colorCount) } ?? style.theory
      if !stroke.isSample || series?.isScattered != true {
        let dash = stroke.isSample && [.dashed, .dashedPoints, .theory].contains(series?.style) ? " dashtype 2" : ""
        text +=
          "set arrow from \(at(stroke.x0, stroke.y0)) to \(at(stroke.x1, stroke.y1)) nohead\(dash) "
          + "linewidth \(pen(stroke.isSample ? 1.2 : 0.4)) linecolor rgb '\(color)'\n"
      }
      if stroke.isSample, let series, let point = Self.point(series.style, number ?? 0) {
        text +=
          "set label '' at \(at((stroke.x0 + stroke.x1) / 2, stroke.y0)) point \(point) linecolor rgb '\(color)'\n"
      }
    }
    return text
  }

  /// The sign of points of a style, each colour's own.
  private static func point(_ style: Series.Style, _ color: Int) -> String? {
    switch style {
    case .line, .dashed, .theory: nil
    case .linePoints: "pointtype \([7, 5, 9, 13, 11][color % 5]) pointsize 0.35"
    case .dashedPoints: "pointtype \([6, 4, 8, 12, 10][color % 5]) pointsize 0.4"
    case .points: "pointtype 7 pointsize 0.3"
    case .circles: "pointtype 6 pointsize 0.45"
    case .dots: "pointtype 7 pointsize 0.5"
    }
  }

  /// Ticks as gnuplot takes them; their labels are texts of the page.
  private static func ticks(_ axis: FigureAxis) -> String {
    (axis.major.map { "'' \($0.value)" } + axis.minor.map { "'' \($0) 1" }).joined(separator: ", ")
  }

  private func axis(_ name: String, _ axis: FigureAxis, _ style: FigureStyle, _ pen: (Double) -> String) -> String {
    """
    \(axis.isLogarithmic ? "set" : "unset") logscale \(name)
    set \(name)range [\(axis.low):\(axis.high)]
    set \(name)tics nomirror out scale 0.4,0.2 (\(Self.ticks(axis)))
    set grid \(name)tics back linewidth \(pen(0.4)) linetype 1 linecolor rgb '\(style.grid)'

    """
  }

  /// The data of a curve, its repetitions and its band, and how to plot them.
  private func curves(
    _ series: Series, _ place: FigureLayout.Place, _ number: Int, _ name: String, _ style: FigureStyle,
    _ pen: (Double) -> String, _ text: inout String
  ) -> [String] {
    let panel = place.panel
    let color =
      place.colors[number].map { style.color($0, of: place.colorCount) }
      ?? (panel.map == nil ? style.theory : "#ffffff")
    var plots: [String] = []
    /// Points, with a gap where one has no place.
    func block(_ name: String, _ rows: [(Double, [Double])]) -> Bool {
      var body = ""
      var hasGap = false, isEmpty = true
      for (x, ys) in rows {
        guard ys.allSatisfy({ panel.shows(x, $0) }) else {
          hasGap = true
          continue
        }
        body += hasGap && !isEmpty ? "\n" : ""
        body += "\(x) \(ys.map { "\($0)" }.joined(separator: " "))\n"
        (hasGap, isEmpty) = (false, false)
      }
      if !isEmpty { text += "\(name) << EOD\n\(body)EOD\n" }
      return !isEmpty
    }
    if let low = series.low, let high = series.high {
      let rows = zip(series.x, zip(low, high)).map { ($0, [$1.0, $1.1]) }
      if block(name + "b", rows) {
        plots.append(
          "\(name)b using 1:2:3 with filledcurves fillcolor rgb '\(color)' fillstyle transparent solid \(place.colorCount > 4 ? 0.1 : 0.18) noborder"
        )
      }
    }
    // Of many curves they would be a thicket.
    for (k, strand) in series.strands.enumerated() where place.colorCount <= 4 {
      if block("\(name)s\(k)", zip(strand.x, strand.y).map { ($0, [$1]) }) {
        plots.append("\(name)s\(k) using 1:2 with lines linewidth \(pen(0.35)) linecolor rgb '#88\(color.dropFirst())'")
      }
    }
    guard block(name, zip(series.x, series.y).map { ($0, [$1]) }) else { return plots }
    let sign = Self.point(series.style, place.colors[number] ?? 0)
    let look =
      switch series.style {
      case .line: "lines linewidth \(pen(1.2))"
      case .dashed: "lines dashtype 2 linewidth \(pen(1))"
      case .linePoints: "linespoints linewidth \(pen(1.2)) \(sign ?? "")"
      case .dashedPoints: "linespoints dashtype 2 linewidth \(pen(1)) \(sign ?? "")"
      case .points, .circles, .dots: "points \(sign ?? "")"
      case .theory: "lines dashtype 2 linewidth \(pen(0.8))"
      }
    plots.append("\(name) using 1:2 with \(look) linecolor rgb '\(color)'")
    return plots
  }

  /// The cells of a map, and its colours with their ticks beside it.
  private func mapData(
    _ map: HeatMap, _ place: FigureLayout.Place, _ name: String, _ layout: FigureLayout, _ style: FigureStyle,
    _ colors: FigureAxis, _ pen: (Double) -> String
  ) -> String {
    let across = HeatMap.edges(map.x, logarithmic: place.panel.xLogarithmic)
    let up = HeatMap.edges(map.y, logarithmic: place.panel.yLogarithmic)
    var (cells, missing) = ("", "")
    for (j, row) in map.values.enumerated() {
      for (i, value) in row.enumerated() where i < map.x.count && j < map.y.count {
        let cell = "\(map.x[i]) \(map.y[j]) \(across[i]) \(across[i + 1]) \(up[j]) \(up[j + 1])"
        if value.isFinite, !map.isLogarithmic || value > 0 {
          cells += "\(cell) \(value)\n"
        } else {
          missing += "\(cell)\n"
        }
      }
    }
    let palette = FigureStyle.steps.enumerated().map { index, rgb in
      "\(index) '\(FigureStyle.hexadecimal(rgb))'"
    }
    return """
      set palette defined (\(palette.joined(separator: ", ")))
      \(map.isLogarithmic ? "set" : "unset") logscale cb
      set cbrange [\(colors.low):\(colors.high)]
      set cbtics out scale 0.4,0.2 (\(Self.ticks(colors)))
      set colorbox vertical user origin screen \((place.right + 6) / layout.width),screen \(1 - place.bottom / layout.height) \
      size screen \(8 / layout.width),screen \((place.bottom - place.top) / layout.height) border
      \(name) << EOD
      \(cells.isEmpty ? "NaN NaN NaN NaN NaN NaN NaN\n" : cells)EOD
      \(name)n << EOD
      \(missing.isEmpty ? "NaN NaN NaN NaN NaN NaN\n" : missing)EOD

      """
  }
}
