import DiagonalNetworks
import Dynamics
import RealModule

/// What is still missing from ln|w±| after a time T beside the drift ∓G: the tail terms J± ≥ 0 of
/// ln|w±,∞| = ln|a±| ∓ G − J±, from the linearised motion.
///
/// For momentum gradient flow ln|a±| = ln|w±| + λp± and J± = λ∫_T^∞ p±². In the linearised tail the residual's modes ρₖ
/// (eigenvectors of K = X D Xᵀ/n, eigenvalues hₖ) obey λρ̈ + ρ̇ + hρ = 0 and p± = C± e^{−s/λ} ± Σₖ bₖ ρ̇ₖ with
/// bₖ = (Xᵀuₖ)/(n hₖ), all of whose products integrate in closed form. For the discrete methods the same holds for
/// q± = ln|w_k/w_{k−1}| with sums for integrals (theory, sections 6 and 7): J± = Σ ϱ/(1−β).
///
/// K and b are those of the weights on the way: linearising about w e^{∓ηG}, G the whole drift still to come, with
/// η = 1/3 removes the next order where one mode rules, since ∫e^{−2hs}(1 − e^{−hs}) = ⅓∫e^{−2hs}.
public struct LogTail: Sendable {
  /// Which motion's tail.
  public enum Motion: Sendable, Equatable {
    /// Gradient flow: J = 0 exactly.
    case gradientFlow
    /// Momentum gradient flow.
    case momentum(lambda: Double)
    /// Heavy ball.
    case heavyBall(gamma: Double, beta: Double)
    /// Nesterov.
    case nesterov(gamma: Double, beta: Double)
  }

  /// ln|a±|, 2d numbers: −∞ where a weight is zero.
  public let logWeights: [Double]
  /// J±, 2d numbers; infinite where the tail cannot be resolved yet.
  public let missing: [Double]
  /// How far they may still swing: max|λp±|, for discrete methods max|q±|/(1−β), or half the variation still to come of
  /// modes that oscillate or alternate, if that is larger.
  public let swing: Double

  /// The tail from weights and rates at T (2d numbers each; for discrete methods the rate is the last increment
  /// w_k − w_{k−1} itself).
  ///
  /// - Parameter shift: ηG, d numbers: linearise about w± e^{∓ηG} rather than w±.
  /// Throws `InvalidInput` when a weight is not finite or LAPACK fails. Complexity: O(nd·min(n, d)).
  public init(
    _ problem: RegressionProblem, rank: Int, weights w: [Double], rates v: [Double], motion: Motion,
    linearizedAt shift: [Double]? = nil
  ) throws(InvalidInput) {
    let d = problem.featureCount
    // The logarithmic velocity p, or q for discrete methods, and what it is multiplied with.
    let factor: Double
    var velocity: [Double]
    switch motion {
    case .gradientFlow:
      logWeights = w.map { Double.log(abs($0)) }
      missing = [Double](repeating: 0, count: 2 * d)
      swing = 0
      return
    case .momentum(let lambda):
      factor = lambda
      velocity = zip(w, v).map { $1 == 0 ? 0 : $1 / $0 }
    case .heavyBall(_, let beta), .nesterov(_, let beta):
      factor = beta / (1 - beta)
      // ln|w_k/w_{k−1}| = −ln|1 − δ/w_k|.
      velocity = zip(w, v).map { $1 == 0 ? 0 : -Self.logMagnitude(onePlus: -$1 / $0) }
    }
    let coasting = factor == 0 ? 0 : factor * velocity.maximumMagnitude
    logWeights = zip(w, velocity).map { Double.log(abs($0)) + (factor == 0 ? 0 : factor * $1) }
    let center = shift.map { shift in (0..<2 * d).map { w[$0] * Double.exp($0 < d ? -shift[$0] : shift[$0 - d]) } } ?? w
    let modes = try TailModes(problem, rank: rank, weights: w, rates: v, linearizedAt: center)
    guard let modes, velocity.allSatisfy(\.isFinite) else {
      missing = [Double](repeating: .infinity, count: 2 * d)
      swing = .infinity
      return
    }
    missing = modes.missing(motion, velocity)
    switch motion {
    case .gradientFlow, .momentum: swing = largerOrNaN(coasting, modes.variation(motion))
    case .heavyBall(_, let beta), .nesterov(_, let beta):
      // On the way curvatures change by the squares of the weights, and a mode must not become unstable.
      let margin = 1 + 6 * (shift?.maximumMagnitude ?? 0)
      swing =
        modes.mayGrow(motion, margin: margin)
        ? .infinity : largerOrNaN(velocity.maximumMagnitude / (1 - beta), modes.variation(motion))
    }
  }

  /// ln|1 + x|, accurate for small x.
  private static func logMagnitude(onePlus x: Double) -> Double {
    x > -0.5 ? .log(onePlus: x) : .log(abs(1 + x))
  }
}
