import Dynamics
import Experiments
import Files
import Foundation
import RandomStreams

/// Tables of text, as `--data` and `--design` read them. What is accepted reads back the same when it is written plainly.
package struct TableTarget: FuzzTarget {
  package static let name = "csv"
  package static let fileName = "t.csv"

  package init(tool: String?) {}

  package func input(_ random: inout RandomStream) -> [UInt8] {
    let separator = random.choice([",", ",", ",", ";", "\t", " ", "|"])
    let newline = random.choice(["\n", "\n", "\n", "\r\n", "\r"])
    let (rows, columns) = (random.integer(0...5), random.integer(1...5))
    let names = ["y", "a", "b", "x 1", "α", "\"q,\"\"1\"", "", "1", "y", "a;b", "NA"]
    var lines: [String] = []
    if !random.once(in: 3) {
      var header = (0..<columns).map { $0 < 3 && !random.once(in: 4) ? names[$0] : random.choice(names) }
      if random.once(in: 8), !header.isEmpty { header.removeFirst() }
      lines.append(header.joined(separator: separator))
    }
    for _ in 0..<rows {
      let cells = (0..<columns).map { _ in
        let number = random.once(in: 12) ? random.numeral() : "\((random.normal() * 100).rounded() / 100)"
        return random.once(in: 10) ? "\"\(number)\"" : separator == ";" ? number.replacing(".", with: ",") : number
      }
      lines.append(cells.joined(separator: separator))
    }
    if random.once(in: 10) {
      lines.insert(random.choice(["# comment", "", "\"\"", "#", " "]), at: random.integer(below: lines.count + 1))
    }
    var text = lines.joined(separator: newline)
    if !random.once(in: 4) { text += newline }
    var bytes = Array(text.utf8)
    switch random.integer(below: 30) {
    case 0: bytes = [0xef, 0xbb, 0xbf] + bytes
    case 1: bytes = [0xff, 0xfe] + text.utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
    case 2: bytes = text.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }
    case 3: bytes = text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
    default: break
    }
    bytes = random.mutate(bytes, times: random.once(in: 3) ? 0 : random.integer(1...4), tokens: Self.tokens)
    return random.once(in: 20) ? random.mutate(Packing.gzip(bytes), times: random.integer(0...2)) : bytes
  }

  private static let tokens = [
    "\"", "\"\"", ",", ";", "\t", "\n", "\r\n", "\r", "#", "\0", "NA", "-", ".", "e", "\u{feff}", "\"\n\"", "TRUE", " ",
  ].map { Array($0.utf8) }

  package func judge(_ input: [UInt8], in folder: String) throws -> Bool {
    let path = folder + "/" + Self.fileName
    try Data(input).write(to: URL(filePath: path))
    var isAccepted = false
    for format in Self.formats(input) {
      for header in [true, false] {
        guard
          let table = try refusing({ () throws(InvalidInput) in
            try NumericTable(contentsOf: path, header: header, format: format)
          })
        else { continue }
        isAccepted = true
        guard table.rows > 0, table.columns > 0, table.cells.count == table.rows * table.columns,
          table.names.isEmpty ? !header : table.names.count == table.columns
        else {
          throw Finding("a table of \(table.rows) × \(table.columns) has \(table.cells.count) cells, \(table.names)")
        }
        guard format.missing == .refuse else { continue }
        guard table.cells.allSatisfy(\.isFinite) else { throw Finding("a table holds what is no finite number") }
        try requireSame(table, folder)
      }
      for standardize in [false, true] {
        let specification = ProblemSpecification(
          source: .table(path: path, target: "y", standardize: standardize, format: format),
          holdout: standardize ? 0.3 : 0, seed: 1)
        guard let setup = try refusing({ () throws(InvalidInput) in try specification.load() }) else { continue }
        isAccepted = true
        guard setup.problem.design.elements.allSatisfy(\.isFinite), setup.problem.response.allSatisfy(\.isFinite) else {
          throw Finding("a problem holds what is no finite number")
        }
      }
    }
    return isAccepted
  }

  /// As the file says itself, and a way of reading it that its bytes choose.
  private static func formats(_ input: [UInt8]) -> [TableFormat] {
    let hash = input.reduce(0x811c_9dc5 as UInt32) { ($0 ^ UInt32($1)) &* 0x0100_0193 } >> 4
    var chosen = TableFormat()
    switch hash % 8 {
    case 0: chosen.index = "first"
    case 1: chosen.drop = ["a"]
    case 2: chosen.delimiter = .semicolon
    case 3: chosen.decimal = .comma
    case 4: chosen.missing = .dropRows
    case 5: chosen.missing = .dropColumns
    case 6: chosen.header = true
    default: chosen.header = false
    }
    return hash % 3 == 0 ? [TableFormat(), chosen] : [TableFormat()]
  }

  /// Numbers are written so that they read back bit for bit, names in quotes.
  private func requireSame(_ table: NumericTable, _ folder: String) throws {
    var text = ""
    let header = !table.names.isEmpty
    if header {
      text = table.names.map { "\"" + $0.replacing("\"", with: "\"\"") + "\"" }.joined(separator: ",") + "\n"
    }
    for i in 0..<table.rows {
      let row = table.cells[i * table.columns..<(i + 1) * table.columns]
      text += row.map { "\($0)" }.joined(separator: ",") + "\n"
    }
    let path = folder + "/again.csv"
    try Data(text.utf8).write(to: URL(filePath: path))
    let again: NumericTable
    do {
      again = try NumericTable(
        contentsOf: path, header: header, format: TableFormat(delimiter: .comma, decimal: .point, header: header))
    } catch {
      throw Finding("what was read is refused when it is written plainly (\(error)): \(text)")
    }
    guard again.names == table.names, again.cells.map(\.bitPattern) == table.cells.map(\.bitPattern) else {
      throw Finding("what was read changes when it is written plainly: \(text)")
    }
  }
}

/// The value of `body`, nil when it refuses its input with a usable message. Throws `Finding` for a message that is none.
func refusing<Value>(_ body: () throws(InvalidInput) -> Value) throws -> Value? {
  do throws(InvalidInput) {
    return try body()
  } catch {
    let text = error.description
    guard !error.subject.description.isEmpty, !error.reason.description.isEmpty, text.utf8.count < 4000,
      !text.unicodeScalars.contains(where: { $0.value < 32 || $0.value == 127 })
    else { throw Finding("unusable message: \(text.debugDescription)") }
    return nil
  }
}
