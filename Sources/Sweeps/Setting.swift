import Dynamics

/// A numeric setting of a run: each can be fixed or be an axis of a study.
public enum Setting: String, CaseIterable, Sendable, Codable, Hashable, CodingKeyRepresentable {
  case samples, features, nonzeros, mean, seed, holdout
  case alpha
  case gamma, beta, lambda, step, batch, order
  /// λ in units of the problem's λ_c.
  case lambdaRatio = "lambda_ratio"
  /// The range in which λ* is sought.
  case lambdaFrom = "lambda_from"
  case lambdaTo = "lambda_to"
  /// 1 takes the gradient ahead, as Nesterov does; 0 is heavy ball.
  case nesterov
  /// L of the network θ = w₊ᴸ − w₋ᴸ, for flows.
  case depth
  case rtol, atol
  case deltaTolerance = "delta_tolerance"
  /// The run seeks λ*, the λ of least test error, to this relative width.
  case lambdaTolerance = "lambda_tolerance"
  case residual, until, iterations
  case maxIterations = "max_iterations"
  case maxTime = "max_time"
  /// Most passes over X of a run.
  case maxWork = "max_work"

  /// Where in a study file it is fixed.
  enum Room {
    case problem, initialisation, fixed, stop
  }

  var room: Room {
    switch self {
    case .samples, .features, .nonzeros, .mean, .seed, .holdout: .problem
    case .alpha: .initialisation
    case .gamma, .beta, .lambda, .lambdaRatio, .lambdaFrom, .lambdaTo, .nesterov, .depth, .step, .batch, .order, .rtol,
      .atol:
      .fixed
    case .deltaTolerance, .lambdaTolerance, .residual, .until, .iterations, .maxIterations, .maxTime, .maxWork: .stop
    }
  }

  /// Whether its values are whole numbers.
  public var isInteger: Bool {
    switch self {
    case .samples, .features, .nonzeros, .seed, .batch, .order, .nesterov, .depth, .iterations, .maxIterations,
      .maxWork:
      true
    default: false
    }
  }

  /// What a value must be, in words; nil when `value` is that.
  func complaint(_ value: Double) -> String? {
    let (isRight, words): (Bool, String) =
      switch self {
      case .samples, .features, .batch, .maxWork: (value >= 1, "a whole number of at least 1")
      case .nonzeros, .seed, .iterations, .maxIterations: (value >= 0, "a whole number, not negative")
      case .order: (value >= 1 && value <= 12, "between 1 and 12")
      case .mean: (true, "a number")
      case .holdout: (value >= 0 && value < 1, "at least 0 and less than 1")
      case .beta: (value >= 0 && value < 1, "at least 0 and less than 1")
      case .rtol: (value > 0 && value < 1, "between 0 and 1")
      case .atol: (value >= 0, "not negative")
      case .lambdaTolerance: (value >= 1e-4 && value <= 0.1, "between 1e-4 and 0.1")
      case .depth: (value >= 1 && value <= 16, "between 1 and 16")
      case .nesterov: (value == 0 || value == 1, "0 or 1")
      // Their limits 0 are gradient flow and momentum gradient flow.
      case .lambda, .step: (value >= 0, "positive, or 0 for the flow")
      case .alpha, .gamma, .lambdaRatio, .lambdaFrom, .lambdaTo, .deltaTolerance, .residual, .until,
        .maxTime:
        (value > 0, "positive")
      }
    let isWhole = !isInteger || value == value.rounded() && abs(value) < 0x1p53
    return value.isFinite && isWhole && isRight ? nil : "it must be \(words)"
  }

  /// The value as people write it.
  func text(_ value: Double) -> String { isInteger ? "\(Int(value))" : "\(value)" }

  /// Whether runs that differ in this setting have different data.
  var belongsToProblem: Bool { room == .problem }
}

/// The values that a setting takes in a study.
public struct Axis: Sendable, Equatable, Codable {
  /// The setting.
  public let setting: Setting
  /// Its values, in the order of the grid; no two are equal.
  public let values: [Double]

  /// Throws `InvalidInput` for no values, equal ones, or some that the setting cannot have.
  public init(_ setting: Setting, _ values: [Double]) throws(InvalidInput) {
    guard !values.isEmpty else {
      throw InvalidInput("axis \(setting.rawValue)", because: "it has no values")
    }
    for value in values {
      if let complaint = setting.complaint(value) {
        throw InvalidInput("axis \(setting.rawValue)", because: "the value \(value) cannot be used: \(complaint)")
      }
    }
    guard Set(values).count == values.count else {
      throw InvalidInput(
        "axis \(setting.rawValue)", because: "a value occurs twice", remedy: "every run of a study must be different")
    }
    self.setting = setting
    self.values = values
  }

  /// How the values of a range are spaced.
  public enum Spacing: String, Sendable, CaseIterable {
    /// Evenly.
    case linear
    /// Evenly in the logarithm.
    case log
    /// Evenly in ln(1 − x), for momenta near 1.
    case complement
  }

  /// `count` values from `first` to `last`. Whole numbers are rounded.
  public static func range(
    _ setting: Setting, from first: Double, to last: Double, count: Int, _ spacing: Spacing
  ) throws(InvalidInput) -> Axis {
    let name = "axis \(setting.rawValue)"
    guard count >= 1, count <= 10_000_000 else {
      throw InvalidInput(name, because: "a range needs a whole number of values between 1 and 10,000,000")
    }
    guard count > 1 || first == last else {
      throw InvalidInput(name, because: "one value cannot reach from \(first) to \(last)")
    }
    guard spacing != .log || first > 0 && last > 0 else {
      throw InvalidInput(name, because: "a logarithmic range needs positive ends")
    }
    guard spacing != .complement || first < 1 && last < 1 else {
      throw InvalidInput(name, because: "a range even in ln(1 − x) needs ends below 1")
    }
    return try Axis(
      setting,
      (0..<count).map { k in
        if k == 0 { return first }
        if k == count - 1 { return last }
        let share = Double(k) / Double(count - 1)
        let value =
          switch spacing {
          case .linear: first + share * (last - first)
          case .log: geometricMean(first, last, share)
          case .complement: 1 - geometricMean(1 - first, 1 - last, share)
          }
        return setting.isInteger ? value.rounded() : value
      })
  }
}
