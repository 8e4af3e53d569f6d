/// What becomes of cells that hold no value: empty, `NA`, `NaN`, `null` and their like.
public enum MissingValues: String, Sendable, Codable, CaseIterable {
  /// They are told with line and column.
  case refuse
  /// Rows with such a cell, in the target or a feature, are left out.
  case dropRows = "drop-rows"
  /// Features with such a cell are left out.
  case dropColumns = "drop-columns"

  /// The words that stand for a missing value: pandas' list, `.` as Stata and SAS write it, Excel's `#N/A` and `#NV`.
  static let words: Set<String> = [
    "", "NA", "N/A", "n/a", "na", "NaN", "nan", "NAN", "-nan", "-NaN", "+nan", "+NaN", "<NA>", "null", "NULL", "Null",
    "None", "missing", "?", ".", "#N/A", "#N/A N/A", "#NA", "#NV", "1.#IND", "1.#QNAN", "-1.#IND", "-1.#QNAN",
  ]
}
