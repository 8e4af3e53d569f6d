import Dynamics

/// A rectangular table of finite numbers read from comma-separated text (RFC 4180), with or without a header row.
///
/// Every defect is reported with file, line and column: ragged rows, cells that are not finite numbers, empty files, a
/// header without rows, empty or repeated names.
public struct NumericTable: Sendable, Equatable {
  /// The column names; empty without a header.
  public let names: [String]
  /// The number of data rows.
  public let rows: Int
  /// The number of columns.
  public let columns: Int
  /// The cells, rows × columns, row-major.
  public let cells: [Double]

  /// Reads the file at `path`. Throws `InvalidInput`. Complexity: O(size of the file).
  public init(contentsOf path: String, header: Bool) throws(InvalidInput) {
    try self.init(bytes: InputFile.text(path).bytes, path: path, header: header)
  }

  /// Parses `bytes`; `path` names them in messages.
  public init(bytes: [UInt8], path: String, header: Bool) throws(InvalidInput) {
    var reader = RecordReader(bytes, path)
    var names: [String] = []
    var width = 0
    if header {
      guard let record = try reader.next() else {
        throw InvalidInput(path, because: "the file holds no header row")
      }
      names = record.fields.map { trimmed(String(decoding: $0, as: UTF8.self)) }
      width = names.count
      var seen: Set<String> = []
      for (column, name) in names.enumerated() {
        guard !name.isEmpty else {
          throw InvalidInput(
            "\(path), line \(record.line), column \(column + 1)", because: "the column has no name",
            remedy: "give every column a name")
        }
        guard seen.insert(name).inserted else {
          throw InvalidInput(
            "\(path), line \(record.line), column \(column + 1)", because: "the name \"\(name)\" is used twice",
            remedy: "give every column a name of its own")
        }
      }
    }
    var cells: [Double] = []
    var rows = 0
    while let record = try reader.next() {
      if width == 0 { width = record.fields.count }
      guard record.fields.count == width else {
        throw InvalidInput(
          "\(path), line \(record.line)", because: "it has \(record.fields.count) cells where \(width) are expected",
          remedy: "every row must have as many cells as the \(header ? "header" : "first row")")
      }
      for (column, field) in record.fields.enumerated() {
        let text = trimmed(String(decoding: field, as: UTF8.self))
        guard let value = Double(text), value.isFinite else {
          let name = header ? " (\(names[column]))" : ""
          throw InvalidInput(
            "\(path), line \(record.line), column \(column + 1)\(name)",
            because: text.isEmpty ? "the cell is empty" : "\"\(shown(text))\" is not a finite number",
            remedy: width == 1 && text.contains(where: { $0 == ";" || $0 == "\t" || $0 == " " })
              ? "separate cells by commas"
              : !header && rows == 0
                ? "give a number such as -1.5e-3 (this file must have no header row)"
                : "give a number such as -1.5e-3, or remove the row or column")
        }
        cells.append(value)
      }
      rows += 1
    }
    guard rows > 0 else {
      throw InvalidInput(path, because: header ? "there is a header but no data row" : "there is no data row")
    }
    self.names = names
    self.rows = rows
    columns = width
    self.cells = cells
  }

  /// The single column of a file of one value a line, or a vector of another kind (`ArrayFile`). Throws `InvalidInput`
  /// when it has more columns.
  public static func column(contentsOf path: String) throws(InvalidInput) -> [Double] { try ArrayFile(path).column() }
}

/// A cell as a message may show it: short, and without control characters.
private func shown(_ text: String) -> String {
  let visible = text.unicodeScalars.prefix(40).map { $0.value < 32 || $0.value == 127 ? "�" : String($0) }
  return visible.joined() + (text.unicodeScalars.count > 40 ? "…" : "")
}

private func trimmed(_ text: String) -> String {
  var view = text[...]
  while let first = view.first, first.isWhitespace { view.removeFirst() }
  while let last = view.last, last.isWhitespace { view.removeLast() }
  return String(view)
}

/// Splits bytes into records and fields; quoted fields may hold commas, doubled quotes and line ends.
private struct RecordReader {
  struct Record {
    let line: Int
    let fields: [[UInt8]]
  }

  private let bytes: [UInt8]
  private let path: String
  private var position = 0
  private var line = 1

  init(_ bytes: [UInt8], _ path: String) {
    self.bytes = bytes
    self.path = path
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
  }

  /// The next record that is not blank, or nil at the end.
  mutating func next() throws(InvalidInput) -> Record? {
    while position < bytes.count {
      let start = line
      let fields = try record()
      let isBlank = fields.count == 1 && fields[0].allSatisfy { $0 == 0x20 || $0 == 0x09 }
      if !isBlank { return Record(line: start, fields: fields) }
    }
    return nil
  }

  private mutating func record() throws(InvalidInput) -> [[UInt8]] {
    var fields: [[UInt8]] = []
    var field: [UInt8] = []
    let firstLine = line
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      switch byte {
      case UInt8(ascii: ","):
        fields.append(field)
        field.removeAll()
      case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
        if byte == UInt8(ascii: "\r"), position < bytes.count, bytes[position] == UInt8(ascii: "\n") { position += 1 }
        line += 1
        fields.append(field)
        return fields
      case UInt8(ascii: "\"") where field.isEmpty:
        var closed = false
        while position < bytes.count {
          let inner = bytes[position]
          position += 1
          if inner == UInt8(ascii: "\"") {
            guard position < bytes.count, bytes[position] == inner else {
              closed = true
              break
            }
            position += 1
          }
          if inner == UInt8(ascii: "\n") { line += 1 }
          field.append(inner)
        }
        guard closed else {
          throw InvalidInput(
            "\(path), line \(firstLine)", because: "a quoted cell is never closed", remedy: "add the missing \"")
        }
      default:
        field.append(byte)
      }
    }
    fields.append(field)
    return fields
  }
}
