extension Twin {
  /// Loss and residual at a state, and the scratch memory to find them.
  final class Look {
    let problem: Problem
    private(set) var loss = 0.0
    private(set) var residualMax = 0.0
    let residual: Memory
    let gradient: Memory
    let theta: Memory

    init(_ problem: Problem) {
      self.problem = problem
      (residual, gradient) = (Memory(problem.samples), Memory(problem.features))
      theta = Memory(problem.features)
    }

    /// θ = ¼(w₊² − w₋²) as ¼(w₊ − w₋)(w₊ + w₋), r = Xθ − y, L = ‖r‖²/(2n) and ‖r‖∞ (Theory, section 1).
    func take(_ w: UnsafePointer<Double>) {
      let d = problem.features
      for i in 0..<d { theta.base[i] = 0.25 * (w[i] - w[d + i]) * (w[i] + w[d + i]) }
      problem.image(of: theta.base, lessTarget: true, into: residual.base)
      var (sum, largest) = (0.0, 0.0)
      for q in 0..<problem.samples {
        let r = residual.base[q]
        sum += r * r
        if !(abs(r) <= largest) { largest = abs(r) }
      }
      (loss, residualMax) = (sum / (2 * Double(problem.samples)), largest)
    }

    /// The same, and g = Xᵀr/n.
    func takeGradient(_ w: UnsafePointer<Double>) {
      take(w)
      problem.pull(residual.base, into: gradient.base)
    }

    /// The kinetic energy λ(‖ẇ₊‖² + ‖ẇ₋‖²)/4 (Theory, section 3).
    func kinetic(_ v: UnsafePointer<Double>, _ lambda: Double) -> Double {
      var sum = 0.0
      for i in 0..<2 * problem.features { sum += v[i] * v[i] }
      return 0.25 * lambda * sum
    }
  }
}
