extension Twin {
  /// A state projected to its limit: w±,∞ = a± e^{∓G − J±}, G = Xᵀν from the dual Newton method, J± from the linearised tail, so
  /// that Δ∞ = |a₊a₋| e^{−J₊−J₋} and θ∞ = ¼(w₊,∞² − w₋,∞²) interpolates. Errors as the library's `Projection` estimates them.
  struct Projection {
    /// ln|w±,∞| ± G, 2d numbers.
    let logs: [Double]
    /// θ∞, d numbers.
    let theta: [Double]
    /// What the projection adds to the error of Δ∞ (relative) and of θ∞ (absolute); infinite where it cannot be trusted.
    let error: (delta: Double, theta: Double)
    /// What rounding does to them, to first order.
    let rounding: (delta: Double, theta: Double)
    /// How far an error of the logarithms moves θ∞, per unit.
    let sensitivity: Double

    init(_ problem: Problem, _ space: RowSpace, weights w: [Double], rates v: [Double], motion: Motion) {
      let d = problem.features
      let response = problem.response
      func project(_ logs: [Double], from start: DualNewton? = nil) -> DualNewton {
        DualNewton(space, response: response, logs: logs, from: start?.coordinates)
      }
      func sums(_ j: [Double]) -> [Double] { (0..<d).map { j[$0] + j[d + $0] } }
      func gap(_ a: [Double], _ b: [Double]) -> Double { largest(a.indices.map { a[$0] - b[$0] }) }

      let near = LogTail(problem, rank: space.rank, weights: w, rates: v, motion: motion)
      let isResolved = near.missing.allSatisfy { $0 < .infinity } && near.logs.allSatisfy { $0 < .infinity }
      let start = isResolved ? near.logs : w.map { Elementary.log(abs($0)) }
      let first = project(start)
      guard isResolved, first.isConverged else {
        (logs, theta, sensitivity) = (start, first.theta, largest(first.theta))
        error = (.infinity, .infinity)
        rounding = error
        return
      }
      let floor = 16 * 0x1p-52 * largest(first.theta)
      if case .gradientFlow = motion {
        (logs, theta, sensitivity) = (near.logs, first.theta, largest(first.theta))
        error = (0, floor + 8 * first.largestDefect)
        rounding = (4 * 0x1p-52, first.rounding)
        return
      }
      let tail = LogTail(
        problem, rank: space.rank, weights: w, rates: v, motion: motion, at: first.shift.map { $0 / 3 })
      let isSound = tail.missing.allSatisfy { $0 < .infinity }
      let missing = isSound ? tail.missing : near.missing
      let second = project((0..<2 * d).map { near.logs[$0] - near.missing[$0] }, from: first)
      let shifted = (0..<2 * d).map { near.logs[$0] - missing[$0] }
      let last = project(shifted, from: second)
      (logs, theta) = (shifted, last.theta)
      let lengths = sums(shifted.map { abs($0) < .infinity ? abs($0) : 0 })
      rounding = (0x1p-52 * (4 + largest(lengths)), last.rounding)
      let size = largerOrNaN(largest(sums(missing)), largest(sums(near.missing)))
      let response1 = size > 0 ? 10 * gap(last.theta, first.theta) / size : .infinity
      sensitivity = min(largest(first.theta), response1)
      let swing = largerOrNaN(tail.swing, near.swing)
      guard isSound, second.isConverged, last.isConverged, swing <= 0.5 else {
        error = (.infinity, .infinity)
        return
      }
      let drift = largest(last.shift)
      let order = drift * drift + swing
      let push = largest(sums((0..<2 * d).map { 0.5 * w[$0] * w[$0] * near.missing[$0] }))
      let scale = (push * gap(second.theta, first.theta)).squareRoot()
      error = (
        4 * size * order + 0.25 * gap(sums(missing), sums(near.missing)),
        8 * scale * order + 0.25 * gap(last.theta, second.theta) + floor + 8 * last.largestDefect
      )
    }
  }
}
