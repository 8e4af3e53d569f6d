import Files
import Sweeps

/// The results of a study, of all its parts one after another, by columns, for summaries.
public struct ResultTable {
  /// The study of each part.
  public let studies: [Study]
  private let columns: [String: [Double]]
  private let texts: [String]
  /// The number of runs.
  public let count: Int

  /// The study of the first part.
  var study: Study { studies[0] }

  /// The results in the stores of the parts. Throws `ExportError` when one cannot be read.
  public init(_ stores: [SweepStore]) throws(ExportError) {
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
    self.columns = columns.mapValues { $0 + [Double](repeating: .nan, count: count - $0.count) }
    self.texts = texts
    self.count = count
  }

  /// The names of the largest |θᵢ| of a row.
  func topFeatures(_ row: Int) -> Set<String> { Set(texts[row].split(separator: " ").map(String.init)) }

  /// A column; not-a-number where there is nothing.
  public subscript(name: String) -> [Double] { columns[name] ?? [Double](repeating: .nan, count: count) }

  /// One result; not-a-number where there is nothing.
  public subscript(name: String, row: Int) -> Double { columns[name]?[row] ?? .nan }

  /// The values of a column over rows, all of them or some, each once, ascending.
  func values(_ name: String, _ rows: [Int]? = nil) -> [Double] {
    Set((rows ?? Array(0..<count)).map { self[name, $0] }).sorted()
  }

  /// All rows, or some, for each value of a column, ascending.
  func split(_ rows: [Int]? = nil, by name: String) -> [(value: Double, rows: [Int])] {
    values(name, rows).map { value in (value, (rows ?? Array(0..<count)).filter { self[name, $0] == value }) }
  }

  /// The value in the middle of all values of a column.
  func middle(_ name: String) -> Double {
    let values = values(name)
    return values.isEmpty ? .nan : values[values.count / 2]
  }

  /// The rows of each combination of some columns' values, in order of first appearance.
  func groups(by names: [String]) -> [(key: [Double], rows: [Int])] {
    var order: [[Double]] = []
    var rows: [[Double]: [Int]] = [:]
    for row in 0..<count {
      let key = names.map { self[$0, row] }
      if rows[key] == nil { order.append(key) }
      rows[key, default: []].append(row)
    }
    return order.map { ($0, rows[$0] ?? []) }
  }

  /// Quartiles of a column over rows, those that are not finite left out.
  func quartiles(_ name: String, _ rows: [Int]) -> Quartiles { Quartiles(rows.map { self[name, $0] }) }
}
