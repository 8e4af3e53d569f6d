/// Anything that can be evaluated in time: solutions of flows, and iterates on the clock t = kε.
public protocol Trajectory {
  /// The times at which it is defined.
  var span: ClosedRange<Double> { get }
  /// The state at time `t`; throws `InvalidInput` outside `span`.
  func state(at t: Double) throws(InvalidInput) -> [Double]
}

extension Trajectory {
  /// Throws unless `t` lies in `span`.
  public func requireInSpan(_ t: Double) throws(InvalidInput) {
    guard span.contains(t) else {
      throw InvalidInput(
        "time \(t)", because: "the trajectory is defined on [\(span.lowerBound), \(span.upperBound)] only")
    }
  }
}
