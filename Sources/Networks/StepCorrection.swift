import Dynamics

/// What makes momentum gradient flow the flow that iterates with time step ε follow to some order, as a recipe:
/// λ′ẅ + ẇ + f(w) + κ = 0 with λ′ = λ − ε/2 and κ = Σₘ εᵐκₘ, κₘ = Σ_{j ≥ 2} Sⱼ Wₘ₋ⱼ (Nesterov: + [f(W)]ₘ) of the expansion
/// that begins at (w, ẇ): see `ExpandedSeries`.
///
/// Heavy ball's of even order is expanded at fixed λ′, where odd powers vanish, any other at fixed λ. Source: Theory, eq. 8.5.
struct StepCorrection {
  let lambda: Double
  let step: Double
  let order: Int
  let isNesterov: Bool
  /// The highest order of time that is needed of each level.
  let tops: [Int]

  init(lambda: Double, step: Double, order: Int, isNesterov: Bool) {
    (self.lambda, self.step) = (lambda, step)
    (self.order, self.isNesterov) = (order, isNesterov)
    var tops = [Int](repeating: 1, count: order)
    for m in stride(from: order - 2, through: 0, by: -1) {
      for j in 1..<order - m where j % 2 == 0 || isNesterov || order % 2 == 1 {
        let reach = j % 2 == 0 ? j + 2 : j + 1
        if j >= 2 { tops[m] = max(tops[m], reach) }
        if tops[m + j] > 1 { tops[m] = max(tops[m], tops[m + j] - 2 + reach) }
      }
    }
    self.tops = tops
  }

  /// λ − ε/2, what multiplies ẅ.
  var inertia: Double { lambda - 0.5 * step }
  var isSymmetric: Bool { !isNesterov && order % 2 == 0 }
  /// What multiplies Ẅ in the expansion.
  var expandedInertia: Double { isSymmetric ? inertia : lambda }
  /// The levels that do not vanish.
  var levels: StrideThrough<Int> { stride(from: 0, through: order - 1, by: isSymmetric ? 2 : 1) }
  /// Whether there is a κ.
  var isEmpty: Bool { order == 2 && !isNesterov }

  func series(_ network: DiagonalNetwork, places: Int) -> ExpandedSeries {
    ExpandedSeries(
      network, in: isNesterov ? .nesterovStep : .heavyBallStep, lambda: expandedInertia, levels: order,
      rows: (tops.max() ?? 1) + 1, places: places, isSymmetric: isSymmetric)
  }

  /// How many passes over X an order of time takes.
  func passes(_ series: ExpandedSeries) -> Int {
    levels.reduce(1) { sum, m in
      sum + (0...max(tops[m] - 2, 0)).filter { m + $0 > 0 && series.takesPass(m, $0) }.count
    }
  }
}
