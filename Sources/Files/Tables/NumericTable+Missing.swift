import Dynamics

extension NumericTable {
  /// The table without what misses values: the rows, or the columns other than the target's. Says in `notes` what was left
  /// out.
  ///
  /// Throws `InvalidInput` when nothing is left, or the target misses a value and columns are to go.
  package func complete(
    _ missing: MissingValues, _ path: String, target: String, notes: inout [Message]
  ) throws(InvalidInput) -> NumericTable {
    guard missing != .refuse, !missingLines.isEmpty else { return self }
    if missing == .dropRows { return try removingIncompleteRows(path, notes: &notes) }
    let incomplete = incompleteColumns
    if let t = incomplete.first(where: { names[$0] == target }) {
      let line = missingLines.first { cells[$0.row * columns + t].isNaN }?.line ?? 0
      throw InvalidInput(
        "\(path), line \(line) (\(target))", because: "a value of the target is missing",
        remedy: "leave such rows out with \(.missing, "drop-rows")")
    }
    return try removingIncompleteColumns(path, notes: &notes)
  }

  private func removingIncompleteRows(_ path: String, notes: inout [Message]) throws(InvalidInput) -> NumericTable {
    guard missingLines.count < rows else {
      throw InvalidInput(path, because: "a value is missing in every row", remedy: "try \(.missing, "drop-columns")")
    }
    let lines = missingLines.map { "\($0.line)" }
    notes.append(
      "\(path): \(lines.count) of \(rows) rows miss values and were left out "
        + "(\(lines.count == 1 ? "line" : "lines") \(TableReader.list(lines)))")
    return removing(rows: Set(missingLines.map(\.row)))
  }

  /// The table without the columns that miss values. Throws `InvalidInput` when all do.
  package func removingIncompleteColumns(_ path: String, notes: inout [Message]) throws(InvalidInput) -> NumericTable {
    let incomplete = incompleteColumns
    guard !incomplete.isEmpty else { return self }
    guard incomplete.count < columns else {
      throw InvalidInput(path, because: "a value is missing in every column", remedy: "try \(.missing, "drop-rows")")
    }
    let shown = incomplete.map { names.isEmpty ? "\($0 + 1)" : CellFault.shown(names[$0]) }
    notes.append(
      "\(path): \(incomplete.count) of \(columns) columns miss values and were left out (\(TableReader.list(shown)))")
    return removing(columns: Set(incomplete))
  }

  /// The rows that miss values.
  package var incompleteRows: [Int] { missingLines.map(\.row) }

  /// Whether a column counts the rows, from 0 or 1.
  package func isCounting(_ column: Int) -> Bool {
    let first = cells[column]
    return (first == 0 || first == 1)
      && (0..<rows).allSatisfy { cells[$0 * columns + column] == first + Double($0) }
  }
}
