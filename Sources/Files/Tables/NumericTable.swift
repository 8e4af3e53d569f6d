import Dynamics

/// A rectangular table of numbers read from text: comma-separated (RFC 4180) or as R, pandas, NumPy, MATLAB, Julia and
/// spreadsheets write it.
///
/// Delimiter, decimal mark, encoding, names and row names are found in the file where it allows one reading only, and told in
/// `notes` where they are not what RFC 4180 says; `TableFormat` states them otherwise. Every defect is reported with file,
/// line and column: ragged rows, cells that are not finite numbers, quotes out of place, control characters, a header without
/// rows, empty or repeated names.
public struct NumericTable: Sendable, Equatable {
  /// The names of the columns; empty without a header.
  public let names: [String]
  /// The number of data rows.
  public let rows: Int
  /// The number of columns.
  public let columns: Int
  /// The cells, rows × columns, row-major; NaN where a value is missing, which `TableFormat.missing` must have allowed.
  public let cells: [Double]
  /// How the file was read, where there is something to say.
  public let notes: [Message]
  /// The lines of the rows that hold missing values.
  let missingLines: [(row: Int, line: Int)]

  /// Reads the file at `path`, unpacked when it is gzipped. With `header` its first row must hold names; else it may, where
  /// none of them is a number. Throws `InvalidInput`. Complexity: O(size of the file).
  public init(
    contentsOf path: String, header: Bool, format: TableFormat = TableFormat()
  ) throws(InvalidInput) {
    let (bytes, encoding) = try InputFile.text(path)
    try self.init(bytes: bytes, as: encoding, path: path, header: header, format: format)
  }

  /// Parses `bytes`; `path` names them in messages.
  public init(
    bytes: [UInt8], path: String, header: Bool, format: TableFormat = TableFormat()
  ) throws(InvalidInput) {
    let encoding = FileFormat(head: bytes)
    guard encoding.isText else {
      throw InvalidInput(path, because: "it is \(encoding.rawValue)", remedy: encoding.remedy)
    }
    try self.init(bytes: bytes, as: encoding, path: path, header: header, format: format)
  }

  private init(
    bytes: [UInt8], as encoding: FileFormat, path: String, header: Bool, format: TableFormat
  ) throws(InvalidInput) {
    let text = try DecodedText(bytes, as: encoding, path: path)
    self = try text.bytes.withUnsafeBufferPointer { (buffer) throws(InvalidInput) in
      var reader = try TableReader(buffer, start: text.start, path: path, needsNames: header, format: format)
      try reader.read()
      return NumericTable(reader, [text.note].compactMap { $0.map { Message($0) } })
    }
  }

  private init(_ reader: TableReader, _ notes: [Message]) {
    let kept = reader.roles.indices.filter { reader.roles[$0] == .numbers }
    names = reader.names.isEmpty ? [] : kept.map { reader.names[$0] }
    rows = reader.rows
    columns = kept.count
    cells = reader.cells
    self.notes = (notes + reader.notes).map { "\(reader.path): \($0)" }
    missingLines = reader.missingLines
  }

  private init(
    names: [String], rows: Int, columns: Int, cells: [Double], notes: [Message],
    missingLines: [(row: Int, line: Int)] = []
  ) {
    self.names = names
    self.rows = rows
    self.columns = columns
    self.cells = cells
    self.notes = notes
    self.missingLines = missingLines
  }

  public static func == (a: NumericTable, b: NumericTable) -> Bool {
    a.names == b.names && a.rows == b.rows && a.columns == b.columns && a.notes == b.notes
      && a.cells.elementsEqual(b.cells) { $0 == $1 || $0.isNaN && $1.isNaN }
  }

  /// The columns in which a value is missing, ascending. Complexity: O(missing rows × columns).
  package var incompleteColumns: [Int] {
    let rows = missingLines.map(\.row)
    return (0..<columns).filter { column in rows.contains { cells[$0 * columns + column].isNaN } }
  }

  /// The rows without those at `indices`.
  package func removing(rows indices: Set<Int>) -> NumericTable {
    guard !indices.isEmpty else { return self }
    var kept: [Double] = []
    for i in 0..<rows where !indices.contains(i) { kept += cells[i * columns..<(i + 1) * columns] }
    return NumericTable(names: names, rows: rows - indices.count, columns: columns, cells: kept, notes: notes)
  }

  /// The columns without those at `indices`.
  func removing(columns indices: Set<Int>) -> NumericTable {
    guard !indices.isEmpty else { return self }
    let kept = (0..<columns).filter { !indices.contains($0) }
    var numbers: [Double] = []
    numbers.reserveCapacity(rows * kept.count)
    for i in 0..<rows { for j in kept { numbers.append(cells[i * columns + j]) } }
    return NumericTable(
      names: names.isEmpty ? [] : kept.map { names[$0] }, rows: rows, columns: kept.count, cells: numbers, notes: notes)
  }

  /// A row as a column.
  func transposed(noting note: Message) -> NumericTable {
    NumericTable(
      names: [], rows: columns, columns: 1, cells: cells, notes: notes + [note],
      missingLines: missingLines.flatMap { missing in
        cells.indices.filter { cells[$0].isNaN }.map { (row: $0, line: missing.line) }
      })
  }
}
