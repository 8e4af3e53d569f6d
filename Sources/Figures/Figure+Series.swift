import RealModule

extension Figure {
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
      /// Open circles.
      case circles
      /// Large dots.
      case dots
      /// What theory says: a thin grey line.
      case theory
    }

    /// One repetition of what a curve is the median of.
    public struct Strand: Sendable {
      /// The points.
      public let x, y: [Double]

      /// A strand of points.
      public init(x: [Double], y: [Double]) { (self.x, self.y) = (x, y) }
    }

    /// What it is called; empty for nothing.
    public let name: String
    /// The points.
    public let x, y: [Double]
    /// The quartiles beside each point, shown as a band.
    public let low, high: [Double]?
    /// The repetitions, shown as thin lines.
    public let strands: [Strand]
    /// How they are drawn.
    public let style: Style
    /// Which of the colours, where it is not the next one.
    public let color: Int?

    /// A series from its parts.
    public init(
      _ name: String, x: [Double], y: [Double], low: [Double]? = nil, high: [Double]? = nil, strands: [Strand] = [],
      style: Style = .line, color: Int? = nil
    ) {
      self.name = name
      self.x = x
      self.y = y
      self.low = low
      self.high = high
      self.strands = strands
      self.style = style
      self.color = color
    }

    /// Whether it is a set of points without a line.
    var isScattered: Bool { [.points, .circles, .dots].contains(style) }

    /// The same under another name.
    public func named(_ name: String) -> Series {
      Series(name, x: x, y: y, low: low, high: high, strands: strands, style: style, color: color)
    }

    /// The same with gaps at some x, which are increasing as its own are.
    package func broken(at places: [Double]) -> Series {
      let points = (zip(x, y).map { ($0, $1) } + places.map { ($0, Double.nan) }).sorted { $0.0 < $1.0 }
      return Series(name, x: points.map(\.0), y: points.map(\.1), style: style, color: color)
    }

    /// The same with its axes exchanged; bands and strands are left out.
    public var transposed: Series { Series(name, x: y, y: x, style: style, color: color) }

    /// The line of slope `order` on logarithmic axes over `x`, through `y` at its first point.
    public static func slope(_ order: Double, over x: [Double], from y: Double) -> Series {
      let text = FigureAxis.plain(order)
      let ends = [x.min(), x.max()].compactMap { $0 }
      return Series(
        "slope \(text)", x: ends, y: ends.map { y * Double.pow($0 / (ends.first ?? 1), order) }, style: .theory)
    }
  }
}
