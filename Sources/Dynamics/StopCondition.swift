/// What a stop condition, or an observer, sees after each accepted step.
public struct StepView {
  /// The time reached.
  public let time: Double
  /// The state, valid during the call only.
  public let state: UnsafePointer<Double>
  /// What the integration cost so far.
  public let statistics: Statistics
}

/// A predicate tested at the start and after each accepted step; an outcome ends the integration there.
public struct StopCondition {
  /// Returns the outcome with which to stop, or nil to go on.
  public let test: (StepView) -> Outcome?

  /// A condition from its predicate.
  public init(_ test: @escaping (StepView) -> Outcome?) {
    self.test = test
  }

  /// Never stops; calls `body` after each step (progress, monitors).
  public static func observe(_ body: @escaping (StepView) -> Void) -> StopCondition {
    StopCondition {
      body($0)
      return nil
    }
  }

  /// Stops with `interrupted` as soon as `flag` returns true.
  public static func interrupted(when flag: @escaping () -> Bool) -> StopCondition {
    StopCondition { _ in flag() ? .interrupted : nil }
  }
}
