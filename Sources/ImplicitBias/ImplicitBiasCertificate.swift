import DiagonalNetworks
import Dynamics

/// How well θ∞ solves the implicit regularisation problem argmin { D_ψ(θ, θ̃₀) : Xθ = y }, ψ = ψ_{Δ∞}.
///
/// Both residuals vanish exactly at the solution. Source: theory, section 4; Papazov et al., theorem 1.
public struct ImplicitBiasCertificate: Sendable, Equatable {
  /// ‖Xθ∞ − y‖∞, in units of y.
  public let interpolation: Double
  /// The largest entry of what ∇ψ(θ∞) − ∇ψ(θ̃₀) has outside the row space of X (dimensionless); nil when some Δ∞ is 0.
  public let rowSpace: Double?

  /// Computes both. Throws `InvalidInput` when the decomposition of X fails. Complexity: O(nd·min(n, d)) with a new
  /// `rowSpace`, O(nd) with a given one.
  public init(
    _ problem: RegressionProblem, rowSpace space: RowSpace, theta: [Double], perturbedStart: [Double],
    balancedness: [Double]
  ) {
    interpolation = zip(problem.design.times(theta), problem.response).map { $0 - $1 }.maximumMagnitude
    guard balancedness.allSatisfy({ $0 > 0 && $0.isFinite }) else {
      rowSpace = nil
      return
    }
    let entropy = HyperbolicEntropy(balancedness)
    let difference = zip(entropy.gradient(theta), entropy.gradient(perturbedStart)).map { $0 - $1 }
    let outside = space.residualOutsideRowSpace(difference).maximumMagnitude
    rowSpace = outside.isFinite ? outside : nil
  }
}
