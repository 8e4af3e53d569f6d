import Dynamics
import LinearAlgebra
import Regression

/// How well θ∞ solves the implicit regularisation problem argmin { D_ψ(θ, θ̃₀) : Xθ = y }, ψ = ψ_{Δ∞}.
///
/// Both residuals vanish exactly at the solution. Source: Theory, eq. 4.3; Papazov et al., theorem 1.
public struct ImplicitBiasCertificate: Sendable, Equatable {
  /// ‖Xθ∞ − y‖∞, in units of y.
  public let interpolation: Double
  /// The largest entry of what ∇ψ(θ∞) − ∇ψ(θ̃₀) has outside the row space of X (dimensionless); nil when some Δ∞ is 0.
  public let rowSpace: Double?
  /// The largest distance of θ∞ from the minimiser that the dual Newton method finds from θ̃₀ and Δ∞ alone; nil when some
  /// Δ∞ is 0 or it does not converge.
  public let distance: Double?

  /// Computes all three. Complexity: O(d·rank²) a Newton step.
  public init(
    _ problem: RegressionProblem, rowSpace space: RowSpace, theta: [Double], perturbedStart: [Double],
    balancedness: [Double]
  ) {
    interpolation = zip(problem.design.times(theta), problem.response).map { $0 - $1 }.maximumMagnitude
    guard balancedness.allSatisfy({ $0 > 0 && $0.isFinite }) else {
      (rowSpace, distance) = (nil, nil)
      return
    }
    let entropy = HyperbolicEntropy(balancedness)
    let difference = zip(entropy.gradient(theta), entropy.gradient(perturbedStart)).map { $0 - $1 }
    let outside = space.residualOutsideRowSpace(difference).maximumMagnitude
    rowSpace = outside.isFinite ? outside : nil
    // θ̃₀ = ¼(e² − f²) with ef = Δ: ln e = ½(ln Δ + arcsinh(2θ̃₀/Δ)), ln f = ½(ln Δ − arcsinh(2θ̃₀/Δ)).
    let logs = balancedness.map { 0.5 * Double.log($0) }
    let slope = entropy.gradient(perturbedStart)
    let minimiser = DualNewton(
      space, response: problem.response, logPlus: zip(logs, slope).map { $0 + $1 },
      logMinus: zip(logs, slope).map { $0 - $1 })
    let gap = zip(minimiser.theta, theta).map { $0 - $1 }.maximumMagnitude
    distance = minimiser.isConverged && gap.isFinite ? gap : nil
  }
}
