/// The value of an attribute: text or a number.
public enum AttributeValue: Sendable, Equatable {
  /// Text.
  case text(String)
  /// A real number.
  case number(Double)
  /// A whole number.
  case integer(Int)
}

/// An array with a name, named dimensions and attributes.
public struct NamedArray: Sendable, Equatable {
  /// The entries, row-major.
  public enum Values: Sendable, Equatable {
    /// Real numbers (64 bits).
    case reals([Double])
    /// Whole numbers (64 bits).
    case integers([Int])
    /// Whole numbers, not negative (64 bits).
    case unsigned([UInt64])
    /// Text.
    case strings([String])

    /// The number of entries.
    public var count: Int {
      switch self {
      case .reals(let values): values.count
      case .integers(let values): values.count
      case .unsigned(let values): values.count
      case .strings(let values): values.count
      }
    }
  }

  /// The name.
  public let name: String
  /// The names of the dimensions, slowest first; empty for a single value.
  public let dimensions: [String]
  /// The entries.
  public let values: Values
  /// The attributes, in order: `long_name` and `units` at least.
  public let attributes: [(name: String, value: AttributeValue)]

  /// An array with the two attributes that every variable has. `units` "1" means dimensionless; `coordinates` names further
  /// coordinate variables along its dimensions, as the CF conventions have it.
  public init(
    _ name: String, _ dimensions: [String], _ values: Values, longName: String, units: String? = "1",
    coordinates: String? = nil
  ) {
    self.name = name
    self.dimensions = dimensions
    self.values = values
    attributes =
      [("long_name", .text(longName))] + (units.map { [("units", .text($0))] } ?? [])
      + (coordinates.map { [("coordinates", .text($0))] } ?? [])
  }

  public static func == (a: NamedArray, b: NamedArray) -> Bool {
    a.name == b.name && a.dimensions == b.dimensions && a.values == b.values
      && a.attributes.elementsEqual(b.attributes) { $0.name == $1.name && $0.value == $1.value }
  }
}

/// Named arrays over shared dimensions with global attributes: what one NetCDF file holds.
public struct ArrayDataset: Sendable {
  /// The dimensions and their lengths, in order.
  public var dimensions: [(name: String, count: Int)]
  /// The arrays.
  public var arrays: [NamedArray]
  /// The global attributes.
  public var attributes: [(name: String, value: AttributeValue)]

  /// A data set from its parts.
  public init(
    dimensions: [(name: String, count: Int)], arrays: [NamedArray],
    attributes: [(name: String, value: AttributeValue)] = []
  ) {
    self.dimensions = dimensions
    self.arrays = arrays
    self.attributes = attributes
  }
}
