import Dynamics
import Experiments
import Files

extension SweepStore {
  /// The endings of files that results can be exported to.
  public static let exportEndings = [".csv", ".nc"]

  /// Writes all runs: as CSV, a row each, or as NetCDF with the axes as coordinates, by the ending of `path`; what is not
  /// there yet is not-a-number or empty. Throws `ExportError`.
  public func export(to path: String, provenance: Provenance) throws(ExportError) {
    if path.hasSuffix(".csv") {
      try CSVFile.write(path, header: columnNames) { put throws(ExportError) in
        try forEachRow { put($0.map(\.text)) }
      }
    } else {
      try NetCDFFile.write(try dataset(provenance), to: path)
    }
  }

  private func dataset(_ provenance: Provenance) throws(ExportError) -> ArrayDataset {
    let (groups, shape) = (study.groups, study.shape)
    let axes = Set(study.axes.map(\.setting.rawValue))
    var cells: [ExportedColumn] = []
    for (place, column) in columns.enumerated() where column.isExported && !axes.contains(column.name) {
      cells.append(ExportedColumn(column, at: place + 1, count: shape.reduce(1, *), study))
    }
    try forEachRow { row in
      guard case .integer(let id) = row[0] else { return }
      for k in cells.indices { cells[k].put(row, Int(id)) }
    }
    // A dimension bears the name of its first axis; zipped ones are further coordinates along it.
    let names = groups.map { $0[0].setting.rawValue }
    var arrays: [NamedArray] = []
    for (group, name) in zip(groups, names) {
      for axis in group {
        arrays.append(
          NamedArray(
            axis.setting.rawValue, [name], Self.coordinates(axis), longName: "axis of the study",
            units: axis.setting.names == nil ? "1" : nil))
      }
    }
    let further = groups.flatMap { $0.dropFirst().map(\.setting.rawValue) }
    for cell in cells {
      arrays.append(
        NamedArray(
          cell.column.name, names, cell.values, longName: cell.column.longName, units: cell.column.unit,
          coordinates: further.isEmpty ? nil : further.joined(separator: " ")))
    }
    return ArrayDataset(
      dimensions: zip(names, shape).map { ($0, $1) }, arrays: arrays,
      attributes: provenance.attributes(title: "Study \(study.name)") + [("method", .text(study.method.rawValue))])
  }

  private static func coordinates(_ axis: Axis) -> NamedArray.Values {
    if axis.setting.names != nil { return .strings(axis.values.map(axis.setting.text)) }
    guard axis.setting.isInteger else { return .reals(axis.values.map(\.double)) }
    let whole = axis.values.map { $0.unsigned ?? 0 }
    return axis.values.contains(where: \.exceedsSigned) ? .unsigned(whole) : .integers(whole.map { Int($0) })
  }
}

/// A column on its way into an array over the grid.
private struct ExportedColumn {
  let column: StoreColumn
  private let place: Int
  private(set) var values: NamedArray.Values

  /// A column that stands at `place` in its rows. A seed that doubles do not hold is the same in all runs (it is no axis),
  /// and a whole number.
  init(_ column: StoreColumn, at place: Int, count: Int, _ study: Study) {
    self.column = column
    self.place = place
    if column.name == Setting.seed.rawValue, let seed = study.fixed.seed, seed >= 1 << 53 {
      values =
        Int(exactly: seed).map { .integers([Int](repeating: $0, count: count)) }
        ?? .unsigned([UInt64](repeating: seed, count: count))
    } else if column.kind == .text {
      values = .strings([String](repeating: "", count: count))
    } else {
      values = .reals([Double](repeating: .nan, count: count))
    }
  }

  /// Takes the cell of run `id`.
  mutating func put(_ row: [StoredValue], _ id: Int) {
    guard id >= 0, id < values.count else { return }
    switch values {
    case .strings(var texts):
      values = .strings([])
      texts[id] = row[place].text
      values = .strings(texts)
    case .reals(var numbers):
      values = .reals([])
      numbers[id] = row[place].number
      values = .reals(numbers)
    case .integers, .unsigned: break
    }
  }
}
