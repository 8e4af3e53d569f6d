import Dynamics

/// How a limit is found.
public enum LimitRoute: String, Sendable, Codable, CaseIterable {
  /// By projection, from as early as its error estimate allows.
  case project
  /// By plain integration (or iteration) to a small residual.
  case integrate
}

/// When a run to the limit has gone far enough.
public struct LimitCriteria: Sendable, Equatable {
  /// How the limit is found.
  public let route: LimitRoute
  /// The relative error allowed for every Δ∞.
  public let deltaTolerance: Double
  /// The largest residual ‖Xθ − y‖∞ allowed at the end of a plain integration; a projection interpolates.
  public let residualTolerance: Double
  /// The longest time (discrete: kε) to run.
  public let maximumTime: Double
  /// The most passes over X to spend; nil for no bound.
  public let maximumPasses: Int?

  /// Throws `InvalidInput` unless the tolerances are positive and the time is positive and finite.
  public init(
    route: LimitRoute, deltaTolerance: Double, residualTolerance: Double, maximumTime: Double,
    maximumPasses: Int? = nil
  ) throws(InvalidInput) {
    for (field, value) in [
      (Field.deltaTolerance, deltaTolerance), (.residualTolerance, residualTolerance), (.maximumTime, maximumTime),
    ] {
      guard value > 0, value.isFinite else {
        throw InvalidInput("\(field, value)", because: "it must be positive and finite")
      }
    }
    self.route = route
    self.deltaTolerance = deltaTolerance
    self.residualTolerance = residualTolerance
    self.maximumTime = maximumTime
    self.maximumPasses = maximumPasses
  }
}
