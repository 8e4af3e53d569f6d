/// What an integration produced: the recorded states or segments, how it ended, the events and the cost.
public struct Solution: Sendable, Trajectory {
  /// The number of coordinates of a state.
  public let dimension: Int
  /// How the integration ended.
  public internal(set) var outcome: Outcome = .reached
  /// The last time reached.
  public internal(set) var time: Double
  /// The state at `time`.
  public internal(set) var state: [Double]
  /// The rate ẏ at `time`.
  public internal(set) var rate: [Double]
  /// The recorded times, increasing.
  public internal(set) var times: [Double] = []
  /// The recorded states, `times.count` × `dimension`, row-major.
  public internal(set) var states: [Double] = []
  /// The recorded segments, consecutive.
  public internal(set) var segments: [Segment] = []
  /// The events in order of time.
  public internal(set) var occurrences: [Occurrence] = []
  /// What it cost.
  public internal(set) var statistics = Statistics()

  /// The time at which the integration began.
  public let start: Double

  init(start: Double, state: [Double], rate: [Double]) {
    self.start = start
    dimension = state.count
    time = start
    self.state = state
    self.rate = rate
  }

  /// The interval covered by segments, or by recorded times when there are none.
  public var span: ClosedRange<Double> {
    if let first = segments.first, let last = segments.last { return first.start...last.end }
    if let first = times.first, let last = times.last { return first...last }
    return time...time
  }

  /// The recorded state number `index`.
  public func recordedState(_ index: Int) -> ArraySlice<Double> {
    states[index * dimension..<(index + 1) * dimension]
  }

  /// The state at time `t`: from the segment that holds it, or a recorded state at exactly that time.
  ///
  /// Throws `InvalidInput` outside the span, and between recorded times when no segments were kept.
  /// Complexity: O(log(segments) + degree · dimension).
  public func state(at t: Double) throws(InvalidInput) -> [Double] {
    try requireInSpan(t)
    if let segment = segments.holding(t) { return segment.state(at: t) }
    if t == time { return state }
    if let index = times.firstIndex(of: t) { return Array(recordedState(index)) }
    throw InvalidInput(
      "time \(t)", because: "no state was recorded there", remedy: "integrate with recording: .segments")
  }
}

/// A broken promise: the integration could not go on. Carries everything computed before.
public struct IntegrationError: Error, CustomStringConvertible {
  /// What stopped the stepper.
  public let cause: StepFailure
  /// The solution up to the last accepted step; its outcome names the cause.
  public let partial: Solution

  /// The time reached.
  public var time: Double { partial.time }

  /// What the user can do.
  public var remedy: String {
    switch cause {
    case .nonFinite: "check the data for very large values, or start from a smaller scale α"
    case .stepTooSmall: "loosen rtol, or choose a stepper for stiff problems"
    case .method: "choose another stepper"
    }
  }

  public var description: String {
    switch cause {
    case .nonFinite(let time): "a value became infinite or not a number at t = \(time); \(remedy)"
    case .stepTooSmall(let time, let step):
      "the tolerance cannot be met at t = \(time), even with a step of \(step); \(remedy)"
    case .method(let time, let message): "the stepper failed at t = \(time): \(message); \(remedy)"
    }
  }
}
