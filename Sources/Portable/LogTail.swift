extension Twin {
  /// What is still missing from ln|w±| after a time T beside the drift ∓G: ln|w±,∞| = ln|a±| ∓ G − J±, with ln|a±| = ln|w±| + λp±
  /// (discrete: + β/(1−β) ln|w_k/w_{k−1}|) and J± = λ∫_T^∞ p±² from the linearised motion (Theory, section 6).
  struct LogTail {
    /// ln|a±|, 2d numbers: −∞ where a weight is zero.
    let logs: [Double]
    /// J±, 2d numbers; infinite where the tail cannot be resolved yet.
    let missing: [Double]
    /// How far they may still swing.
    let swing: Double

    /// From w and ẇ (discrete: w_k − w_{k−1}), linearised about w± e^{∓shift}.
    init(
      _ problem: Problem, rank: Int, weights w: [Double], rates v: [Double], motion: Motion, at shift: [Double]? = nil
    ) {
      let d = problem.features
      let bare = w.map { Elementary.log(abs($0)) }
      if case .gradientFlow = motion {
        (logs, missing, swing) = (bare, [Double](repeating: 0, count: 2 * d), 0)
        return
      }
      let factor = motion.coasting
      var isDiscrete = false
      if case .discrete = motion { isDiscrete = true }
      // The logarithmic velocity p, or ln|w_k/w_{k−1}| = −ln|1 − δ/w_k|.
      let velocity = (0..<2 * d).map { (i: Int) -> Double in
        v[i] == 0 ? 0 : (isDiscrete ? -Elementary.logMagnitude(onePlus: -v[i] / w[i]) : v[i] / w[i])
      }
      logs = (0..<2 * d).map { bare[$0] + (factor == 0 ? 0 : factor * velocity[$0]) }
      let center =
        shift.map { s in (0..<2 * d).map { w[$0] * Elementary.exp($0 < d ? -s[$0] : s[$0 - d]) } } ?? w
      guard let modes = Modes(problem, rank: rank, weights: w, rates: v, at: center),
        velocity.allSatisfy({ abs($0) < .infinity })
      else {
        (missing, swing) = ([Double](repeating: .infinity, count: 2 * d), .infinity)
        return
      }
      missing = modes.missing(motion, velocity)
      guard case .discrete(let method) = motion else {
        swing = largerOrNaN(factor * largest(velocity), modes.variation(motion))
        return
      }
      // On the way curvatures change by the squares of the weights, and a mode must not become unstable.
      let margin = 1 + 6 * (shift.map { largest($0) } ?? 0)
      swing =
        method.gamma * margin * (modes.curvature.first ?? 0) >= method.stabilityLimit
        ? .infinity : largerOrNaN(largest(velocity) / (1 - method.beta), modes.variation(motion))
    }
  }
}
