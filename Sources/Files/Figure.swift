/// A drawing of curves in panels, rendered by gnuplot as SVG, PNG or PDF.
public struct Figure: Sendable {
  /// One curve or set of points.
  public struct Series: Sendable {
    /// How the points are drawn.
    public enum Style: Sendable {
      /// A line.
      case line
      /// A dashed line.
      case dashed
      /// Points joined by a line.
      case linePoints
      /// Points joined by a dashed line.
      case dashedPoints
      /// Points alone.
      case points
    }
    /// The legend's text; empty for none.
    public let name: String
    /// The points.
    public let x: [Double]
    /// The points.
    public let y: [Double]
    /// How they are drawn.
    public let style: Style

    /// A series from its parts.
    public init(_ name: String, x: [Double], y: [Double], style: Style = .line) {
      self.name = name
      self.x = x
      self.y = y
      self.style = style
    }
  }

  /// One set of axes.
  public struct Panel: Sendable {
    /// The heading.
    public let title: String
    /// What is along the axes, with units.
    public let xLabel, yLabel: String
    /// Whether the axes are logarithmic; points that are not positive are then left out.
    public let xLogarithmic, yLogarithmic: Bool
    /// What is drawn.
    public let series: [Series]

    /// A panel from its parts.
    public init(
      _ title: String, xLabel: String, yLabel: String, xLogarithmic: Bool = false, yLogarithmic: Bool = false,
      series: [Series]
    ) {
      self.title = title
      self.xLabel = xLabel
      self.yLabel = yLabel
      self.xLogarithmic = xLogarithmic
      self.yLogarithmic = yLogarithmic
      self.series = series
    }
  }

  /// The heading over all panels.
  public let title: String
  /// The panels, row by row.
  public let panels: [Panel]
  /// The number of panels in a row.
  public let columns: Int

  /// The endings, and so formats, that can be drawn.
  public static let endings = [".svg", ".png", ".pdf"]

  /// A figure from its parts.
  public init(_ title: String, columns: Int, panels: [Panel]) {
    self.title = title
    self.columns = max(columns, 1)
    self.panels = panels
  }

  /// The gnuplot commands that draw the figure to `path` in the format of the ending of `path`.
  func script(to path: String) -> String {
    let rows = (panels.count + columns - 1) / columns
    // A long legend below the axis would run into its label: it stands at the right, and the panels are wider.
    let isCrowded = panels.contains { $0.series.count > 5 }
    let (width, height) = ((isCrowded ? 820 : 560) * columns, 420 * rows + 30)
    let terminal =
      if path.hasSuffix(".svg") {
        "svg size \(width),\(height) dynamic font 'DejaVu Sans,13' background 'white'"
      } else if path.hasSuffix(".pdf") {
        "pdfcairo size \(Double(width) / 100)in,\(Double(height) / 100)in font 'DejaVu Sans,11'"
      } else {
        "pngcairo size \(2 * width),\(2 * height) fontscale 2 linewidth 2 pointscale 2 font 'DejaVu Sans,11'"
      }
    var text = """
      set encoding utf8
      set terminal \(terminal)
      set output \(quoted(path))
      set multiplot layout \(rows),\(columns) title \(quoted(title)) noenhanced
      set grid linecolor rgb '#dddddd'
      set format '%g'
      set key \(isCrowded ? "outside right top vertical" : "bmargin center horizontal") samplen 2 noenhanced width -1
      set lmargin 11
      set bmargin \(isCrowded ? 4 : 7.5)

      """
    for (p, panel) in panels.enumerated() {
      text += panel.xLogarithmic ? "set logscale x; set format x '10^{%L}'\n" : "unset logscale x; set format x '%g'\n"
      text += panel.yLogarithmic ? "set logscale y; set format y '10^{%L}'\n" : "unset logscale y; set format y '%g'\n"
      text += "set autoscale; set autoscale xfix; set xtics autofreq\n"
      if panel.xLogarithmic { text += Self.tics(Set(panel.series.flatMap(\.x))) }
      text += "set title \(quoted(panel.title)) noenhanced\n"
      text +=
        "set xlabel \(quoted(panel.xLabel)) noenhanced offset 0,0.3; set ylabel \(quoted(panel.yLabel)) noenhanced\n"
      var plots: [String] = []
      for (k, series) in panel.series.enumerated() {
        let drawable = zip(series.x, series.y).contains {
          $0.isFinite && $1.isFinite && (!panel.xLogarithmic || $0 > 0) && (!panel.yLogarithmic || $1 > 0)
        }
        guard drawable else { continue }
        text += "$data\(p)x\(k) << EOD\n"
        for (x, y) in zip(series.x, series.y)
        where x.isFinite && y.isFinite && (!panel.xLogarithmic || x > 0) && (!panel.yLogarithmic || y > 0) {
          text += "\(x) \(y)\n"
        }
        text += "EOD\n"
        let color = Self.colors[k % Self.colors.count]
        let style =
          switch series.style {
          case .line: "lines linewidth 2"
          case .dashed: "lines dashtype 2 linewidth 1.5"
          case .linePoints: "linespoints linewidth 2 pointtype 7 pointsize 0.7"
          case .dashedPoints: "linespoints dashtype 2 linewidth 1.5 pointtype 6 pointsize 0.6"
          case .points: "points pointtype 7 pointsize 0.7"
          }
        let name = series.name.isEmpty ? "notitle" : "title \(quoted(series.name))"
        plots.append("$data\(p)x\(k) using 1:2 with \(style) linecolor rgb '\(color)' \(name)")
      }
      text += plots.isEmpty ? "" : "plot \(plots.joined(separator: ", \\\n  "))\n"
    }
    return text + "unset multiplot\nunset output\n"
  }

  /// A logarithmic axis over a few values is labelled at these values, and a little longer than they reach.
  private static func tics(_ values: Set<Double>) -> String {
    let sorted = values.filter { $0 > 0 && $0.isFinite }.sorted()
    guard sorted.count <= 8, let first = sorted.first, let last = sorted.last else { return "" }
    let labels = sorted.map { "\($0)" }.joined(separator: ", ")
    return "set format x '%g'; set xtics (\(labels)); set xrange [\(first / 1.3):\(last * 1.3)]\n"
  }

  /// The palette of Okabe and Ito, which colour-blind readers can tell apart.
  private static let colors = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"]

  private func quoted(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
  }
}
