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

  /// Charges `meter` with the passes of an integration to `end`, and with `surcharge` of its statistics beside; stops with
  /// what `stop` says. A run that has come to its end has come to its end.
  public static func spending(
    on meter: WorkMeter, until end: Double, surcharge: @escaping (Statistics) -> Int = { _ in 0 },
    stop: @escaping () -> Outcome?
  ) -> StopCondition {
    var charged: Int?
    return StopCondition { view in
      let cost = view.statistics.passes + surcharge(view.statistics)
      meter.charge(cost - (charged ?? view.statistics.passes))
      charged = cost
      return view.time < end ? stop() : nil
    }
  }
}
