/// The settings of a run, by name.
public struct Settings: Sendable, Equatable {
  private var values: [Setting: SettingValue] = [:]

  /// A setting as a double: exact for all but seeds from 2⁵³ on.
  public subscript(_ setting: Setting) -> Double? {
    get { values[setting]?.double }
    set { values[setting] = newValue.map { SettingValue($0) } }
  }

  /// A setting, exactly.
  public subscript(exactly setting: Setting) -> SettingValue? {
    get { values[setting] }
    set { values[setting] = newValue }
  }

  /// The seed, exactly.
  public var seed: UInt64? { values[.seed]?.unsigned }

  /// All of them, by name.
  package var entries: [(setting: Setting, value: SettingValue)] {
    values.sorted { $0.key.rawValue < $1.key.rawValue }.map { ($0.key, $0.value) }
  }

  /// The settings with those of `defaults` that are missing.
  package func completed(by defaults: Settings) -> Settings {
    var settings = self
    settings.values.merge(defaults.values) { own, _ in own }
    return settings
  }
}

extension Settings: ExpressibleByDictionaryLiteral {
  public init(dictionaryLiteral elements: (Setting, Double)...) {
    for (setting, value) in elements { self[setting] = value }
  }
}

extension Settings: Codable {
  public init(from decoder: any Decoder) throws {
    values = try decoder.singleValueContainer().decode([Setting: SettingValue].self)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(values)
  }
}
