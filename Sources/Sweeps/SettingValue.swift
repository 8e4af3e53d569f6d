/// The value of a setting: a real number, or a whole one below 2⁶⁴ that doubles need not hold exactly (a seed).
///
/// Each number has one representation, so that equal numbers are equal values however they were written.
public struct SettingValue: Sendable, Hashable {
  private enum Storage: Sendable, Hashable {
    /// Everything below 2⁵³ and from 2⁶⁴ on.
    case real(Double)
    /// From 2⁵³ to 2⁶⁴ − 1.
    case whole(UInt64)
  }

  private let storage: Storage

  /// The value of a real number.
  public init(_ value: Double) {
    storage = value >= 0x1p53 && value < 0x1p64 ? .whole(UInt64(value)) : .real(value)
  }

  /// The value of a whole number, exactly.
  public init(_ value: UInt64) {
    storage = value < 1 << 53 ? .real(Double(value)) : .whole(value)
  }

  /// The nearest double.
  public var double: Double {
    switch storage {
    case .real(let value): value
    case .whole(let value): Double(value)
    }
  }

  /// The value as a whole number from 0 to 2⁶⁴ − 1; nil when it is none.
  public var unsigned: UInt64? {
    switch storage {
    case .real(let value): UInt64(exactly: value)
    case .whole(let value): value
    }
  }

  /// Whether SQLite's signed integers of 64 bits do not hold it.
  package var exceedsSigned: Bool { unsigned.map { $0 > UInt64(Int64.max) } ?? false }
}

extension SettingValue: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral, CustomStringConvertible, Comparable {
  public init(floatLiteral value: Double) { self.init(value) }
  public init(integerLiteral value: UInt64) { self.init(value) }

  public var description: String {
    switch storage {
    case .real(let value): "\(value)"
    case .whole(let value): "\(value)"
    }
  }

  public static func < (a: SettingValue, b: SettingValue) -> Bool {
    switch (a.storage, b.storage) {
    case (.real(let a), .real(let b)): a < b
    case (.whole(let a), .whole(let b)): a < b
    case (.real(let a), .whole): a < 0x1p53
    case (.whole, .real(let b)): b >= 0x1p64
    }
  }
}

extension SettingValue: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let value = try container.decode(Double.self)
    if value >= 0x1p53, let whole = try? container.decode(UInt64.self) {
      self.init(whole)
    } else {
      self.init(value)
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch storage {
    case .real(let value): try container.encode(value)
    case .whole(let value): try container.encode(value)
    }
  }
}
