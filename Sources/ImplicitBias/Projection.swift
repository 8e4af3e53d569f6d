import Dynamics
import LinearAlgebra
import Networks
import Regression

/// A state projected to its limit: w±,∞ = a± e^{∓G − J±} with G = Xᵀν from the dual Newton method and J± from the
/// linearised tail, so that Δ∞ = |a₊a₋| e^{−J₊−J₋} and θ∞ = ¼(w₊,∞² − w₋,∞²) interpolates.
///
/// J± about the weights at T leaves out a term of third order in the residual, J± about those a third of the way to the
/// limit one of fourth order where one mode rules, and both one that swings with λp±. With J = max(J₊ + J₋),
/// Φ = max G² + swing, and δ what the change of centre makes, the errors are taken as 4·J·Φ + ¼δ for Δ∞ and
/// 8·S·Φ + ¼δ for θ∞, S the geometric mean of what J± moves θ by before and after the projection. The constants were
/// fitted to 880 random trajectories and checked on 4,000 others. They hold for swing ≤ ½; above, the errors count as
/// infinite. Minibatches add three times their share of J. For gradient flow J = 0 and the limit is exact from any T. What
/// rounding does, which no later T makes smaller, stands apart.
struct Projection {
  /// ln|w±,∞| ± G, 2d numbers: the logarithms of the weights that the drift alone takes to the limit.
  let logWeights: [Double]
  /// θ∞, d numbers.
  let theta: [Double]
  /// What the projection adds to the error of Δ∞ (relative) and of θ∞ (absolute); infinite where it cannot be trusted.
  let error: (delta: Double, theta: Double)
  /// What rounding does to Δ∞ (relative; the logarithms of the weights may be large) and to θ∞ (absolute; the condition of X
  /// and of the projection included). To first order.
  let rounding: (delta: Double, theta: Double)
  /// How far an error of the logarithms moves θ∞, per unit.
  let sensitivity: Double

  /// Projects from weights and rates at T (2d numbers each; discrete: increments), times 2 to the power of `exponents`.
  ///
  /// Throws `InvalidInput` when a linear-algebra routine fails. Complexity: O(nd·min(n, d)).
  init(
    _ problem: RegressionProblem, _ space: RowSpace, weights w: [Double], rates v: [Double], motion: LogTail.Motion,
    exponents: [Int]? = nil
  ) throws(InvalidInput) {
    let d = problem.featureCount
    func project(_ logs: [Double], from start: DualNewton? = nil) -> DualNewton {
      DualNewton(
        space, response: problem.response, logPlus: Array(logs[..<d]), logMinus: Array(logs[d...]),
        from: start?.coordinates)
    }
    func sums(_ j: [Double]) -> [Double] { (0..<d).map { j[$0] + j[d + $0] } }

    let near = try LogTail(problem, rank: space.rank, weights: w, rates: v, motion: motion, exponents: exponents)
    let isResolved = near.missing.allSatisfy(\.isFinite) && near.logWeights.allSatisfy { $0 < .infinity }
    let bare = (0..<2 * d).map { NetworkQuantities.logMagnitude(w[$0], exponents?[$0] ?? 0) }
    let first = project(isResolved ? near.logWeights : bare)
    guard isResolved, first.isConverged else {
      logWeights = isResolved ? near.logWeights : bare
      theta = first.theta
      error = (.infinity, .infinity)
      rounding = error
      sensitivity = theta.maximumMagnitude
      return
    }
    let floor = 16 * 0x1p-52 * first.theta.maximumMagnitude
    if motion == .gradientFlow {
      logWeights = near.logWeights
      theta = first.theta
      error = (0, floor + 8 * first.defect)
      // Δ∞ is Δ₀, a product of two numbers that may be rounded themselves.
      rounding = (4 * 0x1p-52, first.rounding)
      sensitivity = theta.maximumMagnitude
      return
    }
    let tail = try LogTail(
      problem, rank: space.rank, weights: w, rates: v, motion: motion, exponents: exponents,
      linearizedAt: first.shift.map { $0 / 3 })
    let isSound = tail.missing.allSatisfy(\.isFinite)
    let missing = isSound ? tail.missing : near.missing
    let second = project(zip(near.logWeights, near.missing).map { $0 - $1 }, from: first)
    logWeights = zip(near.logWeights, missing).map { $0 - $1 }
    let last = project(logWeights, from: second)
    theta = last.theta
    let lengths = sums(logWeights.map { $0.isFinite ? abs($0) : 0 })
    rounding = (0x1p-52 * (4 + lengths.maximumMagnitude), last.rounding)

    let size = largerOrNaN(sums(missing).maximumMagnitude, sums(near.missing).maximumMagnitude)
    // θ∞ interpolates whatever the logarithms are: an error of theirs moves it as J± does.
    let response = size > 0 ? 10 * difference(last.theta, first.theta) / size : .infinity
    sensitivity = min(first.theta.maximumMagnitude, response)
    let swing = largerOrNaN(tail.swing, near.swing)
    guard isSound, second.isConverged, last.isConverged, swing <= 0.5 else {
      error = (.infinity, .infinity)
      return
    }
    let drift = last.shift.maximumMagnitude
    let order = drift * drift + swing
    // What minibatches bring about is random: three times its expectation is seldom exceeded.
    let luck = 3 * largerOrNaN(sums(tail.uncertain).maximumMagnitude, sums(near.uncertain).maximumMagnitude)
    let sizes = NetworkQuantities.rounded(w, exponents)
    let push = sums((0..<2 * d).map { 0.5 * sizes[$0] * sizes[$0] * near.missing[$0] }).maximumMagnitude
    let scale = (push * difference(second.theta, first.theta)).squareRoot()
    error = (
      4 * size * order + 0.25 * difference(sums(missing), sums(near.missing)) + luck,
      8 * scale * order + 0.25 * difference(last.theta, second.theta) + floor + 8 * last.defect
        + luck * sensitivity
    )
  }
}

/// The largest |a − b|.
private func difference(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).map { $0 - $1 }.maximumMagnitude }
