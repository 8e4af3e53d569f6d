/// A method of integration with its memory: one accepted step in, one `Segment` out.
public protocol Stepper: AnyObject {
  /// The number of coordinates of the state.
  var dimension: Int { get }
  /// The time reached.
  var time: Double { get }
  /// The state at `time`; valid until the next step.
  var state: UnsafePointer<Double> { get }
  /// ẏ at `time`; valid until the next step.
  var rate: UnsafePointer<Double> { get }
  /// Steps, rejections and passes so far.
  var statistics: Statistics { get }

  /// Whether segments are as accurate as step ends: then recorded times need not be step ends, and events no refinement.
  var hasDenseOutput: Bool { get }

  /// Takes one accepted step that does not pass `limit` (and ends on it when it would come that far).
  ///
  /// Throws `StepFailure` when no step meets the tolerance; time and state are then those before the call.
  func step(notBeyond limit: Double) throws(StepFailure)

  /// Whether one of `coordinates` may have changed sign in the last accepted step; false is certain.
  func mayHaveChangedSign(_ coordinates: Range<Int>) -> Bool

  /// Gives a coordinate at `time` another value: with `isRestart` one that matters to the others, and whatever the method
  /// remembers of it is made anew; without, one too small to matter.
  func overwrite(_ coordinate: Int, with value: Double, isRestart: Bool)

  /// The polynomial of the last accepted step.
  func segment() -> Segment

  /// The same for some of the coordinates, or for more of them if that is as easy.
  func segment(of coordinates: Range<Int>) -> Segment

  /// Writes the state, and its rate if wanted, at time `t` within the last step, to the stepper's own accuracy rather
  /// than that of the segment.
  func refinedState(
    at t: Double, into state: UnsafeMutablePointer<Double>, rate: UnsafeMutablePointer<Double>?
  ) throws(StepFailure)
}

extension Stepper {
  /// Unknown: the segment has to tell.
  public func mayHaveChangedSign(_ coordinates: Range<Int>) -> Bool { true }

  /// The whole segment.
  public func segment(of coordinates: Range<Int>) -> Segment { segment() }

  /// `refinedState` into an array: the state, then its rate if the array has room for it.
  func refine(at t: Double, into scratch: inout [Double]) throws(StepFailure) {
    try scratch.withUnsafeMutableBufferPointer { (buffer) throws(StepFailure) in
      guard let y = buffer.baseAddress else { return }
      try refinedState(at: t, into: y, rate: buffer.count > dimension ? y + dimension : nil)
    }
  }
}

/// Why a stepper could not take a step.
public enum StepFailure: Error, Sendable, Equatable {
  /// The field, or the state, is not finite near `time` for any step size.
  case nonFinite(time: Double)
  /// The tolerance asks for a step below the resolution of time itself.
  case stepTooSmall(time: Double, step: Double)
  /// The method's library reports an error of its own.
  case method(time: Double, message: String)
}

/// What an integration cost.
public struct Statistics: Sendable, Equatable {
  /// Accepted steps.
  public var steps = 0
  /// Rejected attempts.
  public var rejectedSteps = 0
  /// Accepted steps of an implicit method among them.
  public var implicitSteps = 0
  /// Gradient evaluations: passes over the data (dense output and event location included).
  public var passes = 0
  /// The largest local error estimate of an accepted step in units of the tolerance, 0 when there is none.
  public var localError = 0.0

  /// All zero.
  public init() {}

  /// Adds the steps of another stepper of the same integration; passes are counted by the field they share.
  public mutating func add(_ other: Statistics) {
    steps += other.steps
    rejectedSteps += other.rejectedSteps
    implicitSteps += other.implicitSteps
    localError = largerOrNaN(localError, other.localError)
  }
}
