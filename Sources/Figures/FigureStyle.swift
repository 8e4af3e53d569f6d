import Dynamics

/// How a figure is drawn: its width and its colours. Texts are of 8 points at every width.
public struct FigureStyle: Sendable, Equatable {
  /// For paper, or for pages of the web that are dark.
  public enum Theme: String, Sendable, CaseIterable { case light, dark }

  /// The widths of one column and of two, in inches.
  public static let column = 3.25, page = 6.75

  /// The width in inches.
  public let width: Double
  /// The colours.
  public let theme: Theme

  /// A style. Throws `InvalidInput` for a width that no page has, below 2 or above 40 inches.
  public init(width: Double = page, theme: Theme = .light) throws(InvalidInput) {
    guard width >= 2, width <= 40 else {
      throw InvalidInput(
        "width \(width) in", because: "figures are 2 to 40 inches wide", remedy: "papers take 3.25in or 6.75in")
    }
    self.width = width
    self.theme = theme
  }

  private init() { (width, theme) = (Self.page, .light) }

  /// Two columns, light.
  public static let standard = FigureStyle()

  var background: String { theme == .light ? "#ffffff" : "#15181c" }
  var foreground: String { theme == .light ? "#222222" : "#dde2e8" }
  var grid: String { theme == .light ? "#e4e4e4" : "#2d333a" }
  var theory: String { theme == .light ? "#6b6b6b" : "#9aa3ad" }
  var missing: String { theme == .light ? "#d0d0d0" : "#3a4048" }

  /// Colours of Okabe and Ito, which colour-blind readers can tell apart, so dark (or light) that texts in them can be read; more
  /// than five are steps from dark to bright.
  func color(_ index: Int, of count: Int) -> String {
    if count > 5 {
      let stops = theme == .light ? Self.steps.dropLast() : Self.steps.dropFirst()
      let place = Double(index % count) / Double(count - 1) * Double(stops.count - 1)
      let low = min(Int(place), stops.count - 2)
      let (a, b, part) = (stops[stops.startIndex + low], stops[stops.startIndex + low + 1], place - Double(low))
      return Self.hexadecimal((0..<3).map { Int((Double(a[$0]) + part * Double(b[$0] - a[$0])).rounded()) })
    }
    let colors =
      theme == .light
      ? ["#0067a6", "#c04a00", "#007a58", "#a04a86", "#8a6200", "#3a3a3a", "#5b50b8"]
      : ["#56b4e9", "#ff8c42", "#2fcf9f", "#e39bc6", "#f0c04a", "#c8ced6", "#a9a0ff"]
    return colors[index % colors.count]
  }

  /// Red, green and blue from 0 to 255 as gnuplot takes them.
  static func hexadecimal(_ rgb: [Int]) -> String {
    "#" + rgb.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  /// Viridis.
  static let steps = [
    [68, 1, 84], [72, 40, 120], [62, 74, 137], [49, 104, 142], [38, 130, 142], [31, 158, 137], [53, 183, 121],
    [109, 205, 89], [180, 222, 44], [253, 231, 37],
  ]
}
