import FoundationEssentials

/// A value that can be written as JSON; numbers read back bit for bit.
public enum JSONValue: Sendable, Equatable, Codable {
  /// null.
  case null
  /// true or false.
  case bool(Bool)
  /// A whole number.
  case integer(Int)
  /// A whole number that may exceed the signed range: a seed.
  case unsigned(UInt64)
  /// A real number; written as null when it is not finite.
  case number(Double)
  /// Text.
  case string(String)
  /// A list.
  case array([JSONValue])
  /// Named values.
  case object(JSONObject)

  /// An object from a literal list of entries.
  static func object(_ entries: KeyValuePairs<String, JSONValue>) -> JSONValue { .object(JSONObject(entries)) }

  /// A list of real numbers.
  public static func numbers(_ values: [Double]) -> JSONValue { .array(values.map { .number($0) }) }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Int.self) {
      self = .integer(value)
    } else if let value = try? container.decode(UInt64.self) {
      self = .unsigned(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let values = try? container.decode([JSONValue].self) {
      self = .array(values)
    } else {
      var object = JSONObject()
      for (key, value) in try container.decode([String: JSONValue].self).sorted(by: { $0.key < $1.key }) {
        object[key] = value
      }
      self = .object(object)
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .bool(let value): try container.encode(value)
    case .integer(let value): try container.encode(value)
    case .unsigned(let value): try container.encode(value)
    case .number(let value): if value.isFinite { try container.encode(value) } else { try container.encodeNil() }
    case .string(let value): try container.encode(value)
    case .array(let values): try container.encode(values)
    case .object(let object): try container.encode(object.dictionary)
    }
  }

  /// JSON on one line or, if `indented`, on many; keys are sorted.
  public func text(indented: Bool = false) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if indented { encoder.outputFormatting.insert(.prettyPrinted) }
    // Cannot fail: every number is finite by the time it is encoded.
    guard let data = try? encoder.encode(self) else { return "null" }
    return String(decoding: data, as: UTF8.self)
  }
}

/// Named values in the order in which they are to be shown.
public struct JSONObject: Sendable, Equatable {
  /// The entries in order.
  public private(set) var entries: [(key: String, value: JSONValue)] = []

  /// Nothing yet.
  public init() {}

  /// An object from its entries.
  public init(_ entries: KeyValuePairs<String, JSONValue>) {
    self.entries = entries.map { ($0.key, $0.value) }
  }

  /// Adds or replaces an entry.
  public subscript(key: String) -> JSONValue? {
    get { entries.first { $0.key == key }?.value }
    set {
      entries.removeAll { $0.key == key }
      if let newValue { entries.append((key, newValue)) }
    }
  }

  /// The number under `key`, whole or real; nil when there is none.
  public func number(_ key: String) -> Double? {
    switch self[key] {
    case .number(let value)?: value
    case .integer(let value)?: Double(value)
    default: nil
    }
  }

  /// The list of real numbers under `key`; nil when there is none or an entry is something else.
  public func numbers(_ key: String) -> [Double]? {
    guard case .array(let items)? = self[key] else { return nil }
    let numbers = items.compactMap { item -> Double? in if case .number(let value) = item { value } else { nil } }
    return numbers.count == items.count ? numbers : nil
  }

  /// The object under `key`; nil when there is none.
  public func object(_ key: String) -> JSONObject? {
    if case .object(let object)? = self[key] { object } else { nil }
  }

  /// Adds a number, or null with `<key>_reason` beside it when it is missing or not finite.
  public mutating func set(_ key: String, _ value: Double?, otherwise reason: String) {
    if let value, value.isFinite {
      self[key] = .number(value)
    } else {
      self[key] = .null
      self["\(key)_reason"] = .string(reason)
    }
  }

  var dictionary: [String: JSONValue] {
    Dictionary(entries.map { ($0.key, $0.value) }) { $1 }
  }

  public static func == (a: JSONObject, b: JSONObject) -> Bool { a.dictionary == b.dictionary }
}
