import Dynamics

/// How a limit is found.
public enum LimitRoute: String, Sendable, Codable, CaseIterable {
  /// By projection, from as early as its error estimate allows.
  case project
  /// By plain integration (or iteration) to a small residual.
  case integrate
}

/// What is done with the slow tail of a discrete run on the route `project`.
public enum LimitTail: String, Sendable, Codable, CaseIterable {
  /// Collocation of the recursion in long steps, where that becomes possible before the limit can be projected.
  case auto
  /// Iteration to the end.
  case iterate
}

/// When a run to the limit has gone far enough.
public struct LimitCriteria: Sendable, Equatable {
  /// How the limit is found.
  public let route: LimitRoute
  /// The relative error allowed for every Δ∞.
  public let deltaTolerance: Double
  /// The largest residual ‖Xθ − y‖∞ allowed at the end of a plain integration; a projection interpolates. nil: what
  /// rounding leaves, `Setup.smallResidual`.
  public let residualTolerance: Double?
  /// The longest time (discrete: kε) to run.
  public let maximumTime: Double
  /// The most passes over X to spend; nil for no bound.
  public let maximumPasses: Int?
  /// What is done with the slow tail of a discrete run.
  public let tail: LimitTail
  /// The longest time to follow such a tail to, of which iterations are not taken one by one.
  public let maximumTailTime: Double

  /// Throws `InvalidInput` unless the tolerances are positive and the time is positive and finite.
  public init(
    route: LimitRoute, deltaTolerance: Double, residualTolerance: Double? = nil, maximumTime: Double,
    maximumPasses: Int? = nil, tail: LimitTail = .auto, maximumTailTime: Double? = nil
  ) throws(InvalidInput) {
    for (field, value) in [
      (Field.deltaTolerance, deltaTolerance), (.residualTolerance, residualTolerance ?? 1), (.maximumTime, maximumTime),
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
    self.tail = tail
    self.maximumTailTime = maximumTailTime ?? maximumTime
  }

  /// The criteria of a motion's limit; what is nil is what its method can deliver where nobody says otherwise. Throws as above.
  public init(
    of motion: LimitSubject, route: LimitRoute = .project, deltaTolerance: Double? = nil,
    residualTolerance: Double? = nil, maximumTime: Double? = nil, tail: LimitTail? = nil
  ) throws(InvalidInput) {
    try self.init(
      route: route, deltaTolerance: deltaTolerance ?? motion.deltaTolerance(route),
      residualTolerance: residualTolerance, maximumTime: maximumTime ?? motion.longestTime, tail: tail ?? .auto,
      maximumTailTime: maximumTime ?? 1e15)
  }

  /// Whether the longest time is one that was given.
  var hasOwnMaximumTime: Bool { maximumTime == maximumTailTime }

  /// The largest residual allowed on a problem.
  func residualTolerance(on setup: Setup) -> Double { residualTolerance ?? setup.smallResidual }
}
