import Dynamics
import Experiments

/// A column of a store: its name and type, what it is, and how it is read from a run and put back into one.
///
/// The only list of columns is `StoreColumn.all`: the table, its rows, the exports, what a merge compares and what processes
/// tell one another follow from it.
package struct StoreColumn: Sendable {
  /// What its cells are.
  package enum Kind: Sendable {
    case text, real
    /// Whole numbers within the signed 64 bits of SQLite.
    case integer
    /// Whole numbers up to 2⁶⁴ − 1, kept as text.
    case unsigned
  }

  /// Where a cell comes from.
  package enum Source: Sendable {
    /// The quantity of its name, which the run found.
    case quantity
    /// The quantity of its name, which follows from the θ that the run found.
    case theta(@Sendable (Fit) -> JSONValue?)
    /// A setting of the run.
    case setting(Setting)
    /// A setting that the run may have found itself, and then is the quantity of its name.
    case found(Setting)
    /// What follows from the rest.
    case derived(@Sendable (StoreRow) -> String?)
  }

  /// To what it belongs.
  package enum Scope: Sendable {
    /// To the run: it is exported beside the axes, and two doings of the run agree on it.
    case run
    /// To the run, but it takes what time it takes.
    case timing
    /// To the study: the same for all runs, or said by the axes.
    case study
    /// To the doing of the run.
    case provenance
  }

  /// The name.
  package let name: String
  /// What its cells are.
  package let kind: Kind
  /// Whether every run has it.
  package let isRequired: Bool
  /// To what it belongs.
  package let scope: Scope
  /// Its unit, "1" for none; nil for texts.
  package let unit: String?
  /// What it is, in words.
  package let longName: String
  /// Where a cell comes from.
  package let source: Source

  package init(
    _ name: String, _ source: Source, _ longName: String? = nil, required: Bool = false, scope: Scope = .run,
    unit: String = "1"
  ) {
    self.name = name
    self.source = source
    self.scope = scope
    self.longName = longName ?? name
    isRequired = required
    kind =
      switch source {
      case .derived, .quantity, .theta: .text
      case .setting(let setting), .found(let setting):
        setting.names != nil ? .text : setting.isInteger ? .integer : .real
      }
    self.unit = kind == .text ? nil : unit
  }

  /// The column of a quantity.
  package init<Value>(
    _ quantity: KeyPath<Quantities, Quantity<Value>>, required: Bool = false, scope: Scope = .run
  ) {
    let quantity = Quantities.all[keyPath: quantity]
    (name, longName, unit) = (quantity.name, quantity.meaning, quantity.unit)
    (source, isRequired, self.scope) = (.quantity, required, scope)
    kind = Value.self == Double.self ? .real : Value.self == Int.self ? .integer : .text
  }

  /// The column of a quantity that `value` tells of θ; nil where it says nothing.
  package init<Value>(
    _ quantity: KeyPath<Quantities, Quantity<Value>>, ofTheta value: @escaping @Sendable (Fit) -> Value?
  ) {
    let column = StoreColumn(quantity)
    self.init(column, kind: column.kind, source: .theta { value($0)?.measured })
  }

  private init(_ column: StoreColumn, kind: Kind, source: Source? = nil) {
    (name, isRequired, scope, unit) = (column.name, column.isRequired, column.scope, column.unit)
    longName = column.longName
    self.kind = kind
    self.source = source ?? column.source
  }

  /// Its declaration in SQL. SQLite would turn a whole number beyond its range into a real one: those are text.
  package var declaration: String {
    let type =
      switch kind {
      case .text, .unsigned: "TEXT"
      case .integer: "INTEGER"
      case .real: "REAL"
      }
    return "\"\(name)\" \(type)" + (isRequired ? " NOT NULL" : "")
  }

  /// Whether two doings of a run agree on it.
  package var isReproducible: Bool { scope == .run || scope == .study }

  /// Whether exports to NetCDF have it.
  package var isExported: Bool { scope == .run || scope == .timing }

  /// The cell of a row.
  package func value(_ row: StoreRow) -> StoredValue {
    switch source {
    case .quantity, .theta: cell(of: row.result)
    case .derived(let body): body(row).map { .text($0) } ?? .none
    case .setting(let setting), .found(let setting):
      row.settings[exactly: setting].map { kind == .text ? .text(setting.text($0)) : StoredValue($0, kind) } ?? .none
    }
  }

  /// Whether it is read from a measurement.
  package var isMeasured: Bool {
    switch source {
    case .quantity, .theta, .found: true
    case .setting, .derived: false
    }
  }

  /// The quantity of its name.
  func cell(of result: Measurements) -> StoredValue {
    switch result.json[name] {
    case .string(let text)?: .text(text)
    case .integer(let number)?: .integer(Int64(number))
    case .number(let number)?: .real(number)
    default: .none
    }
  }

  /// The columns of a study's store: the axes that the list does not have, then the list.
  package static func columns(_ study: Study) -> [StoreColumn] {
    let known = Set(all.map(\.name))
    let axes = study.axes.filter { !known.contains($0.setting.rawValue) }
    let columns = axes.map { StoreColumn($0.setting.rawValue, .setting($0.setting), required: true) } + all
    guard study.hasUnsignedSeeds else { return columns }
    return columns.map { $0.name == Setting.seed.rawValue ? StoreColumn($0, kind: .unsigned) : $0 }
  }
}

/// What the cells of a row are made of.
package struct StoreRow {
  package let study: Study
  package let result: Measurements
  /// The settings of the run with what is known of them: defaults, the other two of γ, β, λ and ε, the λ it found.
  package let settings: Settings
  /// The same without what only follows from others.
  package let stated: Settings
  package let date: String
  package let host: String

  package init(_ study: Study, _ run: Int, _ result: Measurements, date: String, host: String) {
    self.study = study
    self.result = result
    (self.date, self.host) = (date, host)
    var settings = study.settings(run)
    for column in StoreColumn.all {
      if case .found(let setting) = column.source, case .real(let value) = column.cell(of: result) {
        settings[setting] = value
      }
    }
    stated = study.completed(settings)
    var known = stated
    if study.method.isDiscrete, let descent = try? study.descentRates(settings) {
      known = known.completed(by: [
        .gamma: descent.gamma, .beta: descent.beta, .lambda: descent.lambda, .step: descent.step,
      ])
    }
    self.settings = known
  }
}
