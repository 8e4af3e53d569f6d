import RealModule

extension Figure {
  /// One set of axes.
  public struct Panel: Sendable {
    /// A value on an axis that has a name: λ_cert, λ_c, λ*.
    public struct Mark: Sendable {
      /// Which axis it is on.
      public enum Axis: Sendable { case x, y }
      let axis: Axis
      /// Where it is.
      public let value: Double
      let name: String

      /// A named value on an axis.
      public init(_ axis: Axis, at value: Double, _ name: String) {
        (self.axis, self.value, self.name) = (axis, value, name)
      }
    }

    /// The heading.
    public let title: String
    /// What is along the axes, with units.
    public let xLabel, yLabel: String
    /// Whether the axes are logarithmic; points that are not positive are then left out.
    public let xLogarithmic, yLogarithmic: Bool
    /// What is drawn.
    public let series: [Series]
    /// The lines at values with a name.
    public let marks: [Mark]
    /// The map that the series are drawn over.
    public let map: HeatMap?

    /// A panel from its parts.
    public init(
      _ title: String, xLabel: String, yLabel: String, xLogarithmic: Bool = false, yLogarithmic: Bool = false,
      series: [Series], marks: [Mark] = [], map: HeatMap? = nil
    ) {
      self.title = title
      self.xLabel = xLabel
      self.yLabel = yLabel
      self.xLogarithmic = xLogarithmic
      self.yLogarithmic = yLogarithmic
      self.series = series
      self.marks = marks.filter { $0.value.isFinite }
      self.map = map
    }

    /// Whether a point has a place on the axes.
    func shows(_ x: Double, _ y: Double) -> Bool {
      x.isFinite && y.isFinite && (!xLogarithmic || x > 0) && (!yLogarithmic || y > 0)
    }
  }

  /// A quantity over a grid, as colours.
  public struct HeatMap: Sendable {
    /// The values of the grid on both axes, increasing.
    public let x, y: [Double]
    /// The quantity, a row for each y; what is not finite is left grey.
    public let values: [[Double]]
    /// What it is.
    public let label: String
    /// Whether its colours are even in the logarithm.
    public let isLogarithmic: Bool

    /// A map from its parts.
    public init(x: [Double], y: [Double], values: [[Double]], label: String, isLogarithmic: Bool) {
      self.x = x
      self.y = y
      self.values = values
      self.label = label
      self.isLogarithmic = isLogarithmic
    }

    /// The map of a quantity at points of a grid, the median where there are several at one.
    public init(_ points: [(x: Double, y: Double, value: Double)], label: String, isLogarithmic: Bool) {
      let (x, y) = (Set(points.map(\.x)).sorted(), Set(points.map(\.y)).sorted())
      let (columns, rows) = (
        Dictionary(uniqueKeysWithValues: zip(x, x.indices)), Dictionary(uniqueKeysWithValues: zip(y, y.indices))
      )
      var cells = [[[Double]]](repeating: [[Double]](repeating: [], count: x.count), count: y.count)
      for point in points {
        if let i = columns[point.x], let j = rows[point.y], point.value.isFinite { cells[j][i].append(point.value) }
      }
      self.init(
        x: x, y: y,
        values: cells.map { row in
          row.map { values in
            let sorted = values.sorted()
            guard let last = sorted.indices.last else { return .nan }
            return (sorted[last / 2] + sorted[(last + 1) / 2]) / 2
          }
        }, label: label, isLogarithmic: isLogarithmic)
    }

    /// The ends of cells around increasing values, halfway between them: one more than values.
    static func edges(_ values: [Double], logarithmic: Bool) -> [Double] {
      let places = logarithmic ? values.map { Double.log($0) } : values
      guard places.count > 1 else {
        let half = logarithmic ? 0.35 : max(abs(places.first ?? 0) / 2, 0.5)
        return places.flatMap { [$0 - half, $0 + half] }.map { logarithmic ? Double.exp($0) : $0 }
      }
      let between = zip(places, places.dropFirst()).map { ($0 + $1) / 2 }
      let last = places.count - 1
      let ends = [2 * places[0] - between[0]] + between + [2 * places[last] - between[last - 1]]
      return logarithmic ? ends.map { Double.exp($0) } : ends
    }
  }
}
