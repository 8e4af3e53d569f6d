import Figures

/// Curves of one panel that grow point by point, in the order of their first ones.
struct Curves {
  /// One curve, with what each point is the median of.
  struct Curve {
    let name: String
    fileprivate(set) var x: [Double] = []
    fileprivate(set) var y: [Quartiles] = []
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
    curves = [Curve(name: name, x: x, y: y.map { Quartiles([$0]) })]
    self.style = style
  }

  /// Adds a point to the curve of that name.
  mutating func add(_ name: String, _ x: Double, _ y: Double) { add(name, x, Quartiles([y])) }

  /// Adds the median of repetitions, which are in one order at every point, with their quartiles.
  mutating func add(_ name: String, _ x: Double, _ y: Quartiles) {
    let index = curves.firstIndex { $0.name == name } ?? curves.count
    if index == curves.count { curves.append(Curve(name: name)) }
    curves[index].x.append(x)
    curves[index].y.append(y)
  }

  /// The panel of these curves, logarithmic along the axes named, over what theory says.
  func panel(
    _ title: String, x: String, y: String, logarithmic axes: Set<Axis>, marks: [Figure.Panel.Mark] = [],
    theory: [Figure.Series] = []
  ) -> Figure.Panel {
    Figure.Panel(
      title, xLabel: x, yLabel: y, xLogarithmic: axes.contains(.x), yLogarithmic: axes.contains(.y),
      series: theory + curves.map(series), marks: marks)
  }

  private func series(_ curve: Curve) -> Figure.Series {
    let count = curve.y.map(\.values.count).min() ?? 0
    let isRepeated = count > 1 && curve.y.allSatisfy { $0.values.count == count }
    return Figure.Series(
      curve.name, x: curve.x, y: curve.y.map(\.median), low: isRepeated ? curve.y.map(\.low) : nil,
      high: isRepeated ? curve.y.map(\.high) : nil,
      strands: isRepeated && count <= 10
        ? (0..<count).map { k in Figure.Series.Strand(x: curve.x, y: curve.y.map { $0.values[k] }) } : [],
      style: style)
  }
}
