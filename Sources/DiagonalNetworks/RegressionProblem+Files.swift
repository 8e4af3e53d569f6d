import Dynamics

extension RegressionProblem {
  /// A problem from a table with a header: `target` is the response, every other column a feature.
  ///
  /// Throws `InvalidInput` for anything unusable in the file, a missing target or no feature column.
  public init(tableAt path: String, target: String) throws(InvalidInput) {
    let table = try NumericTable(contentsOf: path, header: true)
    guard let t = table.names.firstIndex(of: target) else {
      let some = table.names.prefix(5).joined(separator: ", ") + (table.columns > 5 ? ", …" : "")
      throw InvalidInput(
        "--target \(target)", because: "\(path) has no column of that name", remedy: "its columns are \(some)")
    }
    guard table.columns > 1 else {
      throw InvalidInput(
        path, because: "there is no feature column beside the target \"\(target)\"",
        remedy: "at least one more column is needed")
    }
    var elements: [Double] = []
    elements.reserveCapacity(table.rows * (table.columns - 1))
    var response: [Double] = []
    for i in 0..<table.rows {
      let row = table.cells[i * table.columns..<(i + 1) * table.columns]
      for (j, value) in row.enumerated() {
        if j == t { response.append(value) } else { elements.append(value) }
      }
    }
    var names = table.names
    names.remove(at: t)
    try self.init(
      name: path, design: try DesignMatrix(rows: table.rows, columns: table.columns - 1, elements: elements),
      response: response, featureNames: names)
  }

  /// A problem from files without header: the design matrix, one target a line and, when known, θ* one value a line.
  ///
  /// Throws `InvalidInput` for anything unusable in the files or shapes that disagree.
  public init(designAt path: String, responseAt responsePath: String, truthAt truthPath: String?) throws(InvalidInput) {
    for ending in [".npy", ".nc"] where path.hasSuffix(ending) {
      throw InvalidInput(
        "--design \(path)", because: "\(ending) files are not read yet", remedy: "give the matrix as CSV")
    }
    let table = try NumericTable(contentsOf: path, header: false)
    let response = try NumericTable.column(contentsOf: responsePath)
    guard response.count == table.rows else {
      throw InvalidInput(
        responsePath, because: "it has \(response.count) values where \(path) has \(table.rows) rows",
        remedy: "one target a row of the design matrix is needed")
    }
    var truth: [Double]?
    if let truthPath {
      let values = try NumericTable.column(contentsOf: truthPath)
      guard values.count == table.columns else {
        throw InvalidInput(
          truthPath, because: "it has \(values.count) values where \(path) has \(table.columns) columns",
          remedy: "one coefficient a feature is needed")
      }
      truth = values
    }
    try self.init(
      name: path, design: try DesignMatrix(rows: table.rows, columns: table.columns, elements: table.cells),
      response: response, truth: truth, test: truth == nil ? .none : .parameters)
  }
}
