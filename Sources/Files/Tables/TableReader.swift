import Dynamics

/// Reads a table of numbers from text: what stands before it, its delimiter, its names, then every row.
struct TableReader {
  /// What is done with a column.
  enum Role: UInt8 {
    /// Its cells are read.
    case numbers
    /// It is left out, whatever its cells hold.
    case ignored
    /// It has no name, and must be empty.
    case empty
  }

  /// What the cells of a column have been so far.
  enum Kind: UInt8 {
    case unknown
    case numbers
    case logical
  }

  let path: String
  let format: TableFormat
  /// Whether the table must have a row of names.
  let needsNames: Bool
  var scanner: CellScanner
  var notes: [Message] = []

  /// The names of all columns; empty without.
  var names: [String] = []
  /// The line of the names.
  var nameLine = 0
  var width = 0
  var roles: [Role] = []
  var kinds: [Kind] = []

  var cells: [Double] = []
  var rows = 0
  /// The line of each row that holds a missing value.
  var missingLines: [(row: Int, line: Int)] = []
  var comments: [Int] = []

  // What decimals have followed so far, and where.
  var firstPoint: String?
  var firstComma: String?
  var hasDecisiveComma = false

  init(
    _ text: UnsafeBufferPointer<UInt8>, start: Int, path: String, needsNames: Bool, format: TableFormat
  ) throws(InvalidInput) {
    self.path = path
    self.format = format
    self.needsNames = needsNames
    var scanner = CellScanner(text, path, .comma, position: start, line: 1)
    // Excel's line, before anything else.
    var stated: Delimiter?
    let line = scanner.restOfLine()
    if line.count == 5, text[line].prefix(4).map({ $0 | 0x20 }).elementsEqual("sep=".utf8.map { $0 | 0x20 }) {
      stated = Delimiter(String(UnicodeScalar(text[line.upperBound - 1])))
    }
    if stated == nil { (scanner.position, scanner.line) = (start, 1) }
    self.scanner = scanner
    let delimiter: Delimiter
    if let given = format.delimiter ?? stated {
      delimiter = given
    } else {
      delimiter = try TableSample.delimiter(text, path, position: scanner.position, line: scanner.line, format)
    }
    self.scanner = CellScanner(text, path, delimiter, position: scanner.position, line: scanner.line)
  }

  /// Throws `InvalidInput` for the first thing that is wrong. Complexity: O(size of the text).
  mutating func read() throws(InvalidInput) {
    try readNames()
    if scanner.delimiter != .comma, width > 1, format.delimiter == nil {
      notes.append("cells are separated by \(scanner.delimiter.plural)")
    }
    if names.isEmpty, roles.isEmpty {
      throw InvalidInput(path, because: "there is no data row", remedy: "give one row of numbers at least")
    }
    // Enough for cells of seven characters; untouched room costs nothing.
    cells.reserveCapacity(scanner.text.count / 8)
    while try readRow() {}
    guard rows > 0 else {
      throw InvalidInput(
        path, because: names.isEmpty ? "there is no data row" : "there is a header but no data row")
    }
    try settleDecimals()
    noteKinds()
    if !comments.isEmpty {
      notes.append(
        "comments were left out (\(comments.count == 1 ? "line" : "lines") \(Self.list(comments.map(String.init))))")
    }
  }

  /// The place of a cell, as messages name it.
  func place(_ line: Int, _ column: Int) -> String {
    let name = column < names.count && !names[column].isEmpty ? " (\(CellFault.shown(names[column])))" : ""
    return "\(path), line \(line), column \(column + 1)\(name)"
  }

  /// Some of many, in words.
  static func list(_ items: [String]) -> String {
    items.count <= 6 ? items.joined(separator: ", ") : items.prefix(5).joined(separator: ", ") + ", …"
  }

  /// Throws where decimals may have followed a comma or a point, and both readings are possible.
  private mutating func settleDecimals() throws(InvalidInput) {
    guard let firstComma else { return }
    if let firstPoint {
      throw InvalidInput(
        firstComma,
        because: "the number here has a comma, that at \(firstPoint) a point: one of them may separate thousands",
        remedy: "write all numbers with the same decimal mark and without separators of thousands")
    }
    guard format.decimal == nil else { return }
    guard hasDecisiveComma else {
      throw InvalidInput(
        firstComma,
        because: "commas may begin decimals here or separate thousands: all stand before three digits, as in 1,234",
        remedy: "give \(.decimal, "comma") for 1.234, or write 1234")
    }
    notes.append("decimals follow a comma")
  }

  private mutating func noteKinds() {
    let logical = kinds.indices.filter { kinds[$0] == .logical }
    guard !logical.isEmpty else { return }
    let shown = Self.list(logical.map { names.isEmpty ? "\($0 + 1)" : names[$0] })
    notes.append(
      logical.count == 1
        ? "column \(shown) holds true and false, read as 1 and 0"
        : "\(logical.count) columns hold true and false, read as 1 and 0: \(shown)")
  }
}
