import Dynamics
import Networks
import RealModule
import Regression

/// What is still missing from ln|w±| after a time T beside the drift ∓G: the tail terms J± ≥ 0 of
/// ln|w±,∞| = ln|a±| ∓ G − J±, from the linearised motion.
///
/// For momentum gradient flow ln|a±| = ln|w±| + λp± and J± = λ∫_T^∞ p±². In the linearised tail the residual's modes ρₖ
/// (eigenvectors of K = X D Xᵀ/n, eigenvalues hₖ) obey λρ̈ + ρ̇ + hρ = 0 and p± = C± e^{−s/λ} ± Σₖ bₖ ρ̇ₖ with
/// bₖ = (Xᵀuₖ)/(n hₖ), all of whose products integrate in closed form. For the discrete methods the same holds for
/// q± = ln|w_k/w_{k−1}| with sums for integrals (Theory, eqs. 6.4 and 7.1): J± = Σ ϱ/(1−β).
///
/// A corrected flow of order 3 or more is λ′ẅ + ẇ + f + κ with κ of w⃛, f̈ and so on: divided by w and integrated, all that is
/// of first order in κ lies in the row space but what multiplies ẇ, so that ln|a±| = ln|w±| + λ′p±/c with the friction c
/// without a force (order 3: 1 + ε²/12λ²); J± is taken from λ′ẅ + ẇ + f.
///
/// K and b are those of the weights on the way: linearising about w e^{∓ηG}, G the whole drift still to come, with
/// η = 1/3 removes the next order where one mode rules, since ∫e^{−2hs}(1 − e^{−hs}) = ⅓∫e^{−2hs}.
public struct LogTail: Sendable {
  /// Which motion's tail.
  public enum Motion: Sendable, Equatable {
    /// Gradient flow: J = 0 exactly.
    case gradientFlow
    /// Momentum gradient flow, and what is like it: the corrected flow of order 2.
    case momentum(lambda: Double)
    /// The corrected flow of some order for heavy ball.
    case corrected(lambda: Double, step: Double, order: Int)
    /// Heavy ball; `scatter` as in `scatter(batch:of:replacement:)`, 0 with the full gradient.
    case heavyBall(gamma: Double, beta: Double, scatter: Double = 0)
    /// Nesterov.
    case nesterov(gamma: Double, beta: Double, scatter: Double = 0)
  }

  /// How much minibatches of b samples scatter: the covariance of (n/b)·r restricted to a batch is at most
  /// `scatter`·diag(r²), n/b with replacement, (n/b)(n − b)/(n − 1) within an epoch, of which the last batch may be smaller:
  /// then the mean over its batches.
  public static func scatter(batch b: Int, of n: Int, replacement: Bool) -> Double {
    func share(_ size: Int) -> Double { Double(n) / Double(size) * Double(n - size) / Double(max(n - 1, 1)) }
    if replacement { return Double(n) / Double(b) }
    let (whole, rest) = (n / b, n % b)
    let sum = Double(whole) * share(b) + (rest > 0 ? share(rest) : 0)
    return sum / Double(whole + (rest > 0 ? 1 : 0))
  }

  /// ln|a±|, 2d numbers: −∞ where a weight is zero.
  public let logWeights: [Double]
  /// J±, 2d numbers; infinite where the tail cannot be resolved yet. With minibatches their expectation.
  public let missing: [Double]
  /// What of them is known in its size only, 2d numbers: what the scatter of minibatches brings about, which is random, and
  /// what the corrections of a corrected flow do to the square of the velocities.
  public let uncertain: [Double]
  /// How far they may still swing: max|λp±|, for discrete methods max|q±|/(1−β), or half the variation still to come of
  /// modes that oscillate or alternate, if that is larger.
  public let swing: Double

  /// The tail from weights and rates at T (2d numbers each; for discrete methods the rate is the last increment
  /// w_k − w_{k−1} itself).
  ///
  /// - Parameters:
  ///   - exponents: weights and rates are these times 2 to the power of 2d whole numbers, where they leave the range of
  ///     doubles; nil where they are what they seem.
  ///   - shift: ηG, d numbers: linearise about w± e^{∓ηG} rather than w±.
  /// Throws `InvalidInput` when a weight is not finite or LAPACK fails. Complexity: O(nd·min(n, d)).
  public init(
    _ problem: RegressionProblem, rank: Int, weights w: [Double], rates v: [Double], motion: Motion,
    exponents: [Int]? = nil, linearizedAt shift: [Double]? = nil
  ) throws(InvalidInput) {
    let d = problem.featureCount
    func logarithm(_ i: Int) -> Double { NetworkQuantities.logMagnitude(w[i], exponents?[i] ?? 0) }
    // The logarithmic velocity p, or q for discrete methods, and what it is multiplied with.
    let factor: Double
    var velocity: [Double]
    switch motion {
    case .gradientFlow:
      logWeights = (0..<2 * d).map(logarithm)
      missing = [Double](repeating: 0, count: 2 * d)
      uncertain = missing
      swing = 0
      return
    case .momentum(let lambda):
      factor = lambda
      velocity = zip(w, v).map { $1 == 0 ? 0 : $1 / $0 }
    case .corrected(let lambda, let step, let order):
      // κ's linear part is a multiple of ẇ beside what lies in the row space: it adds to ln|w| itself.
      factor = (lambda - 0.5 * step) / CorrectedFlow.friction(lambda: lambda, step: step, order: order)
      velocity = zip(w, v).map { $1 == 0 ? 0 : $1 / $0 }
    case .heavyBall(_, let beta, _), .nesterov(_, let beta, _):
      factor = beta / (1 - beta)
      // ln|w_k/w_{k−1}| = −ln|1 − δ/w_k|.
      velocity = zip(w, v).map { $1 == 0 ? 0 : -Self.logMagnitude(onePlus: -$1 / $0) }
    }
    let coasting = factor == 0 ? 0 : factor * velocity.maximumMagnitude
    logWeights = (0..<2 * d).map { logarithm($0) + (factor == 0 ? 0 : factor * velocity[$0]) }
    // Modes are made of what the weights are: those beyond the range of doubles add nothing to them.
    let (w, v) = (NetworkQuantities.rounded(w, exponents), NetworkQuantities.rounded(v, exponents))
    let center = shift.map { shift in (0..<2 * d).map { w[$0] * Double.exp($0 < d ? -shift[$0] : shift[$0 - d]) } } ?? w
    let modes = try TailModes(problem, rank: rank, weights: w, rates: v, linearizedAt: center)
    guard let modes, velocity.allSatisfy(\.isFinite) else {
      missing = [Double](repeating: .infinity, count: 2 * d)
      uncertain = missing
      swing = .infinity
      return
    }
    (missing, uncertain) = modes.missing(motion, velocity)
    switch motion {
    case .gradientFlow, .momentum, .corrected: swing = largerOrNaN(coasting, modes.variation(motion))
    case .heavyBall(_, let beta, _), .nesterov(_, let beta, _):
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
