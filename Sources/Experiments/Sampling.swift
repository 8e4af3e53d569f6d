import Dynamics

/// Which times of a run are recorded.
public enum Sampling: Sendable, Equatable {
  /// Every accepted step (every iteration).
  case everyStep
  /// This many: equal times with 0 and T, or, when the end is not known before, step ends spread in ln(1 + t).
  case count(Int)
  /// These times, increasing.
  case times([Double])
  /// Enough for a summary: nothing is written, so memory is bounded.
  case summary
  /// The first and the last.
  case endpoints

  /// What a leg of the integration from `start` to `end` records; a state has `numbers` numbers.
  func recording(_ stop: StopRule, from start: Double, to end: Double, numbers: Int) -> Recording {
    func within(_ times: [Double]) -> Recording {
      .times(times.filter { ($0 > start || start == 0) && ($0 <= end || end == stop.latest) })
    }
    switch (self, stop) {
    // A large problem's states are kept sparingly: a summary of it is its two ends.
    case (.summary, _) where 8 * numbers * 8 * 100 > recordingLimit: return .endpoints
    case (.everyStep, _): return .everyStep
    case (.endpoints, _): return .endpoints
    case (.summary, _): return .logarithmic(count: 100)
    case (.times(let times), _): return within(times)
    case (.count(let count), .residual): return .logarithmic(count: count)
    case (.count(let count), .time(let last)):
      return within((0..<count).map { $0 == count - 1 ? last : Double($0) / Double(count - 1) * last })
    }
  }
}
