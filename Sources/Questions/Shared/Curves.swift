import Files

/// Curves of one panel that grow point by point, in the order of their first ones.
struct Curves {
  /// One curve.
  struct Curve {
    let name: String
    fileprivate(set) var x, y: [Double]
  }

  /// An axis of a panel.
  enum Axis { case x, y }

  /// What there is so far.
  private(set) var curves: [Curve] = []
  private let style: Figure.Series.Style

  /// No curve yet.
  init() { style = .linePoints }

  /// One curve of given points.
  init(_ name: String, x: [Double], y: [Double], style: Figure.Series.Style = .linePoints) {
    curves = [Curve(name: name, x: x, y: y)]
    self.style = style
  }

  /// Adds a point to the curve of that name.
  mutating func add(_ name: String, _ x: Double, _ y: Double) {
    let index = curves.firstIndex { $0.name == name } ?? curves.count
    if index == curves.count { curves.append(Curve(name: name, x: [], y: [])) }
    curves[index].x.append(x)
    curves[index].y.append(y)
  }

  /// The panel of these curves, logarithmic along the axes named.
  func panel(_ title: String, x: String, y: String, logarithmic axes: Set<Axis>) -> Figure.Panel {
    Figure.Panel(
      title, xLabel: x, yLabel: y, xLogarithmic: axes.contains(.x), yLogarithmic: axes.contains(.y),
      series: curves.map { Figure.Series($0.name, x: $0.x, y: $0.y, style: style) })
  }
}
