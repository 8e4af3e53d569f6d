import Dynamics
import Networks

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
  /// The network and its depth L (without a network that of θ = w₊ᴸ − w₋ᴸ), and the loss.
  case network, depth
  case lossFunction = "loss_function"
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
  package enum Room {
    case problem, initialisation, fixed, stop
  }

  package var room: Room {
    switch self {
    case .samples, .features, .nonzeros, .mean, .seed, .holdout: .problem
    case .alpha: .initialisation
    case .gamma, .beta, .lambda, .lambdaRatio, .lambdaFrom, .lambdaTo, .nesterov, .network, .depth, .lossFunction,
      .step, .batch,
      .order, .rtol, .atol:
      .fixed
    case .deltaTolerance, .lambdaTolerance, .residual, .until, .iterations, .maxIterations, .maxTime, .maxWork: .stop
    }
  }

  /// The names of its values, in place of the numbers 0, 1, …; nil for numbers.
  package var names: [String]? {
    switch self {
    case .network: Parametrization.names
    case .lossFunction: Loss.allCases.map(\.rawValue)
    default: nil
    }
  }

  /// Reads a value: a number, or one of `names`. Throws `NumberText.Fault` for another text.
  package func number(_ text: String) throws(NumberText.Fault) -> NumberText {
    guard let names else { return try NumberText(text) }
    guard let index = names.firstIndex(of: text) else {
      throw NumberText.Fault(
        reason: "there is no \(rawValue) of that name", remedy: "choose one of " + names.joined(separator: ", "))
    }
    return try NumberText("\(index)")
  }

  /// Whether its values are whole numbers.
  public var isInteger: Bool {
    switch self {
    case .samples, .features, .nonzeros, .seed, .batch, .order, .nesterov, .network, .depth, .lossFunction, .iterations,
      .maxIterations, .maxWork:
      true
    default: false
    }
  }

  /// What a value must be, in words; nil when `value` is that.
  package func complaint(_ given: SettingValue) -> String? {
    guard self != .seed else { return given.unsigned == nil ? "it must be a whole number from 0 to 2⁶⁴ − 1" : nil }
    let value = given.double
    let (isRight, words): (Bool, String) =
      switch self {
      case .samples, .features, .batch, .maxWork: (value >= 1, "a whole number of at least 1")
      case .nonzeros, .iterations, .maxIterations: (value >= 0, "a whole number, not negative")
      case .order: (value >= 1 && value <= 12, "a whole number between 1 and 12")
      case .mean, .seed: (true, "a number")
      case .holdout: (value >= 0 && value < 1, "at least 0 and less than 1")
      case .beta: (value >= 0 && value < 1, "at least 0 and less than 1")
      case .rtol: (value > 0 && value < 1, "between 0 and 1")
      case .atol: (value >= 0, "not negative")
      case .lambdaTolerance: (value >= 1e-4 && value <= 0.1, "between 1e-4 and 0.1")
      case .depth:
        (
          value >= Double(Parametrization.depths.lowerBound) && value <= Double(Parametrization.depths.upperBound),
          "a whole number between \(Parametrization.depths.lowerBound) and \(Parametrization.depths.upperBound)"
        )
      case .network, .lossFunction:
        (value >= 0 && value < Double(names?.count ?? 0), "one of " + (names ?? []).joined(separator: ", "))
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
  package func text(_ value: SettingValue) -> String {
    if let names, let index = value.unsigned, index < names.count { return names[Int(index)] }
    return isInteger ? value.unsigned.map { "\($0)" } ?? "\(value)" : "\(value.double)"
  }

  /// What is wrong with a number written for it; nil when it can be used.
  package func complaint(_ number: NumberText) -> String? {
    if let complaint = complaint(number.value) { return complaint }
    return self == .seed && !number.isExact ? "a seed from 2⁵³ on must be written with all its digits" : nil
  }

  /// Whether runs that differ in this setting have different data.
  package var belongsToProblem: Bool { room == .problem }
}
