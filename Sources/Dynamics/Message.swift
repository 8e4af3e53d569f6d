/// A text for people in which settings are named by their `Field`, so that each front end can say them in its own words.
///
/// Written as a string literal: `"\(.step, step): it is above λ = \(lambda)"` names the field `motion.step` and its value.
public struct Message: Sendable, Equatable, CustomStringConvertible {
  enum Part: Sendable, Equatable {
    case text(String)
    case setting(Field, value: String?)
  }

  private(set) var parts: [Part]

  /// A text that names no field.
  public init(_ text: String) { parts = [.text(text)] }

  /// The first setting named, if any.
  public var field: Field? {
    for case .setting(let field, _) in parts { return field }
    return nil
  }

  /// The text in the words of a front end, on one line.
  public func text(_ wording: Wording) -> String {
    parts.map { part in
      switch part {
      case .text(let text): text
      case .setting(let field, let value): wording.words(field, value)
      }
    }.joined().printable
  }

  /// The text in plain words: the setting's name, and `name: value`.
  public var description: String { text(.plain) }

  /// The two texts, one after the other.
  public static func + (first: Message, second: Message) -> Message {
    var sum = first
    sum.parts += second.parts
    return sum
  }

  /// Lengthens the text by another.
  public static func += (first: inout Message, second: Message) { first.parts += second.parts }

  /// The message with a text behind it.
  @_disfavoredOverload
  public static func + (message: Message, text: String) -> Message { message + Message(text) }
}

extension Message: ExpressibleByStringInterpolation {
  public init(stringLiteral value: String) { parts = [.text(value)] }

  public init(stringInterpolation: StringInterpolation) { parts = stringInterpolation.parts }

  public struct StringInterpolation: StringInterpolationProtocol {
    var parts: [Part] = []

    public init(literalCapacity: Int, interpolationCount: Int) {}

    public mutating func appendLiteral(_ literal: String) {
      guard !literal.isEmpty else { return }
      if case .text(let text)? = parts.last {
        parts[parts.count - 1] = .text(text + literal)
      } else {
        parts.append(.text(literal))
      }
    }

    /// Any value, as text.
    public mutating func appendInterpolation(_ value: some Any) { appendLiteral("\(value)") }

    /// A field by its name.
    public mutating func appendInterpolation(_ field: Field) { parts.append(.setting(field, value: nil)) }

    /// A field with its value.
    public mutating func appendInterpolation(_ field: Field, _ value: some Any) {
      parts.append(.setting(field, value: "\(value)"))
    }

    /// Another message.
    public mutating func appendInterpolation(_ message: Message) { parts += message.parts }
  }
}

/// How a front end says a field, with or without a value.
public struct Wording: Sendable {
  let words: @Sendable (Field, String?) -> String

  /// A wording from its function.
  public init(_ words: @escaping @Sendable (Field, String?) -> String) { self.words = words }

  /// The setting's name; `name: value` as in study files.
  public static let plain = Wording { field, value in value.map { "\(field.name): \($0)" } ?? field.name }
}

extension [Message] {
  /// One message of all, with `separator` between them.
  public func joined(separator: String) -> Message {
    guard let first else { return "" }
    return dropFirst().reduce(first) { $0 + separator + $1 }
  }
}
