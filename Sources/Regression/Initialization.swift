import Dynamics

/// Where a run starts: u₀, v₀ and their speeds, kept in the balanced coordinates w± = u ± v.
public struct Initialization: Sendable, Equatable {
  /// w₊(0) then w₋(0), 2d numbers.
  public let weights: [Double]
  /// ẇ₊(0) then ẇ₋(0), 2d numbers; zero unless given.
  public let rates: [Double]
  /// The scale α, when the start was made from it.
  public let alpha: Double?

  /// u₀ = √2·α, v₀ = 0, so w± = √2·α, θ₀ = 0 and Δ₀ = 2α².
  ///
  /// Throws `InvalidInput` unless 1e-150 ≤ α ≤ 1e6 (below, Δ is not representable; above, θ is not resolved).
  public init(alpha: Double, features: Int) throws(InvalidInput) {
    guard alpha != 0 else {
      throw InvalidInput(
        "\(.alpha, "0")", because: "w ≡ 0 is a fixed point: nothing would ever move",
        remedy: "choose a positive scale such as 0.1")
    }
    guard alpha.isFinite, alpha >= 1e-150 else {
      throw InvalidInput(
        "\(.alpha, alpha)", because: "the scale must be positive and at least 1e-150, or Δ₀ = 2α² underflows",
        remedy: "choose a scale such as 0.1")
    }
    guard alpha <= 1e6 else {
      throw InvalidInput(
        "\(.alpha, alpha)", because: "above 1e6 doubles do not resolve θ = (w₊² − w₋²)/4 beside w± = √2·α",
        remedy: "choose a smaller scale; from about 10 on the kernel regime is reached")
    }
    let w = 2.0.squareRoot() * alpha
    weights = [Double](repeating: w, count: 2 * features)
    rates = [Double](repeating: 0, count: 2 * features)
    self.alpha = alpha
  }

  /// A start made of another.
  package init(weights: [Double], rates: [Double], alpha: Double?) {
    (self.weights, self.rates, self.alpha) = (weights, rates, alpha)
  }

  /// That of some of the d features.
  package func block(_ features: Range<Int>) -> Initialization {
    let d = weights.count / 2
    func part(_ values: [Double]) -> [Double] {
      Array(values[features] + values[d + features.lowerBound..<d + features.upperBound])
    }
    return Initialization(weights: part(weights), rates: part(rates), alpha: alpha)
  }

  /// Given u₀, v₀ (d numbers each) and their speeds (zero when nil).
  ///
  /// Throws `InvalidInput` when lengths disagree, a number is not finite, or everything is zero.
  public init(
    u: [Double], v: [Double], uRate: [Double]? = nil, vRate: [Double]? = nil, features: Int
  ) throws(InvalidInput) {
    for (field, values) in [(Field.u, u), (.v, v), (.uRate, uRate), (.vRate, vRate)] {
      guard let values else { continue }
      guard values.count == features else {
        throw InvalidInput(
          "\(field)", because: "it has \(values.count) values where the problem has \(features) features",
          remedy: "give one value a feature")
      }
      if let bad = values.firstIndex(where: { !$0.isFinite }) {
        throw InvalidInput("\(field)", because: "value \(bad) is \(values[bad])", remedy: "give finite numbers")
      }
    }
    let zero = [Double](repeating: 0, count: features)
    weights = zip(u, v).map { $0 + $1 } + zip(u, v).map { $0 - $1 }
    let (du, dv) = (uRate ?? zero, vRate ?? zero)
    rates = zip(du, dv).map { $0 + $1 } + zip(du, dv).map { $0 - $1 }
    alpha = nil
    guard weights.contains(where: { $0 != 0 }) || rates.contains(where: { $0 != 0 }) else {
      throw InvalidInput(
        "\(.u), \(.v)", because: "all weights are zero, and w ≡ 0 is a fixed point: nothing would ever move")
    }
  }
}
