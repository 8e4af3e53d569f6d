import Dynamics
import Files
import LinearAlgebra

extension RegressionProblem {
  /// A problem from files that `InputArray` reads: the design matrix, one target a sample and, when known, θ*, one value a
  /// feature. `format` says how those of text are to be read, and `notes` how they were.
  ///
  /// A row that misses a value in X or y is left out of both, a column of X out of θ*, as `format.missing` says.
  /// Throws `InvalidInput` for anything unusable in the files or shapes that disagree.
  package init(
    designAt path: String, responseAt responsePath: String, truthAt truthPath: String?, format: TableFormat,
    notes: inout [Message]
  ) throws(InvalidInput) {
    let file = try ArrayFile(path)
    var table: NumericTable?
    var matrix: DesignMatrix?
    if file.format.isText {
      let found = try file.table(format)
      notes += found.notes
      table = found
    } else {
      guard format.index == nil, format.drop.isEmpty else {
        throw InvalidInput(
          format.options[0], because: "\(path) is \(file.format.rawValue), whose columns have no names",
          remedy: "these options are for tables of text")
      }
      matrix = try InputArray.matrix(of: file)
    }
    let (rows, columns) = (table?.rows ?? matrix?.rows ?? 0, table?.columns ?? matrix?.columns ?? 0)
    let targets = try InputArray.vector(responsePath, format, notes: &notes)
    try Self.require(targets.values.count == rows, responsePath, "\(targets.values.count) values", path, "\(rows) rows")
    var truth: [Double]?
    if let truthPath {
      let values = try InputArray.column(truthPath, format, notes: &notes)
      try Self.require(values.count == columns, truthPath, "\(values.count) values", path, "\(columns) columns")
      truth = values
    }
    var response = targets.values
    switch format.missing {
    case .refuse: break
    case .dropColumns:
      if let row = targets.incompleteRows.first {
        throw InvalidInput(
          "\(responsePath), value \(row + 1)", because: "a target is missing",
          remedy: "leave such rows out with \(.missing, "drop-rows")")
      }
      if let whole = table {
        let gone = Set(whole.incompleteColumns)
        table = try whole.removingIncompleteColumns(path, notes: &notes)
        truth = truth?.enumerated().filter { !gone.contains($0.offset) }.map(\.element)
      }
    case .dropRows:
      let gone = Set((table?.incompleteRows ?? []) + targets.incompleteRows)
      guard gone.count < rows else {
        throw InvalidInput(path, because: "a value is missing in every row", remedy: "try \(.missing, "drop-columns")")
      }
      guard !gone.isEmpty else { break }
      let shown = gone.sorted().prefix(6).map { "\($0 + 1)" }.joined(separator: ", ") + (gone.count > 6 ? ", …" : "")
      notes.append("\(path): \(gone.count) of \(rows) rows miss values and were left out (\(shown), counted from 1)")
      let kept = (0..<rows).filter { !gone.contains($0) }
      table = table?.removing(rows: gone)
      matrix = matrix?.selecting(rows: kept)
      response = kept.map { response[$0] }
    }
    if let table { matrix = try DesignMatrix(rows: table.rows, columns: table.columns, elements: table.cells) }
    guard let matrix else { throw InvalidInput(path, because: "it holds no matrix") }
    let names = table?.names ?? []
    try self.init(
      (matrix, path), response: (response, responsePath), truth: truth.map { ($0, truthPath ?? "") },
      featureNames: names.isEmpty ? nil : names)
  }

  private static func require(
    _ fits: Bool, _ path: String, _ found: String, _ design: String, _ extent: String
  ) throws(InvalidInput) {
    guard !fits else { return }
    throw InvalidInput(
      path, because: "it has \(found) where \(design) has \(extent)",
      remedy: extent.hasSuffix("rows")
        ? "one target a row of the design matrix is needed; if the first line of a file holds names, give \(.header, "yes")"
        : "one coefficient a feature is needed")
  }
}
