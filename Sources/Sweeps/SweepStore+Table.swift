import Experiments
import Files

extension SweepStore {
  /// What there is to know of its columns, for a front end that lets them be chosen.
  package var described: JSONValue {
    let axes = Set(study.axes.map(\.setting.rawValue))
    return .array(
      shown.map { column in
        .object(
          JSONObject([
            "name": .string(column.name), "long_name": .string(column.longName),
            "unit": column.unit.map { .string($0) } ?? .null, "kind": .string(column.kind == .text ? "text" : "real"),
            "axis": .bool(axes.contains(column.name)),
          ]))
      })
  }

  /// All rows that are there, an array a column along the dimension `run`, beside the numbers of the runs in `id`; numbers that a
  /// run does not have are NaN. Throws `ExportError` when the store cannot be read. Complexity: one pass, all in memory.
  package func table() throws(ExportError) -> ArrayDataset {
    var ids: [Int] = []
    var numbers = [[Double]](repeating: [], count: columns.count)
    var texts = [[String]](repeating: [], count: columns.count)
    try forEachRow { row in
      guard case .integer(let id) = row[0] else { return }
      ids.append(Int(id))
      for (k, column) in columns.enumerated() {
        if column.kind == .text {
          if case .text(let text) = row[k + 1] { texts[k].append(text) } else { texts[k].append("") }
        } else {
          numbers[k].append(row[k + 1].number)
        }
      }
    }
    let names = Set(shown.map(\.name))
    let arrays = columns.enumerated().compactMap { (k, column) -> NamedArray? in
      guard names.contains(column.name) else { return nil }
      return NamedArray(
        column.name, ["run"], column.kind == .text ? .strings(texts[k]) : .reals(numbers[k]), longName: column.longName,
        units: column.unit)
    }
    let numbersOfRuns = NamedArray("id", ["run"], .integers(ids), longName: "number of the run")
    return ArrayDataset(dimensions: [("run", ids.count)], arrays: [numbersOfRuns] + arrays)
  }

  /// The columns that say something of runs.
  private var shown: [StoreColumn] { columns.filter { $0.scope != .provenance } }
}
