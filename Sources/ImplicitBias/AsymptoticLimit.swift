import DiagonalNetworks
import Dynamics
import RealModule

/// Δ∞ and θ∞ of a run, by plain integration (or iteration) to a small residual.
///
/// With extended weights a± = w± + λẇ± (for a discrete run w_k + β/(1−β)·(w_k − w_{k−1})), the estimates are
/// Δ∞ = |D + λḊ| with D = w₊w₋, of which only 2λ∫_T^∞ ẇ₊ẇ₋ is still missing, and θ∞ = θ(T).
public struct AsymptoticLimit: Sendable {
  /// Δ₀, d numbers.
  public let initialBalancedness: [Double]
  /// Δ∞, d numbers.
  public let balancedness: [Double]
  /// θ∞, d numbers.
  public let theta: [Double]
  /// The perturbed initialisation θ̃₀, d numbers.
  public let perturbedStart: [Double]
  /// An estimate of the largest relative error of Δ∞ over the coordinates with Δ₀ ≠ 0.
  public let balancednessError: Double
  /// An estimate of the largest absolute error of θ∞.
  public let thetaError: Double
  /// The largest defect of the additive balance identity relative to max|D|; nil for a discrete run.
  public let balanceCheck: Double?

  /// The limit from the last state of a run.
  ///
  /// - Parameters:
  ///   - weights, rates: w± and ẇ± (or (w_k − w_{k−1})/ε) at the end, 2d numbers each.
  ///   - lambda: λ of the flow; 0 for gradient flow; for a discrete run β·ε/(1−β), the coasting time.
  ///   - gradientIntegral: G = ∫g (or εΣg), d numbers.
  ///   - balanceIntegral: 2λ∫ẇ₊ẇ₋, d numbers; nil for a discrete run.
  ///   - tailFactor: 1 for a flow, where 2λE bounds the missing tail; 2 for a discrete run, where it estimates it.
  /// Throws `InvalidInput` when a linear-algebra routine fails. Complexity: O(nd·min(n, d)).
  public init(
    _ problem: RegressionProblem, start: Initialization, weights w: [Double], rates v: [Double], lambda: Double,
    gradientIntegral: [Double], balanceIntegral: [Double]?, tailFactor: Double = 1
  ) throws(InvalidInput) {
    let d = problem.featureCount
    let residual = zip(problem.design.times(NetworkQuantities.theta(w)), problem.response).map { $0 - $1 }
    let loss = residual.reduce(0) { $0 + $1 * $1 } / (2 * Double(problem.sampleCount))
    let extended = NetworkQuantities.extendedBalancedness(w, v, lambda: lambda)
    let initial = NetworkQuantities.extendedBalancedness(start.weights, start.rates, lambda: lambda)
    initialBalancedness = NetworkQuantities.balancedness(start.weights)
    balancedness = extended.map { abs($0) }
    theta = NetworkQuantities.theta(w)
    // θ̃₀ = ¼ (a₊² e^{2G} − a₋² e^{−2G}): the form that survives sign changes (theory, section 4).
    perturbedStart = (0..<d).map { i in
      let plus = (w[i] + lambda * v[i]) * .exp(gradientIntegral[i])
      let minus = (w[d + i] + lambda * v[d + i]) * .exp(-gradientIntegral[i])
      return 0.25 * (plus * plus - minus * minus)
    }

    // |2λ∫_T^∞ ẇ₊ẇ₋| ≤ λ∫(ẇ₊² + ẇ₋²) ≤ 2λ·(E(T) − E(∞)) ≤ 2λE(T), in every coordinate.
    let energy = loss + NetworkQuantities.kineticEnergy(v, lambda: lambda)
    let tail = tailFactor * 2 * lambda * energy
    let largest = extended.reduce(0) { max($0, abs($1)) }
    var worstDefect = 0.0
    var worstRelative = 0.0
    for i in 0..<d where !(w[i] == 0 && start.weights[i] == 0) && !(w[d + i] == 0 && start.weights[d + i] == 0) {
      let defect = balanceIntegral.map { abs(extended[i] - initial[i] - $0[i]) } ?? 0
      worstDefect = max(worstDefect, defect)
      worstRelative = max(worstRelative, (tail + defect) / abs(extended[i]) + 4 * 0x1p-52)
    }
    balancednessError = worstRelative
    balanceCheck = balanceIntegral == nil ? nil : (largest > 0 ? worstDefect / largest : worstDefect)
    thetaError = try Self.remainingMotion(
      problem, weights: w, rates: v, lambda: lambda, residual: residual, tailFactor: tailFactor)
  }

  /// The largest change that θ still makes, from the linearised tail: λr̈ + ṙ + Kr = 0 gives ∫_T^∞ r = K⁺(r + λṙ), so
  /// θ∞ − θ(T) = λθ̇ − D·Xᵀ∫r/n with D = diag((w₊² + w₋²)/2). Doubled, for what the linearisation leaves out.
  private static func remainingMotion(
    _ problem: RegressionProblem, weights w: [Double], rates v: [Double], lambda: Double, residual: [Double],
    tailFactor: Double
  ) throws(InvalidInput) -> Double {
    let d = problem.featureCount
    let n = problem.sampleCount
    let thetaRate = (0..<d).map { 0.5 * (w[$0] * v[$0] - w[d + $0] * v[d + $0]) }
    let residualRate = problem.design.times(thetaRate)
    let roots = (0..<d).map { (0.5 * (w[$0] * w[$0] + w[d + $0] * w[d + $0])).squareRoot() }
    var scaled = problem.design.elements
    for i in 0..<n {
      for j in 0..<d { scaled[i * d + j] *= roots[j] }
    }
    // With A = X D^½, D·Xᵀ(A Aᵀ)⁺ s = D^½ A⁺ s: the minimum-norm solution of A z = s, with s = r + λṙ.
    let space = try RowSpace(try DesignMatrix(rows: n, columns: d, elements: scaled))
    let target = zip(residual, residualRate).map { $0 + lambda * $1 }
    let z = space.minimumNormSolution(target)
    let motion = (0..<d).map { abs(lambda * thetaRate[$0] - roots[$0] * z[$0]) }.max() ?? 0
    let rounding = 4 * 0x1p-52 * (NetworkQuantities.theta(w).map { abs($0) }.max() ?? 0)
    return 2 * tailFactor * motion + rounding
  }
}
