import Dynamics
import Experiments
import Figures

extension SweepStore {
  /// Maps of quantities over two axes of the study, medians over all others, with lines of equal λ over γ and β; an axis of
  /// momenta is shown as 1 − β.
  ///
  /// - Parameters:
  ///   - quantities: columns of the store.
  ///   - axes: the settings across and upwards; nil for the first two axes that have several values.
  ///   - filters: which runs.
  ///
  /// Throws `InvalidInput` for what the study does not have, `ExportError` when the store cannot be read.
  public func map(of quantities: [String], over axes: (x: String, y: String)? = nil, filters: [RunFilter] = []) throws
    -> Figure
  {
    let numeric = study.axes.filter { $0.setting.names == nil && $0.values.count > 1 }.map(\.setting.rawValue)
    let (x, y) = try axes ?? Self.firstTwo(numeric)
    for name in [x, y] where !numeric.contains(name) {
      throw InvalidInput(
        name, because: "it is no axis of the study with several numbers",
        remedy: "choose two of " + numeric.joined(separator: ", "))
    }
    guard x != y else {
      throw InvalidInput(
        x, because: "it cannot be on both axes", remedy: "choose two of " + numeric.joined(separator: ", "))
    }
    let known = columns.filter { $0.isExported && $0.kind != .text }.map(\.name)
    for name in quantities where !known.contains(name) {
      throw InvalidInput(
        name, because: "the store has no such quantity", remedy: "choose among " + known.joined(separator: ", "))
    }
    let places = Dictionary(columnNames.enumerated().map { ($1, $0) }) { first, _ in first }
    func place(_ name: String) -> Int { places[name] ?? 0 }
    var points = [[(x: Double, y: Double, value: Double)]](repeating: [], count: quantities.count)
    try forEachRow { row in
      guard case .integer(let id) = row[0], filters.allSatisfy({ $0.admits(study.settings(Int(id))) }) else { return }
      let at = (row[place(x)].number, row[place(y)].number)
      for (k, name) in quantities.enumerated() where at.0.isFinite && at.1.isFinite {
        points[k].append((Self.shown(at.0, x), Self.shown(at.1, y), row[place(name)].number))
      }
    }
    guard points.contains(where: { list in list.contains { $0.value.isFinite } }) else {
      throw InvalidInput(
        quantities.joined(separator: ", "), because: "no run that is meant has a value of it",
        remedy: "loosen the conditions, or go on with the sweep")
    }
    for (name, values) in [(x, points[0].map(\.x)), (y, points[0].map(\.y))] where Set(values).count < 2 {
      throw InvalidInput(
        name, because: "the runs that are meant have one value of it, and a map needs two",
        remedy: "loosen the conditions")
    }
    let others = numeric.filter { $0 != x && $0 != y }
    return Figure(
      study.name + (others.isEmpty ? "" : ": medians over " + others.joined(separator: ", ")), columns: 2,
      panels: zip(quantities, points).map { name, points in
        let column = columns.first { $0.name == name }
        let values = points.map(\.value).filter(\.isFinite)
        let isWide = values.allSatisfy { $0 > 0 } && (values.max() ?? 1) > 5 * (values.min() ?? 1)
        let label = column?.longName ?? name
        return Figure.Panel(
          label, xLabel: Self.label(x), yLabel: Self.label(y), xLogarithmic: Self.isGeometric(points.map(\.x), x),
          yLogarithmic: Self.isGeometric(points.map(\.y), y), series: Self.lines(x, y, points),
          map: Figure.HeatMap(points, label: label, isLogarithmic: isWide))
      })
  }

  private static func firstTwo(_ names: [String]) throws(InvalidInput) -> (x: String, y: String) {
    guard names.count >= 2 else {
      throw InvalidInput("map", because: "the study has fewer than two axes of several numbers")
    }
    return (names[0], names[1])
  }

  /// β is shown as 1 − β: what matters is how far it is from 1.
  private static func shown(_ value: Double, _ name: String) -> Double { name == "beta" ? 1 - value : value }

  private static func label(_ name: String) -> String {
    ["gamma": "γ", "beta": "1 − β", "lambda": "λ", "alpha": "α", "step": "time step ε"][name] ?? name
  }

  /// Whether values are positive, and spaced evenly in their logarithm rather than themselves, or momenta that come near 1.
  private static func isGeometric(_ values: [Double], _ name: String) -> Bool {
    let sorted = Set(values).sorted()
    guard sorted.count > 2, sorted[0] > 0 else { return false }
    if name == "beta", sorted[0] <= 0.2 { return true }
    let ratios = zip(sorted, sorted.dropFirst()).map { $1 / $0 }
    return (ratios.max() ?? 0) <= 1.01 * (ratios.min() ?? 1)
  }

  /// Lines of equal λ over γ and β.
  private static func lines(
    _ x: String, _ y: String, _ points: [(x: Double, y: Double, value: Double)]
  ) -> [Figure.Series] {
    guard isGeometric(points.map(\.x), x), isGeometric(points.map(\.y), y) else { return [] }
    if (x, y) == ("gamma", "beta") { return Figure.Series.equalLambda(points.map { ($0.x, $0.y) }) }
    guard (x, y) == ("beta", "gamma") else { return [] }
    return Figure.Series.equalLambda(points.map { ($0.y, $0.x) }).map(\.transposed)
  }
}
