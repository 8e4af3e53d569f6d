import Dynamics
import ImplicitBias

/// How far the limits of two runs are apart.
public struct AsymptoticGap: Sendable, Equatable {
  /// max |Δ − Δ'|/Δ over the coordinates with Δ > 0.
  public let balancedness: Double
  /// max |θ − θ'| / max |θ|.
  public let theta: Double

  /// The gap of `other` relative to `reference`. Complexity: O(d).
  public init(_ reference: AsymptoticLimit, _ other: AsymptoticLimit) {
    balancedness =
      zip(reference.balancedness, other.balancedness).filter { $0.0 > 0 }
      .map { ($0 - $1) / $0 }.maximumMagnitude
    let scale = reference.theta.maximumMagnitude
    theta = zip(reference.theta, other.theta).map { $0 - $1 }.maximumMagnitude / scale
  }
}
