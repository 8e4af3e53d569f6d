/// Where a run is to end.
public enum StopRule: Sendable, Equatable {
  /// At this time.
  case time(Double)
  /// When ‖Xθ − y‖∞ is at most `tolerance`, at the latest at `maximum`.
  case residual(tolerance: Double, maximum: Double)

  /// The longest time where nobody says otherwise.
  public static let defaultMaximumTime = 1e6

  /// The time at which it ends at the latest.
  var latest: Double {
    switch self {
    case .time(let end): end
    case .residual(_, let maximum): maximum
    }
  }

  /// Whether a run that is well may end before.
  var isBound: Bool { if case .residual = self { true } else { false } }

  /// Where legs of the integration end: `inDecades` at T/10ᵏ ≥ 1 too.
  func legs(inDecades: Bool) -> [Double] {
    var ends = [latest]
    while inDecades, !isBound, let first = ends.first, first / 10 >= 1 { ends.insert(first / 10, at: 0) }
    return ends
  }
}
