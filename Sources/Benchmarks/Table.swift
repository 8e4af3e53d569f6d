import Experiments
import Files

/// Rows of text under a header: printed in columns, written as CSV.
struct Table {
  let header: [String]
  let rows: [[String]]

  init(_ header: [String], _ rows: [[String]]) {
    self.header = header
    self.rows = rows
  }

  func print() {
    let widths = header.indices.map { column in ([header] + rows).map { $0[column].count }.max() ?? 0 }
    for row in [header] + rows {
      let cells = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
      Swift.print("  " + cells.joined(separator: "  "))
    }
  }

  func write(to path: String) throws(ExportError) {
    let lines = ([header] + rows).map { $0.joined(separator: ",") }
    try OutputFile.write(text: lines.joined(separator: "\n") + "\n", to: path)
  }
}
