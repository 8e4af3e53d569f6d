/// What a cell holds.
enum CellContent {
  case number(DecimalNumber)
  case logical(Bool)
  case missing
  case text

  /// A number or what may stand among numbers.
  var isNumeric: Bool {
    if case .text = self { false } else { true }
  }

  /// Whether it is a number that can be used.
  var isNumber: Bool {
    if case .number = self { true } else { false }
  }

  /// The words for true and false that R, Python, Julia and spreadsheets write.
  private static let logical: [String: Bool] = [
    "TRUE": true, "FALSE": false, "True": true, "False": false, "true": true, "false": false, "T": true, "F": false,
  ]

  /// What `cell` holds, when these decimal marks may stand in numbers.
  init(_ cell: CellScanner.Cell, in scanner: CellScanner, point: Bool, comma: Bool) {
    var position = cell.range.lowerBound
    if let number = DecimalNumber.scan(
      scanner.text, &position, upTo: cell.range.upperBound, point: point, comma: comma),
      position == cell.range.upperBound, number.value.isFinite
    {
      self = .number(number)
      return
    }
    // Nothing but text is so long, such as a whole row under a wrong delimiter.
    guard cell.range.count < 1000 else {
      self = .text
      return
    }
    self.init(Self.trimmed(scanner.string(cell)), point: point, comma: comma)
  }

  private init(_ text: String, point: Bool, comma: Bool) {
    if MissingValues.words.contains(text) {
      self = .missing
    } else if let value = Self.logical[text] {
      self = .logical(value)
    } else {
      var copy = text
      let number = copy.withUTF8 { bytes -> DecimalNumber? in
        var position = 0
        let number = DecimalNumber.scan(bytes, &position, upTo: bytes.count, point: point, comma: comma)
        return position == bytes.count && number?.value.isFinite == true ? number : nil
      }
      self = number.map { .number($0) } ?? .text
    }
  }

  /// Without white space of any kind around it, no-break spaces included.
  static func trimmed(_ text: String) -> String {
    var view = text[...]
    while let first = view.first, first.isWhitespace { view.removeFirst() }
    while let last = view.last, last.isWhitespace { view.removeLast() }
    return String(view)
  }
}
