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
  package static func object(_ entries: KeyValuePairs<String, JSONValue>) -> JSONValue { .object(JSONObject(entries)) }

  /// A list of real numbers.
  public static func numbers(_ values: [Double]) -> JSONValue { .array(values.map { .number($0) }) }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Double.self) {
      // What is not of the type asked for costs more than all else: most values are numbers.
      self =
        if abs(value) < 0x1p53 {
          value == 0 && value.sign == .minus
            ? .number(value) : Int(exactly: value).map { .integer($0) } ?? .number(value)
        } else if let value = try? container.decode(Int.self) {
          .integer(value)
        } else if let value = try? container.decode(UInt64.self) { .unsigned(value) } else { .number(value) }
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let values = try? container.decode([String: JSONValue].self) {
      var object = JSONObject()
      for (key, value) in values.sorted(by: { $0.key < $1.key }) { object[key] = value }
      self = .object(object)
    } else if let values = try? container.decode([JSONValue].self) {
      self = .array(values)
    } else {
      self = .bool(try container.decode(Bool.self))
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
    guard indented else {
      var bytes: [UInt8] = []
      write(to: &bytes)
      return String(decoding: bytes, as: UTF8.self)
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    // Cannot fail: every number is finite by the time it is encoded.
    guard let data = try? encoder.encode(self) else { return "null" }
    return String(decoding: data, as: UTF8.self)
  }

  /// Writes on one line what `JSONEncoder` does in many times the time: for a small limit, a fifth of what that takes itself.
  private func write(to bytes: inout [UInt8]) {
    func list<T>(_ open: Unicode.Scalar, _ items: [T], _ close: Unicode.Scalar, _ body: (T) -> Void) {
      bytes.append(UInt8(ascii: open))
      for (index, item) in items.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        body(item)
      }
      bytes.append(UInt8(ascii: close))
    }
    switch self {
    case .null: bytes += "null".utf8
    case .bool(let value): bytes += (value ? "true" : "false").utf8
    case .integer(let value): bytes += "\(value)".utf8
    case .unsigned(let value): bytes += "\(value)".utf8
    case .number(let value):
      bytes += (value.isFinite ? "\(value)" : "null").utf8
      if bytes.suffix(2).elementsEqual(".0".utf8) { bytes.removeLast(2) }
    case .string(let value): Self.write(value, to: &bytes)
    case .array(let values): list("[", values, "]") { $0.write(to: &bytes) }
    case .object(let object):
      list("{", object.entries.sorted { $0.key < $1.key }, "}") { entry in
        Self.write(entry.key, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        entry.value.write(to: &bytes)
      }
    }
  }

  private static func write(_ text: String, to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
      case 0x0A: bytes += "\\n".utf8
      case 0x0D: bytes += "\\r".utf8
      case 0x09: bytes += "\\t".utf8
      case 0x08: bytes += "\\b".utf8
      case 0x0C: bytes += "\\f".utf8
      case 0..<0x20:
        let digits = String(byte, radix: 16)
        bytes += "\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".utf8
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
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
