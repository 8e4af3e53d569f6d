import Dynamics
import Files
import LinearAlgebra

extension RegressionProblem {
  /// A problem from a table with a header: `target` is the response, every other column a feature.
  ///
  /// Throws `InvalidInput` for anything unusable in the file, a missing target or no feature column.
  public init(tableAt path: String, target: String) throws(InvalidInput) {
    var notes: [Message] = []
    try self.init(tableAt: path, target: target, format: TableFormat(), notes: &notes)
  }

  /// The same in a stated format, adding to `notes` how the file was read and what was left out.
  public init(
    tableAt path: String, target: String, format: TableFormat, notes: inout [Message]
  ) throws(InvalidInput) {
    var table = try NumericTable(contentsOf: path, header: true, format: format)
    notes += table.notes
    guard table.names.contains(target) else {
      let some = table.names.prefix(5).joined(separator: ", ") + (table.columns > 5 ? ", …" : "")
      throw InvalidInput(
        "\(.target, target)", because: "\(path) has no column of that name", remedy: "its columns are \(some)")
    }
    table = try table.complete(format.missing, path, target: target, notes: &notes)
    guard let t = table.names.firstIndex(of: target), table.columns > 1 else {
      throw InvalidInput(
        path, because: "there is no feature column beside the target \"\(target)\"",
        remedy: "at least one more column is needed")
    }
    if table.names[0] != target, table.rows > 2, table.isCounting(0) {
      notes.append(
        "\(path): the first column, \"\(table.names[0])\", counts the rows; if it is no feature, leave it out with \(.index, "first")"
      )
    }
    var elements: [Double] = []
    elements.reserveCapacity(table.rows * (table.columns - 1))
    var response: [Double] = []
    for i in 0..<table.rows {
      let row = i * table.columns
      elements += table.cells[row..<row + t]
      elements += table.cells[row + t + 1..<row + table.columns]
      response.append(table.cells[row + t])
    }
    var names = table.names
    names.remove(at: t)
    try self.init(
      name: path, design: try DesignMatrix(rows: table.rows, columns: table.columns - 1, elements: elements),
      response: response, featureNames: names)
  }

  /// A problem from files without header: the design matrix, one target a sample and, when known, θ*, one value a feature;
  /// whatever `ArrayFile` reads.
  ///
  /// Throws `InvalidInput` for anything unusable in the files or shapes that disagree.
  public init(designAt path: String, responseAt responsePath: String, truthAt truthPath: String?) throws(InvalidInput) {
    let design = try ArrayFile(path).matrix()
    let response = try ArrayFile(responsePath).column()
    var truth: ([Double], String)?
    if let truthPath { truth = (try ArrayFile(truthPath).column(), truthPath) }
    try self.init((design, path), response: (response, responsePath), truth: truth)
  }

  /// A problem from a design matrix, targets and θ*, each with what it was read from. Throws `InvalidInput` when their
  /// shapes disagree.
  package init(
    _ design: (matrix: DesignMatrix, path: String), response: (values: [Double], path: String),
    truth: (values: [Double], path: String)?, featureNames: [String]? = nil
  ) throws(InvalidInput) {
    let (path, responsePath) = (design.path, response.path)
    let (design, response) = (design.matrix, response.values)
    guard response.count == design.rows else {
      throw InvalidInput(
        responsePath, because: "it has \(response.count) values where \(path) has \(design.rows) rows",
        remedy: "one target a row of the design matrix is needed")
    }
    if let truth, truth.values.count != design.columns {
      throw InvalidInput(
        truth.path, because: "it has \(truth.values.count) values where \(path) has \(design.columns) columns",
        remedy: "one coefficient a feature is needed")
    }
    try self.init(
      name: path, design: design, response: response, featureNames: featureNames, truth: truth?.values,
      test: truth == nil ? .none : .parameters)
  }
}
