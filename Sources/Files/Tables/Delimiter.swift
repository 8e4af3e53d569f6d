/// What separates the cells of a row of text.
public enum Delimiter: String, Sendable, Codable, CaseIterable {
  case comma
  case semicolon
  case tab
  case bar
  /// One or more blanks or tabs, as `numpy.savetxt` and R's `write.table` write them; those at the ends of a line separate
  /// nothing.
  case blanks

  /// The delimiter that people call `text`: by its name, or by the character itself (`\t` for a tab).
  public init?(_ text: String) {
    switch text {
    case ",": self = .comma
    case ";": self = .semicolon
    case "\t", "\\t": self = .tab
    case "|": self = .bar
    case " ": self = .blanks
    default: self.init(rawValue: text)
    }
  }

  /// The character.
  var byte: UInt8 {
    switch self {
    case .comma: UInt8(ascii: ",")
    case .semicolon: UInt8(ascii: ";")
    case .tab: UInt8(ascii: "\t")
    case .bar: UInt8(ascii: "|")
    case .blanks: UInt8(ascii: " ")
    }
  }

  /// As messages name it.
  var plural: String {
    switch self {
    case .bar: "vertical bars"
    case .blanks: "blanks"
    default: rawValue + "s"
    }
  }
}
