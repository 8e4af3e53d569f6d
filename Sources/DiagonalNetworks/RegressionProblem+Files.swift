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
        "\(.target, target)", because: "\(path) has no column of that name", remedy: "its columns are \(some)")
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

  /// A problem from files without header: the design matrix as CSV or NumPy's .npy, and what belongs to it.
  ///
  /// Throws `InvalidInput` for anything unusable in the files or shapes that disagree.
  public init(designAt path: String, responseAt responsePath: String, truthAt truthPath: String?) throws(InvalidInput) {
    let design: DesignMatrix
    if path.hasSuffix(".npy") {
      design = try DesignMatrix(npyAt: path)
    } else {
      let table = try NumericTable(contentsOf: path, header: false)
      design = try DesignMatrix(rows: table.rows, columns: table.columns, elements: table.cells)
    }
    try self.init(design, from: path, responseAt: responsePath, truthAt: truthPath)
  }

  /// A problem from a design matrix (the file `path`, which names it) and files without header: one target a line and,
  /// when known, θ* one value a line; or vectors in NumPy files.
  ///
  /// Throws `InvalidInput` for anything unusable in the files or shapes that disagree.
  public init(
    _ design: DesignMatrix, from path: String, responseAt responsePath: String, truthAt truthPath: String?
  ) throws(InvalidInput) {
    let response = try NumericTable.column(contentsOf: responsePath)
    guard response.count == design.rows else {
      throw InvalidInput(
        responsePath, because: "it has \(response.count) values where \(path) has \(design.rows) rows",
        remedy: "one target a row of the design matrix is needed")
    }
    var truth: [Double]?
    if let truthPath {
      let values = try NumericTable.column(contentsOf: truthPath)
      guard values.count == design.columns else {
        throw InvalidInput(
          truthPath, because: "it has \(values.count) values where \(path) has \(design.columns) columns",
          remedy: "one coefficient a feature is needed")
      }
      truth = values
    }
    try self.init(
      name: path, design: design, response: response, truth: truth, test: truth == nil ? .none : .parameters)
  }
}
