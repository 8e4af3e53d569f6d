import Dynamics
import ImplicitBias
import RealModule

/// How far the limits of two runs are apart.
public struct AsymptoticGap: Sendable, Equatable {
  /// max |Δ − Δ'|/Δ over the coordinates with Δ ≠ 0.
  public let balancedness: Double
  /// max |θ − θ'| / max |θ|.
  public let theta: Double

  /// The gap of `other` relative to `reference`. Complexity: O(d).
  public init(_ reference: AsymptoticLimit, _ other: AsymptoticLimit) {
    balancedness =
      reference.balancedness.indices.map { i in
        let (a, b) = (reference.balancedness[i], other.balancedness[i])
        if a >= .leastNormalMagnitude { return (a - b) / a }
        // Below the range of doubles logarithms tell.
        let (x, y) = (reference.logBalancedness[i], other.logBalancedness[i])
        return x == -.infinity ? 0 : .expMinusOne(y - x)
      }.maximumMagnitude
    let scale = reference.theta.maximumMagnitude
    theta = zip(reference.theta, other.theta).map { $0 - $1 }.maximumMagnitude / scale
  }
}
