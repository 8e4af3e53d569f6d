/// Comma-separated tables of real numbers with a header row; numbers read back bit for bit.
public enum CSVFile {
  /// Writes `rows` rows under `header`; `value(row, column)` gives the cells. Not-a-number becomes an empty
  /// cell. Throws `ExportError`. Complexity: O(cells).
  public static func write(
    _ path: String, header: [String], rows: Int, value: (Int, Int) -> Double
  ) throws(ExportError) {
    try write(path, header: header) { put in
      for row in 0..<rows {
        put(
          (0..<header.count).map { column in
            let x = value(row, column)
            return x.isNaN ? "" : x.description
          })
      }
    }
  }

  /// Writes what `body` puts, row by row, under `header`; cells are quoted where they need it. Throws `ExportError`.
  public static func write(
    _ path: String, header: [String], body: ((_ put: ([String]) -> Void) throws(ExportError) -> Void)
  ) throws(ExportError) {
    try OutputFile.write(path) { temporary throws(ExportError) in
      let writer = try FileWriter(temporary)
      func put(_ cells: [String]) { writer.put(cells.map(quoted).joined(separator: ",") + "\n") }
      put(header)
      try body(put)
      try writer.close()
    }
  }

  private static func quoted(_ name: String) -> String {
    guard name.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return name }
    return "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
  }
}
