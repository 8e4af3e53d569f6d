/// Which states an integration keeps.
public enum Recording {
  /// The first and the last.
  case endpoints
  /// Every accepted step.
  case everyStep
  /// The listed times, increasing, each made a step end.
  case times([Double])
  /// `count` accepted step ends spread evenly in ln(1 + t), first and last included (all, when fewer).
  case logarithmic(count: Int)
  /// Every segment, so that the solution can be evaluated at any time.
  case segments
  /// None; each segment is handed to the function as it comes.
  case streaming((Segment) -> Void)
}
