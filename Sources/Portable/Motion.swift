extension Twin {
  /// Which motion tends to a limit.
  public enum Motion {
    /// Gradient flow.
    case gradientFlow
    /// Momentum gradient flow with λ.
    case momentum(Double)
    /// Heavy ball or Nesterov.
    case discrete(DescentMethod)

    /// How long a weight coasts on: λ, or βε/(1−β) in units of ε for increments.
    var coasting: Double {
      switch self {
      case .gradientFlow: 0
      case .momentum(let lambda): lambda
      case .discrete(let method): method.beta / (1 - method.beta)
      }
    }
  }
}
