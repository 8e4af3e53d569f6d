import Dynamics

/// What a run found: the value of each quantity that it speaks of, or the reason why that is missing.
///
/// Every quantity of `Quantities` is a property, nil where it is missing: `found.testError`, `found.balancedness`; parts such as
/// `found.errorEstimate` are measurements themselves. JSON, the attributes of files, the rows of stores and what processes tell
/// one another are views of them.
@dynamicMemberLookup
public struct Measurements: Sendable, Measurable, Codable, CustomStringConvertible {
  /// The version of names and types of the quantities: it changes when one of them does.
  public static let layout = 1

  /// The JSON object, in the order in which it is to be shown: a missing value is null, and `NAME_reason` says why.
  public private(set) var json: JSONObject
  /// What to write to a trajectory file, when the run has one.
  public var record: TrajectoryRecord?
  /// The flow between its steps, where it was to be kept.
  public package(set) var path: FlowPath?
  /// Whether the user stopped the run (exit 130).
  public package(set) var isInterrupted = false
  /// Why it failed, in the words of fields.
  private var message: Message?

  /// Nothing yet.
  public init() { json = JSONObject() }

  /// What `body` fills in: a part of another, or a row.
  package init(_ body: (inout Measurements) -> Void) {
    self.init()
    body(&self)
  }

  /// What a command says of a run.
  package init(_ command: String, _ setup: Setup, outcome: Outcome? = nil, failure: Message? = nil) {
    self.init()
    self.command = command
    self.problem = setup.measurements
    if let outcome { end(outcome, failure: failure) }
  }

  /// How it ended. A run that stopped itself says why; one that the user stopped does not.
  package mutating func end(_ outcome: Outcome, failure: Message? = nil) {
    self.outcome = outcome
    self.failure = failure
    isInterrupted = outcome == .interrupted && failure == nil
  }

  /// The value of a quantity; nil when it is missing.
  public subscript<Value>(dynamicMember quantity: KeyPath<Quantities, Quantity<Value>>) -> Value? {
    get { json[Quantities.all[keyPath: quantity].name].flatMap { Value(measured: $0) } }
    set { json[Quantities.all[keyPath: quantity].name] = newValue?.measured }
  }

  /// Why a quantity is missing, or not all there.
  public func reason<Value>(_ quantity: KeyPath<Quantities, Quantity<Value>>) -> String? {
    json[Quantities.all[keyPath: quantity].name + "_reason"].flatMap { String(measured: $0) }
  }

  /// Takes a value, or the reason why it is missing or not finite; a list that is not finite throughout has both.
  package mutating func set<Value>(
    _ quantity: KeyPath<Quantities, Quantity<Value>>, _ value: Value?, otherwise reason: String
  ) {
    let name = Quantities.all[keyPath: quantity].name
    let isFinite =
      switch value {
      case nil: false
      case let number as Double: number.isFinite
      case let numbers as [Double]: numbers.allSatisfy(\.isFinite)
      default: true
      }
    json[name] = isFinite || value is [Double] ? value?.measured : .null
    if !isFinite { json["\(name)_reason"] = .string(reason) }
  }

  /// Takes everything from another measurement, in its order.
  package mutating func merge(_ other: Measurements) {
    for (key, value) in other.json.entries { json[key] = value }
  }

  /// Takes the value of a quantity by its name, as it is kept.
  package mutating func take(_ value: JSONValue, named name: String) { json[name] = value }

  /// Why it failed; nil when it did not. It is shown last.
  public package(set) var failure: Message? {
    get { message ?? json[Quantities.all.failure.name].flatMap { String(measured: $0) }.map { Message($0) } }
    set {
      message = newValue
      json[Quantities.all.failure.name] = newValue.map { .string($0.description) }
    }
  }

  /// Whether it is what was asked for (exit 0), or only a part of it (exit 1).
  public var isComplete: Bool {
    guard failure == nil, !isInterrupted else { return false }
    return switch self.outcome {
    case .reached, .residual, nil: true
    case .stationary, .maxTime, .maxIterations, .maxWork, .maxSeconds, .diverged, .nonFinite, .stepTooSmall,
      .interrupted:
      false
    }
  }

  /// What it lacks of what was asked for, and what would help; nil when nothing.
  public var shortfall: Message? {
    if isInterrupted { return "interrupted; the result is partial" }
    if let failure { return failure }
    guard !isComplete, let outcome = self.outcome else { return nil }
    let remedy: Message =
      switch outcome {
      case .maxTime: "; raise \(.maximumTime), or ask for less accuracy"
      case .maxIterations: "; raise \(.maximumIterations) or \(.maximumTime), or ask for less accuracy"
      default: ""
      }
    return "the run ended with outcome \(outcome.rawValue); the result is partial" + remedy
  }

  /// The same in the words of a front end.
  public func worded(_ wording: Wording) -> Measurements {
    guard let message else { return self }
    var copy = self
    copy.json[Quantities.all.failure.name] = .string(message.text(wording))
    return copy
  }

  /// JSON on many lines.
  public var description: String { measured.text(indented: true) }

  // MARK: Codable

  public var measured: JSONValue { .object(json) }

  public init?(measured: JSONValue) {
    guard case .object(let object) = measured else { return nil }
    json = object
    isInterrupted = self.outcome == .interrupted && failure == nil
  }

  public init(from decoder: any Decoder) throws {
    let value = try JSONValue(from: decoder)
    guard let measurement = Measurements(measured: value) else {
      throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "it is no object"))
    }
    self = measurement
  }

  public func encode(to encoder: any Encoder) throws { try measured.encode(to: encoder) }
}
