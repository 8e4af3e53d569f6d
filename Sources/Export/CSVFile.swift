/// Comma-separated tables of real numbers with a header row; numbers read back bit for bit.
public enum CSVFile {
  /// Writes `rows` rows under `header`; `value(row, column)` gives the cells. Not-a-number becomes an empty
  /// cell. Throws `ExportError`. Complexity: O(cells).
  public static func write(
    _ path: String, header: [String], rows: Int, value: (Int, Int) -> Double
  ) throws(ExportError) {
    try OutputFile.write(path) { temporary throws(ExportError) in
      let writer = try FileWriter(temporary)
      writer.put(header.map(quoted).joined(separator: ",") + "\n")
      for row in 0..<rows {
        var line = ""
        for column in 0..<header.count {
          if column > 0 { line += "," }
          let x = value(row, column)
          if !x.isNaN { line += x.description }
        }
        writer.put(line + "\n")
      }
      try writer.close()
    }
  }

  private static func quoted(_ name: String) -> String {
    guard name.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return name }
    return "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
  }
}
