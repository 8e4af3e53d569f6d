import RealModule

/// The hyperbolic entropy ψ_Δ(θ) = ¼ Σᵢ [2θᵢ arcsinh(2θᵢ/Δᵢ) − √(4θᵢ² + Δᵢ²) + Δᵢ], Δᵢ > 0.
///
/// Source: Papazov, Pesme, Flammarion, arXiv 2403.05293, equation (3); Woodworth et al., COLT 2020.
public struct HyperbolicEntropy: Sendable, Equatable {
  /// The balancedness Δ, d positive numbers.
  public let balancedness: [Double]

  /// The entropy of a balancedness Δ.
  public init(_ balancedness: [Double]) { self.balancedness = balancedness }

  /// ψ(θ). Complexity: O(d).
  public func value(_ theta: [Double]) -> Double {
    0.25
      * zip(theta, balancedness).reduce(0) { sum, pair in
        let (x, delta) = (2 * pair.0, pair.1)
        return sum + x * .asinh(x / delta) - Double.hypot(x, delta) + delta
      }
  }

  /// ∇ψ(θ) = ½ arcsinh(2θ/Δ), d numbers. Complexity: O(d).
  public func gradient(_ theta: [Double]) -> [Double] {
    zip(theta, balancedness).map { 0.5 * .asinh(2 * $0 / $1) }
  }
}
