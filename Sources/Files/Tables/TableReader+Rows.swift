import Dynamics

extension TableReader {
  /// Reads the next row; false at the end. Throws `InvalidInput`.
  mutating func readRow() throws(InvalidInput) -> Bool {
    let skipped = scanner.skipEmptyLines()
    guard scanner.position < scanner.text.count else { return false }
    // Among single values an empty line may be a missing one.
    if width == 1, skipped > 0, rows > 0, roles[0] == .numbers {
      for line in scanner.line - skipped..<scanner.line {
        try addMissing("", line, 0)
        rows += 1
      }
    }
    let first = scanner.line
    if scanner.text[scanner.position] == UInt8(ascii: "#"), try skipsComment() { return true }
    if scanner.delimiter == .blanks { scanner.skipBlanks() }
    let (point, comma) = (format.decimal != .comma, format.decimal != .point && scanner.delimiter != .comma)
    let text = scanner.text
    var column = 0
    repeat {
      if column < width, roles[column] == .numbers {
        scanner.skipBlanks()
        let start = scanner.position
        let number = DecimalNumber.scan(text, &scanner.position, upTo: text.count, point: point, comma: comma)
        let end = scanner.position
        scanner.skipBlanks()
        if let number, scanner.isAtEnd(of: end), number.value.isFinite, kinds[column] != .logical {
          if let mark = number.mark { observe(mark, number.mayBeGrouped, scanner.line, column) }
          kinds[column] = .numbers
          cells.append(number.value)
        } else {
          scanner.position = start
          try readCell(column)
        }
      } else {
        let line = scanner.line
        let cell = try scanner.cell(column)
        if column < width, roles[column] == .empty, !cell.isEmpty { throw unnamed(line, column) }
      }
      column += 1
    } while scanner.advance()
    guard column == width else {
      throw InvalidInput(
        "\(path), line \(first)", because: "it has \(column) cells where \(width) are expected",
        remedy: raggedRemedy)
    }
    rows += 1
    return true
  }

  private var raggedRemedy: Message {
    let start: Message = "every row must have as many cells as the \(names.isEmpty ? "first row" : "header")"
    return format.delimiter == nil && width == 1
      ? start + "; what separates cells is said by \(.delimiter), commas before decimals by \(.decimal, "comma")"
      : start
  }

  @inline(__always)
  private mutating func observe(_ mark: DecimalMark, _ mayBeGrouped: Bool, _ line: Int, _ column: Int) {
    if mark == .point {
      if firstPoint == nil { firstPoint = "line \(line), column \(column + 1)" }
    } else {
      if firstComma == nil { firstComma = place(line, column) }
      if !mayBeGrouped { hasDecisiveComma = true }
    }
  }

  /// A cell that is no bare number of the column's kind.
  private mutating func readCell(_ column: Int) throws(InvalidInput) {
    let line = scanner.line
    let cell = try scanner.cell(column)
    let content = TableSample.content(cell, scanner, format)
    switch (content, kinds[column]) {
    case (.number(let number), .unknown), (.number(let number), .numbers):
      if let mark = number.mark { observe(mark, number.mayBeGrouped, line, column) }
      kinds[column] = .numbers
      cells.append(number.value)
    case (.logical(let value), .unknown), (.logical(let value), .logical):
      kinds[column] = .logical
      cells.append(value ? 1 : 0)
    case (.missing, _):
      try addMissing(CellContent.trimmed(scanner.string(cell)), line, column)
    case (.number, .logical), (.logical, .numbers):
      let text = CellContent.trimmed(scanner.string(cell))
      throw InvalidInput(
        place(line, column),
        because: kinds[column] == .logical
          ? "\"\(CellFault.shown(text))\" stands in a column of true and false"
          : "\"\(text)\" is not a finite number, as the cells above it are",
        remedy: "a column is read as 1 and 0 only where all of it is true or false")
    case (.text, _):
      let fault = CellFault(CellContent.trimmed(scanner.string(cell)), decimal: format.decimal)
      throw InvalidInput(place(line, column), because: fault.reason, remedy: fault.remedy ?? remedy(column))
    }
  }

  private func remedy(_ column: Int) -> Message {
    guard column < names.count, !names[column].isEmpty else {
      return rows == 0
        ? "give a number such as -1.5e-3; names are taken for such where the whole first row holds names"
        : "give a number such as -1.5e-3, or remove the row or column"
    }
    let name = names[column]
    let quoted =
      name.allSatisfy { $0.isLetter || $0.isNumber || "_.-".contains($0) } ? name : "'\(CellFault.shown(name))'"
    return column == 0
      ? "give a number such as -1.5e-3, or leave the column out with \(.drop, quoted), \(.index, quoted) if it names the rows"
      : "give a number such as -1.5e-3, or leave the column out with \(.drop, quoted)"
  }

  private mutating func addMissing(_ text: String, _ line: Int, _ column: Int) throws(InvalidInput) {
    guard format.missing != .refuse else {
      throw InvalidInput(
        place(line, column),
        because: text.isEmpty ? "the cell is empty" : "\"\(text)\" stands for a missing value",
        remedy: "give a number, or leave such rows or features out with \(.missing, "drop-rows") or drop-columns")
    }
    if missingLines.last?.row != rows { missingLines.append((rows, line)) }
    cells.append(.nan)
  }

  private func unnamed(_ line: Int, _ column: Int) -> InvalidInput {
    names.isEmpty
      ? InvalidInput(
        place(line, column), because: "there is a cell here where the first rows end with a delimiter",
        remedy: "every row must have as many cells as the first row")
      : InvalidInput(
        place(nameLine, column), because: "the column has no name", remedy: "give every column a name")
  }

  /// Whether the line, which begins with #, is a comment: then it is stepped over. Throws `InvalidInput` when it may as well be
  /// a row.
  mutating func skipsComment() throws(InvalidInput) -> Bool {
    var row = scanner
    let line = scanner.line
    let cells = try? row.record()
    let first = cells.map { row.string($0[0]) } ?? ""
    if cells?.count == width, MissingValues.words.contains(first) || isFault(first) { return false }
    guard width == 1 || cells?.count != width else {
      throw InvalidInput(
        "\(path), line \(line)",
        because: "it begins with # and has \(width) cells, as a row has: it may be a comment, or a row",
        remedy: "remove the line, or put its first cell in quotes")
    }
    comments.append(line)
    _ = scanner.restOfLine()
    return true
  }

  /// Whether a spreadsheet writes it for a formula that fails.
  private func isFault(_ text: String) -> Bool {
    ["#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#NULL!"].contains(text)
  }
}
