extension Twin {
  /// How a run ended.
  public enum Outcome: Int, Sendable {
    /// It has not.
    case running
    /// The time or iteration asked for was reached.
    case reached
    /// The residual fell below what was asked for.
    case residual
    /// Nothing moves any more in the last digit of any coordinate.
    case stationary
    /// The time allowed ran out.
    case maximumTime
    /// The iterations allowed ran out.
    case maximumIterations
    /// The work allowed was spent.
    case maximumWork
    /// The iterates grew without bound.
    case diverged
    /// A value became infinite or not a number.
    case nonFinite
    /// The tolerance asks for steps below the resolution of time.
    case stepTooSmall
  }
}
