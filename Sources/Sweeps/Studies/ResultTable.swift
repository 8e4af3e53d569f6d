import Export

/// The results of a study by columns, for summaries.
struct ResultTable {
  let study: Study
  private let columns: [String: [Double]]
  let count: Int

  init(_ store: SweepStore) throws(ExportError) {
    study = store.study
    let names = store.columnNames
    var columns = [[Double]](repeating: [], count: names.count)
    try store.forEachRow { row in
      for (k, value) in row.enumerated() { columns[k].append(value.number) }
    }
    count = columns.first?.count ?? 0
    self.columns = Dictionary(uniqueKeysWithValues: zip(names, columns))
  }

  /// A column; not-a-number where there is nothing.
  subscript(name: String) -> [Double] { columns[name] ?? [Double](repeating: .nan, count: count) }

  /// The rows of each combination of some columns' values, in order of first appearance.
  func groups(by names: [String]) -> [(key: [Double], rows: [Int])] {
    var order: [[Double]] = []
    var rows: [[Double]: [Int]] = [:]
    for row in 0..<count {
      let key = names.map { self[$0][row] }
      if rows[key] == nil { order.append(key) }
      rows[key, default: []].append(row)
    }
    return order.map { ($0, rows[$0] ?? []) }
  }

  /// Quartiles of a column over rows, those that are not finite left out.
  func quartiles(_ name: String, _ rows: [Int]) -> Quartiles { Quartiles(rows.map { self[name][$0] }) }
}

/// Median and quartiles of numbers; not-a-number when there are none.
struct Quartiles {
  let (low, median, high): (Double, Double, Double)

  init(_ values: [Double]) {
    let sorted = values.filter(\.isFinite).sorted()
    func quantile(_ share: Double) -> Double {
      guard let last = sorted.last else { return .nan }
      let place = share * Double(sorted.count - 1)
      let index = Int(place)
      guard index + 1 < sorted.count else { return last }
      return sorted[index] + (place - Double(index)) * (sorted[index + 1] - sorted[index])
    }
    (low, median, high) = (quantile(0.25), quantile(0.5), quantile(0.75))
  }
}
