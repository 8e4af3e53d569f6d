import Dynamics

extension NumericTable {
  /// The single column of a file of one value a line (or its single row), or a vector of another kind (`ArrayFile`). Throws
  /// `InvalidInput` when it has more columns, or misses a value.
  public static func column(contentsOf path: String) throws(InvalidInput) -> [Double] { try ArrayFile(path).column() }

  /// The table as a vector: its single column, or its single row. Throws `InvalidInput` when it has more of both.
  func vector(_ path: String, _ format: TableFormat) throws(InvalidInput) -> NumericTable {
    if columns == 1 { return self }
    guard rows == 1, names.isEmpty else {
      throw InvalidInput(
        path, because: "it has \(columns) columns",
        remedy: "one value a line is expected"
          + (format.decimal == nil && columns == 2 ? "; if commas begin decimals, give \(.decimal, "comma")" : ""))
    }
    return transposed(noting: "\(path): its single row is read as a vector")
  }
}
