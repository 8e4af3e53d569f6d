import Export

/// The results of a study, of all its parts one after another, by columns, for summaries.
struct ResultTable {
  let studies: [Study]
  private let columns: [String: [Double]]
  private let texts: [String]
  let count: Int

  /// The study of the first part.
  var study: Study { studies[0] }

  init(_ stores: [SweepStore]) throws(ExportError) {
    studies = stores.map(\.study)
    var columns: [String: [Double]] = [:]
    var texts: [String] = []
    var count = 0
    // Groups are told apart by doubles, which do not hold every seed: where they do not, seeds are numbered.
    var seeds: [String: Double] = [:]
    let numbersSeeds = stores.contains { $0.study.values(of: .seed).contains { $0.double >= 0x1p53 } }
    for (part, store) in stores.enumerated() {
      let names = store.columnNames
      let top = names.firstIndex(of: "top_features")
      try store.forEachRow { row in
        for (k, name) in names.enumerated() {
          var column = columns[name] ?? []
          // Parts may have axes of their own.
          while column.count < count { column.append(.nan) }
          let isSeed = numbersSeeds && name == Setting.seed.rawValue
          if isSeed, seeds[row[k].text] == nil { seeds[row[k].text] = Double(seeds.count) }
          column.append(isSeed ? seeds[row[k].text] ?? .nan : row[k].number)
          columns[name] = column
        }
        columns["part", default: []].append(Double(part))
        texts.append(top.map { row[$0].text } ?? "")
        count += 1
      }
    }
    self.columns = columns
    self.texts = texts
    self.count = count
  }

  /// The names of the largest |θᵢ| of a row.
  func topFeatures(_ row: Int) -> Set<String> { Set(texts[row].split(separator: " ").map(String.init)) }

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
