/// The larger of two numbers; not-a-number wins, where Swift's `max` may lose it.
@inlinable
public func largerOrNaN(_ a: Double, _ b: Double) -> Double {
  a.isNaN || b.isNaN ? .nan : max(a, b)
}

extension Sequence<Double> {
  /// The largest |x|, 0 when there is none, not-a-number when one is.
  @inlinable
  public var maximumMagnitude: Double { reduce(0) { largerOrNaN($0, abs($1)) } }
}
