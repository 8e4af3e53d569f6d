import Dynamics

/// A quantity that a measurement may hold: the name it has in JSON, files, stores and tables, its unit and what it means.
public struct Quantity<Value: Measurable>: AnyQuantity {
  public let name: String
  public let meaning: String
  public let unit: String?

  init(_ name: String, _ meaning: String, unit: String = "1") {
    self.name = name
    self.meaning = meaning
    self.unit = Value.hasUnit ? unit : nil
  }
}

/// A quantity of any type.
public protocol AnyQuantity: Sendable {
  /// What its values are.
  associatedtype Value: Measurable
  /// The name: the same everywhere.
  var name: String { get }
  /// What it is, in words.
  var meaning: String { get }
  /// The unit, "1" for none; nil where there cannot be one.
  var unit: String? { get }
}

/// What a quantity's value can be.
public protocol Measurable: Sendable {
  /// Whether it is a number, or numbers.
  static var hasUnit: Bool { get }
  /// The value as it is kept and written.
  var measured: JSONValue { get }
  /// The value that was kept; nil when it is of another type.
  init?(measured: JSONValue)
}

extension Measurable {
  public static var hasUnit: Bool { false }
}

extension Double: Measurable {
  public static var hasUnit: Bool { true }
  public var measured: JSONValue { .number(self) }
  public init?(measured: JSONValue) {
    switch measured {
    case .number(let value): self = value
    case .integer(let value): self = Double(value)
    default: return nil
    }
  }
}

extension Int: Measurable {
  public static var hasUnit: Bool { true }
  public var measured: JSONValue { .integer(self) }
  public init?(measured: JSONValue) {
    guard case .integer(let value) = measured else { return nil }
    self = value
  }
}

extension UInt64: Measurable {
  public static var hasUnit: Bool { true }
  public var measured: JSONValue { .unsigned(self) }
  public init?(measured: JSONValue) {
    switch measured {
    case .unsigned(let value): self = value
    case .integer(let value): self.init(exactly: value)
    default: return nil
    }
  }
}

extension Bool: Measurable {
  public var measured: JSONValue { .bool(self) }
  public init?(measured: JSONValue) {
    guard case .bool(let value) = measured else { return nil }
    self = value
  }
}

extension String: Measurable {
  public var measured: JSONValue { .string(self) }
  public init?(measured: JSONValue) {
    guard case .string(let value) = measured else { return nil }
    self = value
  }
}

extension Outcome: Measurable {
  public var measured: JSONValue { .string(rawValue) }
  public init?(measured: JSONValue) {
    guard let name = String(measured: measured) else { return nil }
    self.init(rawValue: name)
  }
}

extension JSONObject: Measurable {
  public var measured: JSONValue { .object(self) }
  public init?(measured: JSONValue) {
    guard case .object(let object) = measured else { return nil }
    self = object
  }
}

extension Array: Measurable where Element: Measurable {
  public static var hasUnit: Bool { Element.hasUnit }
  public var measured: JSONValue { .array(map(\.measured)) }
  public init?(measured: JSONValue) {
    guard case .array(let items) = measured else { return nil }
    let values = items.compactMap { Element(measured: $0) }
    guard values.count == items.count else { return nil }
    self = values
  }
}
