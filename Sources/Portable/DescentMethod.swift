extension Twin {
  /// A discrete method: λ = γ/(1−β)², ε = γ/(1−β), β = 1 − ε/λ, γ = ε²/λ (Theory, section 2).
  public struct DescentMethod {
    /// The step γ.
    public let gamma: Double
    /// The momentum β.
    public let beta: Double
    /// λ.
    public let lambda: Double
    /// The time step ε.
    public let step: Double
    /// Whether the gradient is taken at w_k + β(w_k − w_{k−1}).
    public let isNesterov: Bool

    /// From γ > 0 and 0 ≤ β < 1.
    public init(gamma: Double, beta: Double, isNesterov: Bool = false) {
      (self.gamma, self.beta, self.isNesterov) = (gamma, beta, isNesterov)
      (lambda, step) = (gamma / ((1 - beta) * (1 - beta)), gamma / (1 - beta))
    }

    /// From λ > 0 and 0 < ε ≤ λ.
    public init(lambda: Double, step: Double, isNesterov: Bool = false) {
      (self.lambda, self.step, self.isNesterov) = (lambda, step, isNesterov)
      (gamma, beta) = (step * step / lambda, 1 - step / lambda)
    }

    /// The largest γh at which a mode is stable (Theory, section 9).
    public var stabilityLimit: Double { 2 * (1 + beta) / (isNesterov ? 1 + 2 * beta : 1) }

    /// The γh above which a mode oscillates.
    public var oscillationThreshold: Double {
      let root = isNesterov ? (1 - beta) / (1 + beta) : 1 - beta.squareRoot()
      return root * root
    }
  }
}
