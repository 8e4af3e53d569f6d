import Dynamics

/// The first records of a text under one delimiter, and how well they make a table.
struct TableSample {
  /// The cells of each record; comments and empty lines are no records.
  private(set) var records: [[CellScanner.Cell]] = []
  /// What each cell holds.
  private(set) var contents: [[CellContent]] = []
  /// Whether all records could be read.
  private(set) var isWhole = true

  /// At most as many records, and bytes (but two records at least).
  private static let (most, reach) = (64, 1 << 18)

  /// Complexity: O(`reach`), or two records.
  init(_ scanner: CellScanner, _ format: TableFormat) {
    var scanner = scanner
    let start = scanner.position
    while records.count < Self.most, records.count < 2 || scanner.position - start < Self.reach {
      _ = scanner.skipEmptyLines()
      guard scanner.position < scanner.text.count else { return }
      if scanner.text[scanner.position] == UInt8(ascii: "#") {
        _ = scanner.restOfLine()
        continue
      }
      do throws(InvalidInput) {
        let cells = try scanner.record()
        records.append(cells)
        contents.append(cells.map { Self.content($0, scanner, format) })
      } catch {
        isWhole = false
        return
      }
    }
  }

  /// What a cell holds under this delimiter: unquoted, its comma cannot be in a number.
  static func content(_ cell: CellScanner.Cell, _ scanner: CellScanner, _ format: TableFormat) -> CellContent {
    CellContent(
      cell, in: scanner, point: format.decimal != .comma,
      comma: format.decimal != .point && (scanner.delimiter != .comma || cell.isQuoted))
  }

  /// The number of cells in all records but the first, which may have one fewer (names beside row names) and no other
  /// number; nil when there is no such number.
  var width: Int? {
    guard let first = records.first?.count else { return nil }
    let width = records.count > 1 ? records[1].count : first
    guard first == width || records.count > 1 && first == width - 1,
      records.dropFirst().allSatisfy({ $0.count == width })
    else { return nil }
    return width
  }

  /// What the records below the first hold (the first, when it is the only one).
  private var body: ArraySlice<[CellContent]> { contents.count > 1 ? contents.dropFirst() : contents[...] }

  /// Whether a column holds numbers and what may stand among them.
  private func isNumeric(_ column: Int) -> Bool {
    body.allSatisfy { $0[column].isNumeric } && body.contains { if case .missing = $0[column] { false } else { true } }
  }

  /// Whether a column is quoted throughout.
  func isQuoted(_ column: Int) -> Bool {
    records.dropFirst().allSatisfy { $0.count > column && $0[column].isQuoted }
  }

  /// Whether a column holds text throughout.
  func isText(_ column: Int) -> Bool { body.allSatisfy { $0.count > column && !$0[column].isNumeric } }

  /// Whether a column counts the records below the first, from 0 or 1.
  func isCounting(_ column: Int) -> Bool {
    guard let first = body.first, first.count > column, case .number(let number) = first[column],
      number.value == 0 || number.value == 1
    else { return false }
    return body.enumerated().allSatisfy { k, cells in
      guard cells.count > column, case .number(let next) = cells[column] else { return false }
      return next.value == number.value + Double(k)
    }
  }

  /// How well the records make a table of several columns.
  enum Fit: Int, Comparable {
    /// They do not.
    case none
    /// Some column is numeric.
    case partial
    /// Every column but the first is.
    case withRowNames
    /// Every column is, or every one but a first of quoted names.
    case whole

    static func < (a: Fit, b: Fit) -> Bool { a.rawValue < b.rawValue }
  }

  var fit: Fit {
    guard isWhole, let width, width > 1 else { return .none }
    // A first record without any delimiter names a single column only where row names are seen to stand beside it.
    if records[0].count == 1, !isQuoted(0), !isCounting(0) { return .none }
    let numeric = (0..<width).map(isNumeric)
    guard numeric.dropFirst().allSatisfy({ $0 }) else { return numeric.contains(true) ? .partial : .none }
    return numeric[0] || isQuoted(0) ? .whole : .withRowNames
  }
}
