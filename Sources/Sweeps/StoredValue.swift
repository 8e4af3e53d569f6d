import GRDB

/// A value of a store.
public enum StoredValue: Sendable, Equatable {
  case none
  case integer(Int64)
  /// A whole number from 2⁶³ on.
  case unsigned(UInt64)
  case real(Double)
  case text(String)

  /// As a number; not-a-number for a text or nothing.
  public var number: Double {
    switch self {
    case .integer(let value): Double(value)
    case .unsigned(let value): Double(value)
    case .real(let value): value
    case .none, .text: .nan
    }
  }

  /// As text; numbers read back bit for bit.
  public var text: String {
    switch self {
    case .integer(let value): "\(value)"
    case .unsigned(let value): "\(value)"
    case .real(let value): "\(value)"
    case .text(let value): value
    case .none: ""
    }
  }

  /// A setting in a column of some kind.
  package init(_ value: SettingValue, _ kind: StoreColumn.Kind) {
    guard kind != .real, let whole = value.unsigned else {
      self = .real(value.double)
      return
    }
    self = Int64(exactly: whole).map { .integer($0) } ?? .unsigned(whole)
  }

  /// What a column of some kind holds.
  package init(_ stored: DatabaseValue, _ kind: StoreColumn.Kind) {
    self =
      switch stored.storage {
      case .null, .blob: .none
      case .int64(let number): .integer(number)
      case .double(let number): .real(number)
      case .string(let text):
        if kind == .unsigned, let whole = UInt64(text) {
          Int64(exactly: whole).map { .integer($0) } ?? .unsigned(whole)
        } else {
          .text(text)
        }
      }
  }

  /// What a column of some kind keeps of it.
  package func stored(_ kind: StoreColumn.Kind) -> DatabaseValue {
    switch self {
    case .none: .null
    case .integer(let value): kind == .unsigned ? "\(value)".databaseValue : value.databaseValue
    case .unsigned(let value): "\(value)".databaseValue
    case .real(let value): value.databaseValue
    case .text(let value): value.databaseValue
    }
  }
}
