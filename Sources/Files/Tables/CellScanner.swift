import Dynamics

/// Walks through the cells of delimited text (RFC 4180, with any delimiter), copying nothing.
///
/// Ends of lines are LF, CR LF or CR. A quoted cell may hold delimiters, doubled quotes and ends of lines; blanks around the
/// quotes are no part of it, and anything else before or behind them is refused.
struct CellScanner {
  /// A cell: where its content lies, without quotes and without the blanks around it.
  struct Cell {
    let range: Range<Int>
    let isQuoted: Bool
    /// Whether quotes are doubled in it.
    var hasQuotes = false

    var isEmpty: Bool { range.isEmpty }
  }

  let text: UnsafeBufferPointer<UInt8>
  let path: String
  let delimiter: Delimiter
  private let separator: UInt8
  private let isRun: Bool
  private let tabIsBlank: Bool
  /// Where the next cell begins.
  var position: Int
  /// The line there, from 1.
  var line: Int

  init(_ text: UnsafeBufferPointer<UInt8>, _ path: String, _ delimiter: Delimiter, position: Int, line: Int) {
    self.text = text
    self.path = path
    self.delimiter = delimiter
    separator = delimiter.byte
    isRun = delimiter == .blanks
    tabIsBlank = delimiter != .tab
    self.position = position
    self.line = line
  }

  @inline(__always)
  private func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 && tabIsBlank }

  @inline(__always)
  private func isLineEnd(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }

  @inline(__always)
  mutating func skipBlanks() {
    while position < text.count, isBlank(text[position]) { position += 1 }
  }

  /// Whether a cell ends here whose content ends at `end`: the blanks behind that are skipped already.
  @inline(__always)
  func isAtEnd(of end: Int) -> Bool {
    guard position < text.count else { return true }
    let byte = text[position]
    return byte == separator || isLineEnd(byte) || isRun && position > end
  }

  /// Steps over the delimiter; false at the end of the record, which is stepped over, too.
  @inline(__always)
  mutating func advance() -> Bool {
    if isRun { skipBlanks() }
    guard position < text.count else { return false }
    let byte = text[position]
    if isLineEnd(byte) {
      skipLineEnd()
      return false
    }
    if !isRun { position += 1 }
    return true
  }

  @inline(__always)
  private mutating func skipLineEnd() {
    let byte = text[position]
    position += 1
    if byte == 0x0D, position < text.count, text[position] == 0x0A { position += 1 }
    line += 1
  }

  /// Steps over lines of blanks alone; returns how many there were.
  mutating func skipEmptyLines() -> Int {
    var count = 0
    while position < text.count {
      let start = position
      while position < text.count, text[position] == 0x20 || text[position] == 0x09 && tabIsBlank { position += 1 }
      guard position < text.count, isLineEnd(text[position]) else {
        if position < text.count { position = start }
        break
      }
      skipLineEnd()
      count += 1
    }
    return count
  }

  /// Steps over the rest of the line, and returns it.
  mutating func restOfLine() -> Range<Int> {
    let start = position
    while position < text.count, !isLineEnd(text[position]) { position += 1 }
    let range = start..<position
    if position < text.count { skipLineEnd() }
    return range
  }

  /// The cell that begins here, whose number in the row (from 0) is `column`; the delimiter behind it is left.
  ///
  /// Throws `InvalidInput` for quotes that are never closed, or with text before or behind them.
  mutating func cell(_ column: Int) throws(InvalidInput) -> Cell {
    skipBlanks()
    if position < text.count, text[position] == UInt8(ascii: "\"") { return try quotedCell(column) }
    let start = position
    var end = start
    while position < text.count {
      let byte = text[position]
      if byte == separator || isLineEnd(byte) || isRun && byte == 0x09 { break }
      guard byte != UInt8(ascii: "\"") else {
        throw fault(column, line, "text stands before an opening quote")
      }
      position += 1
      if !isBlank(byte) { end = position }
    }
    return Cell(range: start..<end, isQuoted: false)
  }

  private mutating func quotedCell(_ column: Int) throws(InvalidInput) -> Cell {
    let first = line
    position += 1
    let start = position
    var hasQuotes = false
    while position < text.count {
      let byte = text[position]
      if byte == UInt8(ascii: "\"") {
        if position + 1 < text.count, text[position + 1] == byte {
          hasQuotes = true
          position += 2
          continue
        }
        let range = start..<position
        position += 1
        let close = position
        skipBlanks()
        guard isAtEnd(of: close) else { throw fault(column, line, "text follows a closing quote") }
        return Cell(range: range, isQuoted: true, hasQuotes: hasQuotes)
      }
      if isLineEnd(byte) { skipLineEnd() } else { position += 1 }
    }
    throw InvalidInput(
      "\(path), line \(first), column \(column + 1)", because: "a quoted cell is never closed",
      remedy: "add the missing \"")
  }

  private func fault(_ column: Int, _ line: Int, _ reason: String) -> InvalidInput {
    InvalidInput(
      "\(path), line \(line), column \(column + 1)", because: reason,
      remedy: "put the whole cell in quotes and double those inside it, as in \"5\"\" pipe\"")
  }

  /// The cells of the record that begins here. Throws as `cell`.
  mutating func record() throws(InvalidInput) -> [Cell] {
    var cells: [Cell] = []
    if isRun { skipBlanks() }
    repeat { cells.append(try cell(cells.count)) } while advance()
    return cells
  }

  /// What a cell holds: doubled quotes made single, without blanks around it.
  func string(_ cell: Cell) -> String {
    var range = cell.range
    while let first = range.first, Self.isSpace(text[first]) { range = range.dropFirst() }
    while let last = range.last, Self.isSpace(text[last]) { range = range.dropLast() }
    guard cell.hasQuotes else { return String(decoding: text[range], as: UTF8.self) }
    var single: [UInt8] = []
    var i = range.lowerBound
    while i < range.upperBound {
      single.append(text[i])
      i += text[i] == UInt8(ascii: "\"") ? 2 : 1
    }
    return String(decoding: single, as: UTF8.self)
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}
