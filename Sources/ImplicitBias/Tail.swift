import Dynamics
import LinearAlgebra
import Networks
import Regression

/// What a flow still does after time T, from the linearised tail λr̈ + ṙ + Kr = 0, K = X D Xᵀ/n, D = diag((w₊² + w₋²)/2).
public struct Tail: Sendable {
  /// An estimate of the relative change that each Δ still makes against |D + λḊ|, d numbers.
  ///
  /// The smaller of two: 2λE(T)/|D + λḊ|, a bound since |2λ∫ẇ₊ẇ₋| ≤ λ∫(ẇ₊² + ẇ₋²) ≤ 2λE(T); and λ∫(p₊² + p₋²) with
  /// the log-velocities p± = ẇ±/w± of λṗ + p ± g ≈ 0, for which ‖p‖₂ ≤ ‖g‖₂ + |p(T)|√(λ/2). Per mode of curvature κ,
  /// ∫r² = ((r + λṙ)² + λκr²)/(2κ), and ‖gᵢ‖₂ is at most the sum over the modes. The second does not know the scale of
  /// w, so that it serves any α.
  public let relativeChange: [Double]
  /// The largest change that θ still makes: θ∞ − θ(T) ≈ λθ̇ − D·Xᵀ∫r/n with ∫_T^∞ r = K⁺(r + λṙ).
  public let thetaMotion: Double
  /// What the rounding of Xθ − y does to it, to first order.
  public let thetaRounding: Double

  /// The tail at weights and rates (2d numbers each); λ = 0 for gradient flow.
  ///
  /// Throws `InvalidInput` when the singular values fail. Complexity: O(nd·min(n, d)).
  public init(
    _ problem: RegressionProblem, weights w: [Double], rates v: [Double], lambda: Double
  ) throws(InvalidInput) {
    let d = problem.featureCount
    let n = problem.sampleCount
    let residual = zip(problem.design.times(NetworkQuantities.theta(w)), problem.response).map { $0 - $1 }
    let thetaRate = (0..<d).map { 0.5 * (w[$0] * v[$0] - w[d + $0] * v[d + $0]) }
    let residualRate = problem.design.times(thetaRate)
    let roots = (0..<d).map { (0.5 * (w[$0] * w[$0] + w[d + $0] * w[d + $0])).squareRoot() }
    // With A = X D^½ = U S Vᵀ: K = U S² Uᵀ/n, Xᵀuₖ = D^-½ sₖ vₖ, and D·Xᵀ(A Aᵀ)⁺ = D^½ A⁺.
    let space = try RowSpace(problem.design, columnWeights: roots)
    let extended = zip(residual, residualRate).map { $0 + lambda * $1 }
    let z = space.minimumNormSolution(extended)
    thetaMotion = (0..<d).map { lambda * thetaRate[$0] - roots[$0] * z[$0] }.maximumMagnitude

    // A residual known to ρ moves the estimate by D^½ Σ |vₖ| ρ/sₖ.
    let theta = NetworkQuantities.theta(w)
    let sizes = (0..<n).map { q in
      (0..<d).reduce(abs(problem.response[q])) { $0 + abs(problem.design[q, $1] * theta[$1]) }
    }
    let noise = 2 * 0x1p-52 * sizes.maximumMagnitude
    var reach = [Double](repeating: 0, count: d)
    for k in 0..<space.rank {
      let direction = space.rightVector(k)
      for i in 0..<d { reach[i] += roots[i] * abs(direction[i]) * noise / space.singularValues[k] }
    }
    thetaRounding = reach.maximumMagnitude

    let modes = space.modes(of: residual)
    let extendedModes = space.modes(of: extended)
    var gradientNorm = [Double](repeating: 0, count: d)
    for k in 0..<space.rank {
      let s = space.singularValues[k]
      let curvature = s * s / Double(n)
      let square =
        (extendedModes[k] * extendedModes[k] + lambda * curvature * modes[k] * modes[k]) / (2 * curvature)
      let size = square.squareRoot() * s / Double(n)
      let direction = space.rightVector(k)
      for i in 0..<d where roots[i] > 0 { gradientNorm[i] += size * abs(direction[i]) / roots[i] }
    }
    let loss = residual.reduce(0) { $0 + $1 * $1 } / (2 * Double(n))
    let energy = loss + NetworkQuantities.kineticEnergy(v, lambda: lambda)
    let balance = NetworkQuantities.extendedBalancedness(w, v, lambda: lambda)
    relativeChange = (0..<d).map { i in
      let bound = 2 * lambda * energy / abs(balance[i])
      var change = 0.0
      for j in [i, d + i] {
        let p = w[j] == 0 ? (v[j] == 0 ? 0 : .infinity) : abs(v[j] / w[j])
        let norm = gradientNorm[i] + p * (lambda / 2).squareRoot()
        change += lambda * norm * norm
      }
      // One half more for what the linearisation leaves out.
      let estimate = 1.5 * change
      return estimate < bound || bound.isNaN ? estimate : bound
    }
  }
}
