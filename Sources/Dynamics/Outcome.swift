/// How a run ended.
public enum Outcome: String, Sendable, Codable, CaseIterable {
  /// The requested time or iteration was reached.
  case reached
  /// The residual fell below the requested tolerance.
  case residual
  /// Nothing moves any more in the last digit of any coordinate.
  case stationary
  /// The time allowed ran out before the residual was reached.
  case maxTime = "max-time"
  /// The iterations allowed ran out before the residual was reached.
  case maxIterations = "max-iterations"
  /// The work allowed was spent.
  case maxWork = "max-work"
  /// The seconds allowed ran out.
  case maxSeconds = "max-seconds"
  /// The iterates grew without bound.
  case diverged
  /// A value became infinite or not a number.
  case nonFinite = "non-finite"
  /// The tolerance asks for steps below the resolution of time.
  case stepTooSmall = "step-too-small"
  /// The user stopped the run.
  case interrupted
}
