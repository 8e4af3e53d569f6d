import Dynamics
import Networks
import RealModule
import Regression

/// Δ∞ and θ∞ of a run: by plain integration (or iteration) to a small residual, or by projection from wherever it is.
public struct AsymptoticLimit: Sendable {
  /// Δ₀, d numbers.
  public let initialBalancedness: [Double]
  /// Δ∞, d numbers.
  public let balancedness: [Double]
  /// ln Δ∞, d numbers: what it is where Δ∞ itself leaves the range of doubles; −∞ where it is zero.
  public let logBalancedness: [Double]
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

  /// What the projection adds to the error of Δ∞ (relative) and of θ∞ (absolute), integration and rounding left out;
  /// nil without projection.
  public let projectionError: (delta: Double, theta: Double)?

  init(
    initialBalancedness: [Double], balancedness: [Double], logBalancedness: [Double], theta: [Double],
    perturbedStart: [Double],
    balancednessError: Double, thetaError: Double, balanceCheck: Double?,
    projectionError: (delta: Double, theta: Double)?
  ) {
    self.initialBalancedness = initialBalancedness
    self.balancedness = balancedness
    self.logBalancedness = logBalancedness
    self.theta = theta
    self.perturbedStart = perturbedStart
    self.balancednessError = balancednessError
    self.thetaError = thetaError
    self.balanceCheck = balanceCheck
    self.projectionError = projectionError
  }

  /// The limit from the last state of a run that went as far as the residual is small.
  ///
  /// With extended weights a± = w± + λẇ± (for a discrete run w_k + β/(1−β)·(w_k − w_{k−1})), the estimates are
  /// Δ∞ = |D + λḊ| with D = w₊w₋, of which only 2λ∫_T^∞ ẇ₊ẇ₋ is still missing, and θ∞ = θ(T).
  ///
  /// - Parameters:
  ///   - weights, rates: w± and ẇ± (or (w_k − w_{k−1})/ε) at the end, 2d numbers each.
  ///   - lambda: λ of the flow; 0 for gradient flow; for a discrete run β·ε/(1−β), the coasting time.
  ///   - gradientIntegral: G = ∫g (or εΣg), d numbers.
  ///   - balanceIntegral: 2λ∫ẇ₊ẇ₋, d numbers; nil for a discrete run.
  ///   - tailLambda: λ of what is still to come: that of the flow, or of the discrete method's matched flow.
  ///   - tailFactor: 1 for a flow, 2 for a discrete run, whose tail the flow's only resembles.
  ///   - stateError: the relative error of the state where no balance integral tells it.
  ///   - exponents: weights and rates are these times 2 to the power of 2d whole numbers; nil where they are what they seem.
  /// Throws `InvalidInput` when a linear-algebra routine fails. Complexity: O(nd·min(n, d)).
  public init(
    _ problem: RegressionProblem, start: Initialization, weights scaledWeights: [Double], rates scaledRates: [Double],
    lambda: Double, gradientIntegral: [Double], balanceIntegral: [Double]?, tailLambda: Double,
    tailFactor: Double = 1, stateError: Double = 0, exponents: [Int]? = nil
  ) throws(InvalidInput) {
    let d = problem.featureCount
    let isLost = Self.hasLostWeights(
      start: start, weights: scaledWeights, rates: scaledRates, lambda: lambda, exponents: exponents)
    // D + λḊ is linear in either weight: its powers of two are theirs.
    let logs = NetworkQuantities.extendedBalancedness(scaledWeights, scaledRates, lambda: lambda).enumerated().map {
      NetworkQuantities.logMagnitude($1, (exponents?[$0] ?? 0) + (exponents?[d + $0] ?? 0))
    }
    let w = NetworkQuantities.rounded(scaledWeights, exponents)
    let v = NetworkQuantities.rounded(scaledRates, exponents)
    let extended = NetworkQuantities.extendedBalancedness(w, v, lambda: lambda)
    let initial = NetworkQuantities.extendedBalancedness(start.weights, start.rates, lambda: lambda)
    initialBalancedness = NetworkQuantities.balancedness(start.weights)
    balancedness = exponents == nil ? extended.map { abs($0) } : logs.map { Double.exp($0) }
    logBalancedness = logs
    theta = NetworkQuantities.theta(w)
    // θ̃₀ = ¼ (a₊² e^{2G} − a₋² e^{−2G}): the form that survives sign changes (Theory, eq. 4.4).
    perturbedStart = (0..<d).map { i in
      let plus = (w[i] + lambda * v[i]) * .exp(gradientIntegral[i])
      let minus = (w[d + i] + lambda * v[d + i]) * .exp(-gradientIntegral[i])
      return 0.25 * (plus * plus - minus * minus)
    }

    let tail = try Tail(problem, weights: w, rates: v, lambda: tailLambda)
    let defect = balanceIntegral.map { BalanceDefect(extended, initial: initial, integral: $0, weights: w) }
    var worst = 0.0
    for i in 0..<d where !(w[i] == 0 && start.weights[i] == 0) && !(w[d + i] == 0 && start.weights[d + i] == 0) {
      worst = largerOrNaN(worst, tailFactor * tail.relativeChange[i])
    }
    // The identity says nothing about products beyond the range of doubles: a second run does.
    let defects = exponents == nil ? defect.map { $0.relative + $0.resolution } ?? 0 : 0
    balancednessError = isLost ? .infinity : worst + stateError + defects + 4 * 0x1p-52
    balanceCheck = defect?.ofLargest
    let rounding = 4 * 0x1p-52 * theta.maximumMagnitude
    thetaError = 2 * tailFactor * tail.thetaMotion + tail.thetaRounding + rounding
    projectionError = nil
  }

  /// Whether some weight that started above zero has become too small for its digits to be there, with nobody following it:
  /// below 2⁻⁹⁶⁰, coasting included. Then nothing is known of its Δ.
  static func hasLostWeights(
    start: Initialization, weights w: [Double], rates v: [Double], lambda: Double, exponents: [Int]?
  ) -> Bool {
    w.indices.contains { i in
      start.weights[i] != 0 && (exponents?[i] ?? 0) == 0 && abs(w[i]) + lambda * abs(v[i]) < 0x1p-960
    }
  }
}
