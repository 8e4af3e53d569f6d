/// Where everything of a figure stands, in points from the upper left corner.
package struct FigureLayout {
  /// A text at a place.
  struct Label {
    /// Where its place is within it.
    enum Anchor { case left, center, right, upwards }
    let text: String
    let x, y: Double
    let anchor: Anchor
    /// Which of how many colours of series; −1 for that of theory, nil for that of all texts.
    var color: Int?
    var colors: Int?
    var isBold = false
  }

  /// A straight line from a curve's end to its name, or a sample of it in a key.
  struct Stroke {
    let x0, y0, x1, y1: Double
    let panel: Int
    /// Nil for a named line.
    let series: Int?
    let isSample: Bool
  }

  /// One panel.
  struct Place {
    let panel: Figure.Panel
    /// Where its column begins, and the ends of its axes.
    var start = 0.0, left = 0.0, right = 0.0, top = 0.0, bottom = 0.0
    var x, y: FigureAxis
    /// The colours of the series, by their numbers; nil for what theory says.
    let colors: [Int?]
    /// How many colours there are.
    let colorCount: Int
    /// Names at the ends of curves rather than in a key.
    var isDirect: Bool
    var key: [[(series: Int, x: Double)]] = []
    var heading = ""
    /// The heading in lines.
    var title: [String] = []
    /// The ticks of a map's colours, and their ends.
    var colorAxis: FigureAxis?
  }

  let width: Double
  private(set) var height = 0.0
  private(set) var places: [Place] = []
  private(set) var labels: [Label] = []
  private(set) var strokes: [Stroke] = []

  private static let gap = 14.0, tick = 3.0, bar = 8.0, sample = 16.0

  init(_ figure: Figure, _ style: FigureStyle) {
    width = style.width * 72
    let columns = max(1, min(figure.columns, figure.panels.count, Int((width + Self.gap) / (150 + Self.gap))))
    let cell = (width - Self.gap * Double(columns - 1)) / Double(columns)
    var y = 3.0
    // Bold is wider.
    for text in FigureText.wrapped(figure.title, to: (width - 4) / 1.15) {
      labels.append(Label(text: text, x: 2, y: y + FigureText.line / 2, anchor: .left, isBold: true))
      y += FigureText.line
    }
    if !figure.title.isEmpty { y += 3 }
    var made = figure.panels.enumerated().map { Self.place($1, $0, of: figure.panels.count, cell: cell) }
    // Margins of one column are one, so that its panels stand under each other.
    for column in 0..<columns {
      let own = made.indices.filter { $0 % columns == column }
      let left = own.map { made[$0].left }.max() ?? 0
      let right = own.map { made[$0].right }.max() ?? 0
      let x = Double(column) * (cell + Self.gap)
      for k in own {
        (made[k].start, made[k].left, made[k].right) = (x, x + left, x + cell - right)
        made[k].title = FigureText.wrapped(made[k].heading, to: cell - left - 2)
      }
    }
    for start in stride(from: 0, to: made.count, by: columns) {
      let row = start..<min(start + columns, made.count)
      let titles = row.map { made[$0].title.count }.max() ?? 0
      let names = row.map { Self.nameRows(made[$0]).count }.max() ?? 0
      let wide = row.map { made[$0].right - made[$0].left }.min() ?? 100
      let tall = min(max(0.72 * wide, 84), 190)
      let top = y + FigureText.line * Double(titles + names) + 3
      for k in row {
        made[k].top = top
        made[k].bottom = top + tall
      }
      let keys = row.map { made[$0].key.count }.max() ?? 0
      y = top + tall + Self.tick + 2 * FigureText.line + 4 + FigureText.line * Double(keys) + (keys > 0 ? 3 : 0)
      if row.upperBound < made.count { y += 8 }
    }
    height = y + 2
    for k in made.indices { finish(&made[k], k) }
    places = made
  }

  // MARK: One panel

  private static func place(_ panel: Figure.Panel, _ number: Int, of count: Int, cell: Double) -> Place {
    var colors: [Int?] = []
    var next = 0
    for series in panel.series {
      if series.style == .theory {
        colors.append(nil)
      } else if let color = series.color {
        colors.append(color)
        next = max(next, color + 1)
      } else {
        colors.append(next)
        next += 1
      }
    }
    let (x, y) = axes(panel)
    let named = panel.series.indices.filter { !panel.series[$0].name.isEmpty }
    let widest = named.map { FigureText.width(panel.series[$0].name) }.max() ?? 0
    let isDirect =
      named.count < 6 && widest <= (cell < 160 ? 0.22 : 0.36) * cell && panel.map == nil
      && !named.contains { panel.series[$0].isScattered || panel.series[$0].x.isEmpty }
    var place = Place(panel: panel, x: x, y: y, colors: colors, colorCount: max(next, 1), isDirect: isDirect)
    if let map = panel.map {
      let values = map.values.flatMap { $0 }.filter { $0.isFinite && (!map.isLogarithmic || $0 > 0) }
      var axis = FigureAxis(values, logarithmic: map.isLogarithmic, margin: 0)
      axis.choose(length: 0.6 * cell) { _ in FigureText.line }
      place.colorAxis = axis
    }
    // The panel's own height is not known yet: about this.
    let about = min(max(0.72 * (cell - 70), 84), 190)
    place.y.choose(length: about, few: few(panel, .y)) { _ in FigureText.line }
    place.left = place.y.labelWidth + tick + 4 + FigureText.line + 3
    // Names of horizontal lines stand at the right, too.
    let levels = panel.marks.filter { $0.axis == .y }.map { FigureText.width($0.name) }.max() ?? 0
    let beside = max(isDirect ? widest : 0, levels)
    place.right = beside > 0 ? beside + 12 : 8
    if let axis = place.colorAxis {
      place.right =
        6 + bar + tick + 2 + axis.labelWidth + 2 + FigureText.line + 2
    }
    place.x.choose(length: cell - place.left - place.right, few: few(panel, .x)) { FigureText.width($0) }
    if let last = place.x.major.last {
      let beyond =
        FigureText.width(last.label) / 2 - (1 - place.x.place(last.value)) * (cell - place.left - place.right)
      place.right = max(place.right, beyond + 2)
    }
    place.heading = (count > 1 ? "(\(Figure.letter(number))) " : "") + panel.title
    if !isDirect { place.key = keyRows(panel, named, width: cell - 2) }
    return place
  }

  /// The values at which an axis may have its ticks, where they are few.
  private static func few(_ panel: Figure.Panel, _ axis: Figure.Panel.Mark.Axis) -> Set<Double> {
    if let map = panel.map {
      let own = axis == .x ? map.x : map.y
      return own.count <= 8 ? Set(own) : []
    }
    guard axis == .x else { return [] }
    let own = Set(panel.series.filter { ![.theory, .line, .dashed].contains($0.style) }.flatMap(\.x))
    return own.count <= 8 ? own.filter { $0.isFinite && (!panel.xLogarithmic || $0 > 0) } : []
  }

  /// The axes over all that is drawn; curves without points reach both ends of theirs.
  private static func axes(_ panel: Figure.Panel) -> (FigureAxis, FigureAxis) {
    if let map = panel.map {
      return (
        FigureAxis(
          Figure.HeatMap.edges(map.x, logarithmic: panel.xLogarithmic), logarithmic: panel.xLogarithmic, margin: 0),
        FigureAxis(
          Figure.HeatMap.edges(map.y, logarithmic: panel.yLogarithmic), logarithmic: panel.yLogarithmic, margin: 0)
      )
    }
    var (xs, ys): ([Double], [Double]) = ([], [])
    func add(_ x: [Double], _ y: [Double]) {
      for (x, y) in zip(x, y) where panel.shows(x, y) {
        xs.append(x)
        ys.append(y)
      }
    }
    for series in panel.series {
      add(series.x, series.y)
      if let low = series.low, let high = series.high {
        add(series.x, low)
        add(series.x, high)
      }
      for strand in series.strands { add(strand.x, strand.y) }
    }
    for mark in panel.marks
    where mark.axis == .x ? !panel.xLogarithmic || mark.value > 0 : !panel.yLogarithmic || mark.value > 0 {
      if mark.axis == .x { xs.append(mark.value) } else { ys.append(mark.value) }
    }
    let isOfLines = panel.series.first.map { [.line, .dashed].contains($0.style) } ?? false
    return (
      FigureAxis(xs, logarithmic: panel.xLogarithmic, margin: isOfLines ? 0 : 0.04),
      FigureAxis(ys, logarithmic: panel.yLogarithmic, margin: 0.05)
    )
  }

  /// The entries of a key in rows of at most a width.
  private static func keyRows(_ panel: Figure.Panel, _ named: [Int], width: Double) -> [[(series: Int, x: Double)]] {
    var rows: [[(series: Int, x: Double)]] = []
    var x = 0.0
    for index in named {
      let need = sample + 4 + min(FigureText.width(panel.series[index].name), width - sample - 4) + 12
      if rows.isEmpty || x + need - 12 > width {
        rows.append([])
        x = 0
      }
      rows[rows.count - 1].append((index, x))
      x += need
    }
    return rows
  }

  /// The names of vertical lines, in rows in which none touches another, from below.
  private static func nameRows(_ place: Place) -> [[(mark: Figure.Panel.Mark, x: Double)]] {
    let wide = place.right - place.left
    var rows: [[(mark: Figure.Panel.Mark, x: Double)]] = []
    for mark in place.panel.marks.filter({ $0.axis == .x && !$0.name.isEmpty }).sorted(by: { $0.value < $1.value }) {
      let at = place.x.place(mark.value)
      guard at.isFinite, at >= 0, at <= 1 else { continue }
      let half = FigureText.width(mark.name) / 2
      let x = min(max(place.left + at * wide, place.left + half), place.right - half)
      let row = rows.firstIndex { row in
        row.allSatisfy { abs($0.x - x) >= half + FigureText.width($0.mark.name) / 2 + 4 }
      }
      if let row { rows[row].append((mark, x)) } else { rows.append([(mark, x)]) }
    }
    return rows
  }

  // MARK: Texts

  private mutating func finish(_ place: inout Place, _ number: Int) {
    let panel = place.panel
    let (wide, tall) = (place.right - place.left, place.bottom - place.top)
    place.x.choose(length: wide, few: Self.few(panel, .x)) { FigureText.width($0) }
    place.y.choose(length: tall, few: Self.few(panel, .y)) { _ in FigureText.line }
    let names = Self.nameRows(place)
    var y = place.top - 3 - FigureText.line * Double(names.count + place.title.count)
    for text in place.title {
      labels.append(Label(text: text, x: place.left, y: y + FigureText.line / 2, anchor: .left))
      y += FigureText.line
    }
    for (row, marks) in names.enumerated() {
      for (mark, x) in marks {
        labels.append(
          Label(text: mark.name, x: x, y: place.top - 1 - FigureText.line * (Double(row) + 0.5), anchor: .center))
      }
    }
    for tick in place.x.major {
      labels.append(
        Label(
          text: tick.label, x: place.left + place.x.place(tick.value) * wide,
          y: place.bottom + Self.tick + FigureText.line / 2 + 1, anchor: .center))
    }
    for tick in place.y.major {
      labels.append(
        Label(
          text: tick.label, x: place.left - Self.tick - 3, y: place.bottom - place.y.place(tick.value) * tall,
          anchor: .right))
    }
    labels.append(
      Label(
        text: FigureText.shortened(panel.xLabel, to: wide + place.left * 0.5), x: (place.left + place.right) / 2,
        y: place.bottom + Self.tick + FigureText.line * 1.5 + 3, anchor: .center))
    labels.append(
      Label(
        text: FigureText.shortened(panel.yLabel, to: tall + 2 * FigureText.line),
        x: place.left - Self.tick - 3 - place.y.labelWidth - 4 - FigureText.line / 2, y: (place.top + place.bottom) / 2,
        anchor: .upwards))
    if let axis = place.colorAxis { finish(place, axis, panel) }
    nameEnds(place, number)
    for (row, entries) in place.key.enumerated() {
      let y = place.bottom + Self.tick + 2 * FigureText.line + 7 + FigureText.line * (Double(row) + 0.5)
      let shift = place.start + 2
      for (series, x) in entries {
        strokes.append(
          Stroke(
            x0: shift + x, y0: y, x1: shift + x + Self.sample, y1: y, panel: number, series: series, isSample: true))
        labels.append(
          Label(
            text: FigureText.shortened(panel.series[series].name, to: width - shift - x - Self.sample - 6),
            x: shift + x + Self.sample + 4, y: y, anchor: .left))
      }
    }
  }

  private mutating func finish(_ place: Place, _ axis: FigureAxis, _ panel: Figure.Panel) {
    let x = place.right + 6 + Self.bar + Self.tick + 2
    for tick in axis.major {
      labels.append(
        Label(
          text: tick.label, x: x, y: place.bottom - axis.place(tick.value) * (place.bottom - place.top), anchor: .left))
    }
    labels.append(
      Label(
        // Said once.
        text: panel.map?.label == panel.title
          ? "" : FigureText.shortened(panel.map?.label ?? "", to: place.bottom - place.top + 2 * FigureText.line),
        x: x + axis.labelWidth + 2 + FigureText.line / 2, y: (place.top + place.bottom) / 2, anchor: .upwards))
  }

  /// Names at the right of the last points of curves and of horizontal lines, moved apart where they would touch.
  private mutating func nameEnds(_ place: Place, _ number: Int) {
    let (wide, tall) = (place.right - place.left, place.bottom - place.top)
    var ends: [(series: Int?, name: String, x: Double, y: Double)] = []
    for mark in place.panel.marks where mark.axis == .y && !mark.name.isEmpty {
      let y = place.bottom - place.y.place(mark.value) * tall
      if y.isFinite { ends.append((nil, mark.name, place.right, y)) }
    }
    for (index, series) in place.panel.series.enumerated() where !series.name.isEmpty && place.isDirect {
      guard let last = zip(series.x, series.y).filter({ place.panel.shows($0, $1) }).max(by: { $0.0 < $1.0 }) else {
        continue
      }
      ends.append(
        (index, series.name, place.left + place.x.place(last.0) * wide, place.bottom - place.y.place(last.1) * tall))
    }
    ends.sort { $0.y < $1.y }
    let heights = Self.spread(
      ends.map(\.y), apart: FigureText.line - 1, within: place.top + 3...max(place.bottom - 3, place.top + 4))
    for (end, y) in zip(ends, heights) {
      let x = place.right + 8
      if abs(y - end.y) > 2 || place.right - end.x > 0.05 * wide + 4 {
        strokes.append(
          Stroke(x0: end.x + 2, y0: end.y, x1: x - 2, y1: y, panel: number, series: end.series, isSample: false))
      }
      labels.append(
        Label(
          text: end.name, x: x, y: y, anchor: .left, color: end.series.flatMap { place.colors[$0] } ?? -1,
          colors: place.colorCount))
    }
  }

  /// Places as near as can be to increasing ones, at least so far apart, and within a range if that has room.
  package static func spread(_ wanted: [Double], apart: Double, within range: ClosedRange<Double>) -> [Double] {
    // Those that touch move together, about their middle.
    var groups: [(count: Int, sum: Double)] = []
    func first(_ group: (count: Int, sum: Double)) -> Double {
      let middle = group.sum / Double(group.count)
      let half = apart * Double(group.count - 1) / 2
      return max(min(middle, range.upperBound - half), range.lowerBound + half) - half
    }
    for place in wanted {
      groups.append((1, place))
      while groups.count > 1 {
        let (a, b) = (groups[groups.count - 2], groups[groups.count - 1])
        guard first(a) + apart * Double(a.count) > first(b) else { break }
        groups.removeLast(2)
        groups.append((a.count + b.count, a.sum + b.sum))
      }
    }
    return groups.flatMap { group in (0..<group.count).map { first(group) + apart * Double($0) } }
  }
}
