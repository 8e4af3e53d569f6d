import ImplicitBias

/// How far the limits of two runs are apart.
public struct AsymptoticGap: Sendable, Equatable {
  /// max |Δ − Δ'|/Δ over the coordinates with Δ > 0.
  public let balancedness: Double
  /// max |θ − θ'| / max |θ|.
  public let theta: Double

  /// The gap of `other` relative to `reference`. Complexity: O(d).
  public init(_ reference: AsymptoticLimit, _ other: AsymptoticLimit) {
    balancedness = zip(reference.balancedness, other.balancedness).filter { $0.0 > 0 }
      .reduce(0) { max($0, abs($1.0 - $1.1) / $1.0) }
    let scale = reference.theta.reduce(0) { max($0, abs($1)) }
    theta = zip(reference.theta, other.theta).reduce(0) { max($0, abs($1.0 - $1.1)) } / scale
  }
}
