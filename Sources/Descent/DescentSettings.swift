import Dynamics

/// The discrete method: heavy ball or Nesterov, with step γ and momentum β.
public struct DescentSettings: Sendable, Equatable {
  /// Where the gradient is taken.
  public enum Method: String, Sendable, Codable, CaseIterable {
    /// w_{k+1} = w_k − γ f(w_k) + β (w_k − w_{k−1}).
    case heavyBall = "heavy-ball"
    /// The gradient is taken at w_k + β (w_k − w_{k−1}), and the step starts there.
    case nesterov
  }

  /// Minibatches: how many samples at a time, and how they are drawn.
  public struct Batches: Sendable, Equatable {
    /// The number b of samples of a batch.
    public let size: Int
    /// Drawn anew each time when true; else each epoch is a new permutation of the samples, cut into batches, the last
    /// of which is smaller when b does not divide n.
    public let replacement: Bool
    /// The seed of the draws (substream `batches`).
    public let seed: UInt64

    /// Throws `InvalidInput` unless 1 ≤ size ≤ samples.
    public init(size: Int, of samples: Int, replacement: Bool, seed: UInt64) throws(InvalidInput) {
      guard (1...samples).contains(size) else {
        throw InvalidInput(
          "\(.batch, size)", because: "a batch must have between 1 and \(samples) samples (all training rows)")
      }
      self.size = size
      self.replacement = replacement
      self.seed = seed
    }
  }

  /// The two numbers that the others were computed from.
  public enum Given: Sendable { case rates, matched }

  /// What was given: (γ, β), or (λ, ε).
  public let given: Given
  /// The step γ (units of time).
  public let gamma: Double
  /// The momentum β (dimensionless), 0 ≤ β < 1.
  public let beta: Double
  /// λ = γ/(1−β)² (units of time): as given, or computed.
  public let lambda: Double
  /// The time step ε = γ/(1−β) (units of time): as given, or computed.
  public let step: Double
  /// The method.
  public let method: Method
  /// Minibatches, or nil for the full gradient.
  public let batches: Batches?

  /// Settings from (γ, β). Throws `InvalidInput` unless γ > 0 and 0 ≤ β < 1.
  public init(gamma: Double, beta: Double, method: Method = .heavyBall, batches: Batches? = nil) throws(InvalidInput) {
    guard gamma > 0, gamma.isFinite else {
      throw InvalidInput("\(.gamma, gamma)", because: "the step γ must be positive and finite")
    }
    guard beta >= 0, beta < 1 else {
      throw InvalidInput("\(.beta, beta)", because: "the momentum β must satisfy 0 ≤ β < 1")
    }
    let lambda = gamma / ((1 - beta) * (1 - beta))
    guard lambda.isFinite else {
      throw InvalidInput(
        "\(.gamma, gamma) \(.beta, beta)", because: "λ = γ/(1−β)² overflows", remedy: "choose a smaller γ")
    }
    self.init(.rates, gamma: gamma, beta: beta, lambda: lambda, step: gamma / (1 - beta), method, batches)
  }

  private init(
    _ given: Given, gamma: Double, beta: Double, lambda: Double, step: Double, _ method: Method, _ batches: Batches?
  ) {
    self.given = given
    self.gamma = gamma
    self.beta = beta
    self.lambda = lambda
    self.step = step
    self.method = method
    self.batches = batches
  }

  /// Settings from (λ, ε): β = 1 − ε/λ, γ = ε²/λ (Theory, eq. 2.4). Throws `InvalidInput` unless 0 < ε ≤ λ.
  public init(lambda: Double, step: Double, method: Method = .heavyBall, batches: Batches? = nil) throws(InvalidInput) {
    guard lambda > 0, lambda.isFinite else {
      throw InvalidInput("\(.lambda, lambda)", because: "λ must be positive and finite")
    }
    guard step > 0, step.isFinite else {
      throw InvalidInput("\(.step, step)", because: "the time step ε must be positive and finite")
    }
    guard step <= lambda else {
      throw InvalidInput(
        "\(.step, step)", because: "it is above λ = \(lambda), where β = 1 − ε/λ would be negative",
        remedy: "choose ε ≤ λ")
    }
    let (gamma, beta) = (step * step / lambda, 1 - step / lambda)
    guard gamma > 0, gamma.isFinite, beta < 1 else {
      throw InvalidInput(
        "\(.step, step)", because: "with λ = \(lambda) it makes γ = ε²/λ or 1 − β = ε/λ vanish in double precision",
        remedy: "choose a larger ε")
    }
    self.init(.matched, gamma: gamma, beta: beta, lambda: lambda, step: step, method, batches)
  }

  /// The same with other batches.
  public func with(_ batches: Batches?) -> DescentSettings {
    DescentSettings(given, gamma: gamma, beta: beta, lambda: lambda, step: step, method, batches)
  }

  /// The largest γh at which a mode of curvature h is stable: 2(1+β), for Nesterov 2(1+β)/(1+2β).
  public var stabilityLimit: Double {
    switch method {
    case .heavyBall: 2 * (1 + beta)
    case .nesterov: 2 * (1 + beta) / (1 + 2 * beta)
    }
  }

  /// The γh above which a mode oscillates: (1−√β)², for Nesterov ((1−β)/(1+β))².
  public var oscillationThreshold: Double {
    let root =
      switch method {
      case .heavyBall: 1 - beta.squareRoot()
      case .nesterov: (1 - beta) / (1 + beta)
      }
    return root * root
  }
}
