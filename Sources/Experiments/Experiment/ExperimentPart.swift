import Dynamics

/// A part of an experiment as it was written, read strictly: every key once, and none that nobody asks for.
final class ExperimentPart {
  /// Its path, "" for the whole.
  private let path: String
  private var entries: [String: JSONValue]

  /// Throws `InvalidInput` unless `value` is a mapping, with keys that some experiment has there.
  init(_ value: JSONValue, _ path: String) throws(InvalidInput) {
    guard case .object(let object) = value else {
      throw InvalidInput(Field(rawValue: path), because: "a mapping of keys to values is needed")
    }
    (self.path, entries) = (path, object.dictionary)
    let known = Self.keys[path] ?? []
    if let key = object.entries.map(\.key).first(where: { !known.contains($0) }) {
      throw InvalidInput(
        Field(rawValue: path.isEmpty ? key : "\(path).\(key)"), because: "there is no such key here",
        remedy: "choose among \(known.joined(separator: ", "))")
    }
  }

  /// The keys of each part.
  private static let keys: [String: [String]] = {
    var keys = [
      "": ["command", "problem", "initialisation", "network", "motion", "numerics", "goal", "recording"],
      "problem.gaussian": [Field.samples, .features, .nonzeros, .mean, .seed].map(\.name),
    ]
    for (part, fields) in fields { keys[part] = fields.map(\.name) }
    return keys
  }()

  /// The fields of each part.
  static let fields: [String: [Field]] = [
    "problem": [
      .gaussian, .data, .target, .standardize, .design, .response, .truth, .preset, .mean, .arrays, .index, .drop,
      .delimiter,
      .decimal, .missing, .header, .holdout, .seed,
    ],
    "initialisation": [.alpha, .u, .v, .uRate, .vRate, .weights, .rates],
    "network": [.network, .depth, .loss],
    "motion": [
      .flow, .method, .lambda, .gamma, .beta, .step, .steps, .batch, .replacement, .order, .paths,
    ],
    "numerics": [.stepper, .relativeTolerance, .absoluteTolerance],
    "goal": [
      .until, .residual, .iterations, .maximumTime, .maximumIterations, .route, .deltaTolerance, .residualTolerance,
      .tail, .sensitivity, .identity, .tolerance, .optimal, .gapWork, .maximumWork, .maximumSeconds,
    ],
    "recording": [.recordedSamples, .recordedTimes, .logSamples, .logFrom, .everyState],
  ]

  /// Whether a key is there and has not been read.
  func has(_ field: Field) -> Bool { entries[field.name] != nil }

  /// A part of the part; empty when it is not there.
  func part(_ name: String) throws(InvalidInput) -> ExperimentPart {
    let whole = path.isEmpty ? name : "\(path).\(name)"
    return try ExperimentPart(entries.removeValue(forKey: name) ?? .object(JSONObject()), whole)
  }

  private func take<T>(_ field: Field, _ need: String, _ read: (JSONValue) -> T?) throws(InvalidInput) -> T? {
    guard let value = entries.removeValue(forKey: field.name) else { return nil }
    guard let result = read(value) else {
      throw InvalidInput(field, because: "\(need) is needed, not \(value.text())")
    }
    return result
  }

  /// A finite number.
  func number(_ field: Field) throws(InvalidInput) -> Double? {
    try take(field, "a finite number, such as 0.5 or 1e-3,") { Self.number($0) }
  }

  private static func number(_ value: JSONValue) -> Double? {
    switch value {
    case .number(let value): value.isFinite ? value : nil
    case .integer(let value): Double(value)
    case .unsigned(let value): Double(value)
    default: nil
    }
  }

  /// Finite numbers.
  func numbers(_ field: Field) throws(InvalidInput) -> [Double]? {
    try take(field, "a list of finite numbers") { value in
      guard case .array(let items) = value else { return nil }
      let numbers = items.compactMap { Self.number($0) }
      return numbers.count == items.count ? numbers : nil
    }
  }

  /// A whole number from 0 to 10¹⁵.
  func count(_ field: Field) throws(InvalidInput) -> Int? {
    try take(field, "a whole number between 0 and 1e15") { value in
      Self.number(value).flatMap { $0 >= 0 && $0 <= 1e15 && $0 == $0.rounded() ? Int($0) : nil }
    }
  }

  /// A whole number from 0 to 2⁶⁴ − 1, exactly.
  func seed(_ field: Field) throws(InvalidInput) -> UInt64? {
    try take(field, "a whole number between 0 and 2⁶⁴ − 1") { value in
      switch value {
      case .unsigned(let value): value
      case .integer(let value): UInt64(exactly: value)
      case .number(let value): value < 0x1p53 ? UInt64(exactly: value) : nil
      default: nil
      }
    }
  }

  /// A text that is not empty.
  func text(_ field: Field) throws(InvalidInput) -> String? {
    try take(field, "a text") { if case .string(let text) = $0, !text.isEmpty { text } else { nil } }
  }

  /// The name of a file, a list of finite numbers or a list of such lists.
  func values(_ field: Field) throws(InvalidInput) -> ProblemSpecification.Values? {
    func row(_ value: JSONValue) -> [Double]? {
      guard case .array(let items) = value else { return nil }
      let numbers = items.compactMap { Self.number($0) }
      return numbers.count == items.count ? numbers : nil
    }
    return try take(field, "the name of a file, or finite numbers,") { value in
      if case .string(let path) = value { return path.isEmpty ? nil : .file(path) }
      if let row = row(value) { return .rows([row]) }
      guard case .array(let items) = value else { return nil }
      let rows = items.compactMap(row)
      return rows.count == items.count ? .rows(rows) : nil
    }
  }

  /// One text or a list of them.
  func texts(_ field: Field) throws(InvalidInput) -> [String]? {
    try take(field, "a text, or a list of texts,") { value in
      switch value {
      case .string(let text): return [text]
      case .array(let items):
        let texts = items.compactMap { if case .string(let text) = $0 { text } else { nil } }
        return texts.count == items.count ? texts : nil
      default: return nil
      }
    }
  }

  /// true or false.
  func flag(_ field: Field) throws(InvalidInput) -> Bool? {
    try take(field, "true or false") { if case .bool(let flag) = $0 { flag } else { nil } }
  }

  /// One of some texts.
  func choice<T>(
    _ field: Field, _ allowed: [String], _ make: (String) -> T?
  ) throws(InvalidInput) -> T? {
    guard let text = try text(field) else { return nil }
    guard let value = make(text) else {
      throw InvalidInput(
        "\(field, text)", because: "there is none of that name",
        remedy: "choose one of \(allowed.joined(separator: ", "))")
    }
    return value
  }

  /// One of the cases of an enumeration.
  func choice<T: RawRepresentable & CaseIterable>(
    _ field: Field, _ type: T.Type
  ) throws(InvalidInput) -> T? where T.RawValue == String {
    try choice(field, T.allCases.map(\.rawValue)) { T(rawValue: $0) }
  }

  /// Throws `InvalidInput` for keys that nobody has read.
  func finish() throws(InvalidInput) {
    guard let key = entries.keys.min() else { return }
    let field = Field(rawValue: path.isEmpty ? key : "\(path).\(key)")
    throw InvalidInput(
      field, because: "nothing uses this key here",
      remedy: "leave it out, or see which keys go with this command and motion")
  }
}
