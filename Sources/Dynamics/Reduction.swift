/// What processes do together that share one trajectory, each holding some coordinates of the state: the only way in which
/// they hear of each other. All take part in each call, in the same order, and get the same numbers.
public protocol Reduction: AnyObject {
  /// Replaces numbers by their sums over all processes.
  func sum(_ values: UnsafeMutablePointer<Double>, _ count: Int)
  /// The largest of a number over all processes; not-a-number when one of them is.
  func largest(_ value: Double) -> Double
}

extension Reduction {
  /// The sum of one number over all processes.
  public func sum(_ value: Double) -> Double {
    var value = value
    sum(&value, 1)
    return value
  }
}
