/// What stands between the whole and the fractional digits of a number.
public enum DecimalMark: String, Sendable, Codable, CaseIterable {
  case point = "."
  case comma = ","

  /// The mark by its character or by its name, `point` or `comma`.
  public init?(_ text: String) {
    switch text {
    case "point": self = .point
    case "comma": self = .comma
    default: self.init(rawValue: text)
    }
  }
}
