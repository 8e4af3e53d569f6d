import DiagonalNetworks
import Dynamics
import RealModule

extension AsymptoticLimit {
  /// The limit by projection from time T, to second order: w±,∞ = a± e^{∓G − J±} with G = Xᵀν from the dual Newton
  /// method and J± from the linearised tail, so that Δ∞ = |a₊a₋| e^{−J₊−J₋} and θ∞ = ¼(w₊,∞² − w₋,∞²) interpolates.
  ///
  /// With J = max(J₊ + J₋) and Γ = max|G| + max|λp±|, what is left out is cubic in the residual: the errors are taken as
  /// 2.5·J·Γ for Δ∞ and 2.5·Γ times the change that J± makes in θ∞ (the constant was fitted to trajectories). For
  /// gradient flow J = 0 and the limit is exact from any T.
  ///
  /// - Parameters:
  ///   - weights, rates: w± and ẇ± (or w_k − w_{k−1}) at T, 2d numbers each.
  ///   - gradientIntegral: ∫₀ᵀg (or εΣg), d numbers.
  ///   - stateError: an estimate of the relative error of the state itself.
  ///   - balanceCheck: the defect of the additive balance identity, passed through.
  /// Throws `InvalidInput` when a linear-algebra routine fails. Complexity: O(nd·min(n, d)).
  public init(
    projecting problem: RegressionProblem, _ space: RowSpace, start: Initialization, weights w: [Double],
    rates v: [Double], motion: LogTail.Motion, gradientIntegral: [Double], stateError: Double, balanceCheck: Double?
  ) throws(InvalidInput) {
    let d = problem.featureCount
    let tail = try LogTail(problem, rank: space.rank, weights: w, rates: v, motion: motion)
    let isResolved = tail.missing.allSatisfy(\.isFinite) && tail.logWeights.allSatisfy { $0 < .infinity }
    let missing = isResolved ? tail.missing : [Double](repeating: 0, count: 2 * d)
    let logs = isResolved ? tail.logWeights : w.map { Double.log(abs($0)) }
    let first = DualNewton(
      space, response: problem.response, logPlus: Array(logs[..<d]), logMinus: Array(logs[d...]))
    let full = zip(logs, missing).map { $0 - $1 }
    let second =
      motion == .gradientFlow
      ? first
      : DualNewton(
        space, response: problem.response, logPlus: Array(full[..<d]), logMinus: Array(full[d...]),
        from: first.coordinates)

    let largestTail = (0..<d).map { missing[$0] + missing[d + $0] }.maximumMagnitude
    let reach = second.shift.maximumMagnitude + tail.coasting
    let isSound = isResolved && second.isConverged && first.isConverged
    let deltaError = !isSound ? .infinity : 2.5 * largestTail * reach
    let change = zip(first.theta, second.theta).map { $0 - $1 }.maximumMagnitude
    let thetaError = !isSound ? .infinity : 2.5 * change * reach

    let initial = NetworkQuantities.balancedness(start.weights)
    self.init(
      initialBalancedness: initial,
      // Gradient flow keeps Δ exactly; logarithms would cost digits.
      balancedness: motion == .gradientFlow ? initial : (0..<d).map { Double.exp(full[$0] + full[d + $0]) },
      theta: second.theta,
      perturbedStart: (0..<d).map { i in
        0.25
          * (Double.exp(2 * (full[i] + gradientIntegral[i])) - Double.exp(2 * (full[d + i] - gradientIntegral[i])))
      },
      balancednessError: deltaError + stateError,
      thetaError: thetaError + (stateError + 16 * 0x1p-52) * second.theta.maximumMagnitude,
      balanceCheck: balanceCheck,
      projectionError: (deltaError, thetaError))
  }
}
