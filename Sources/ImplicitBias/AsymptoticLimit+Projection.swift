import Dynamics
import LinearAlgebra
import Networks
import RealModule
import Regression

extension AsymptoticLimit {
  /// The limit by projection from time T: Δ∞, θ∞ and their errors as in `Projection`, which says how good they are.
  ///
  /// - Parameters:
  ///   - weights, rates: w± and ẇ± (or w_k − w_{k−1}) at T, 2d numbers each.
  ///   - gradientIntegral: ∫₀ᵀg (or εΣg), d numbers.
  ///   - stateError: an estimate of the relative error of the state itself.
  ///   - balanceCheck: the defect of the additive balance identity, passed through.
  ///   - exponents: weights and rates are these times 2 to the power of 2d whole numbers; nil where they are what they seem.
  /// Throws `InvalidInput` when a linear-algebra routine fails. Complexity: O(nd·min(n, d)).
  public init(
    projecting problem: RegressionProblem, _ space: RowSpace, start: Initialization, weights w: [Double],
    rates v: [Double], motion: LogTail.Motion, gradientIntegral: [Double], stateError: Double, balanceCheck: Double?,
    exponents: [Int]? = nil
  ) throws(InvalidInput) {
    let d = problem.featureCount
    let projection = try Projection(problem, space, weights: w, rates: v, motion: motion, exponents: exponents)
    let logs = projection.logWeights
    let coasting =
      switch motion {
      case .gradientFlow: 0.0
      case .momentum(let lambda), .corrected(let lambda, _, _): lambda
      case .heavyBall(_, let beta, _), .nesterov(_, let beta, _): beta / (1 - beta)
      }
    // Gradient flow is projected from its very start.
    let isLost =
      motion != .gradientFlow
      && Self.hasLostWeights(start: start, weights: w, rates: v, lambda: coasting, exponents: exponents)
    let initial = NetworkQuantities.balancedness(start.weights)
    self.init(
      initialBalancedness: initial,
      // Gradient flow keeps Δ exactly; logarithms would cost digits.
      balancedness: motion == .gradientFlow ? initial : (0..<d).map { Double.exp(logs[$0] + logs[d + $0]) },
      logBalancedness: (0..<d).map { logs[$0] + logs[d + $0] },
      theta: projection.theta,
      // θ̃₀ = ¼ (a₊² e^{2G} − a₋² e^{−2G}): the form that survives sign changes (Theory, eq. 4.4).
      perturbedStart: (0..<d).map { i in
        let plus = Double.exp(2 * (logs[i] + gradientIntegral[i]))
        let minus = Double.exp(2 * (logs[d + i] - gradientIntegral[i]))
        return 0.25 * (plus - minus)
      },
      balancednessError: isLost ? .infinity : projection.error.delta + projection.rounding.delta + stateError,
      thetaError: projection.error.theta + projection.rounding.theta + stateError * projection.sensitivity,
      balanceCheck: balanceCheck, projectionError: projection.error)
  }
}
