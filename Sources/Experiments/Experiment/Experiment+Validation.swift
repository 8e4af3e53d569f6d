import Descent
import Dynamics

extension Experiment {
  /// Throws `InvalidInput` for what no data could make a run of, by one process or by a `team` of several.
  public func validate(team: Int = 1) throws(InvalidInput) {
    for exclusion in Exclusion.all {
      if let subject = exclusion.subject(self, team) {
        throw InvalidInput(subject, because: exclusion.reason, remedy: exclusion.remedy)
      }
    }
    func positive(_ field: Field, _ value: Double, _ reason: Message = "it must be positive") throws(InvalidInput) {
      guard value > 0, value.isFinite else { throw InvalidInput("\(field, value)", because: reason) }
    }
    switch goal {
    case .solve(_, let stop, let recording):
      switch stop {
      case .time(let time): try positive(.until, time, "the time must be positive")
      case .residual(let tolerance, let maximum):
        try positive(.residual, tolerance)
        try positive(.maximumTime, maximum)
      }
      _ = try recording.sampling(stop)
    case .descend(_, let stop, let recording, _):
      if case .residual(let tolerance, _) = stop { try positive(.residual, tolerance) }
      _ = try recording.iterations(stop)
    case .compare(_, let criteria):
      guard (1...12).contains(criteria.order) else {
        throw InvalidInput(
          "\(.order, criteria.order)", because: "there is no flow of that order", remedy: "choose 1 to 12")
      }
      try positive(.until, criteria.end)
      guard criteria.gap.work >= 0 else {
        throw InvalidInput("\(.gapWork, criteria.gap.work)", because: "it must not be negative")
      }
    case .limit, .certify, .thresholds: break
    }
  }
}
