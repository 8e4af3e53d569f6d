import Dynamics

/// How a predictor θ of d coordinates is made of weights: blocks of d weights each.
public enum Parametrization: Sendable, Equatable {
  /// θ = (w₊² − w₋²)/4 in balanced coordinates w± = u ± v of θ = u⊙v, with the field f = ±g⊙w±, twice ∂F/∂w±.
  case diagonal
  /// θ = w₊ᴸ − w₋ᴸ, f = ∂F/∂w± = ±L w±ᴸ⁻¹⊙g. For L = 2, 2w±(t) is what `diagonal` has at time 2t with 2λ.
  case power(depth: Int)
  /// θ = w₁⊙…⊙w_L, f_j = ∂F/∂w_j = g⊙∏_{k≠j} w_k. L = 1 is the linear model, L = 2 `diagonal` in the coordinates u, v.
  case layers(depth: Int)

  /// The names on the command line, with what they stand for; studies number networks in this order.
  public static let meanings: KeyValuePairs = [
    "diagonal": "θ = u⊙v, the default", "power": "θ = w₊ᴸ − w₋ᴸ",
    "layers": "θ = w₁⊙…⊙w_L; L = 1 is the linear model",
  ]

  /// The names alone.
  public static let names = meanings.map(\.key)

  /// Powers and products up to this depth.
  public static let depths = 1...16

  /// Throws `InvalidInput` when there is no such network.
  public init(named name: String, depth: Int?) throws(InvalidInput) {
    if let depth, name != "diagonal" {
      guard Self.depths.contains(depth) else {
        throw InvalidInput("\(.depth, depth)", because: "depths lie between 1 and \(Self.depths.upperBound)")
      }
    }
    switch (name, depth) {
    case ("diagonal", nil), ("diagonal", 2): self = .diagonal
    case ("diagonal", let depth?):
      throw InvalidInput(
        "\(.depth, depth)", because: "the network \"diagonal\" has two layers",
        remedy: "choose \(.network, "power") or \(.network, "layers") for another depth")
    case ("power", let depth?): self = .power(depth: depth)
    case ("layers", let depth?): self = .layers(depth: depth)
    case ("power", nil), ("layers", nil):
      throw InvalidInput("\(.network, name)", because: "it has no depth yet", remedy: "give \(.depth, "L"), such as 3")
    default:
      throw InvalidInput(
        "\(.network, name)", because: "there is no network of that name",
        remedy: "choose one of " + Self.names.joined(separator: ", "))
    }
  }

  /// The name on the command line.
  public var name: String {
    switch self {
    case .diagonal: "diagonal"
    case .power: "power"
    case .layers: "layers"
    }
  }

  /// The depth L.
  public var depth: Int {
    switch self {
    case .diagonal: 2
    case .power(let depth), .layers(let depth): depth
    }
  }

  /// The number of blocks: 2 (w₊, w₋), or L layers.
  public var blockCount: Int { if case .layers(let depth) = self { depth } else { 2 } }

  /// The names of the blocks.
  public var blockNames: [String] {
    if case .layers(let depth) = self { (1...depth).map { "w_\($0)" } } else { ["w_plus", "w_minus"] }
  }

  /// The state of `diagonal` whose θ(t) is the same, and the time in which it moves for each unit of time of this one; nil where
  /// there is none. For layers of depth 2 w± = w₁ ± w₂, as they stand; for powers of depth 2 it is 2w±, in twice the time.
  public func asDiagonal(
    _ weights: [Double], _ rates: [Double]
  ) -> (weights: [Double], rates: [Double], pace: Double)? {
    switch self {
    case .diagonal: return (weights, rates, 1)
    case .layers(depth: 2):
      func balanced(_ x: [Double]) -> [Double] {
        NetworkQuantities.pairwise(x) { $0 + $1 } + NetworkQuantities.pairwise(x) { $0 - $1 }
      }
      return (balanced(weights), balanced(rates), 1)
    // A rate in half the time of twice the weight.
    case .power(depth: 2): return (weights.map { 2 * $0 }, rates, 2)
    default: return nil
    }
  }

  /// s with f = s ∂F/∂w: the energy is F + λ‖ẇ‖²/(2s), and dE/dt = −‖ẇ‖²/s.
  public var speed: Double { self == .diagonal ? 2 : 1 }

  /// c of θ = c (w₊ᴸ − w₋ᴸ).
  var scale: Double { self == .diagonal ? 0.25 : 1 }

  /// θ, d numbers, from weights, blocks × d.
  public func theta<W: RandomAccessCollection<Double>>(_ weights: W) -> [Double] {
    if self == .diagonal { return NetworkQuantities.theta(weights) }
    let w = Array(weights)
    let d = w.count / blockCount
    return (0..<d).map { theta(w, $0, features: d) }
  }

  /// Coordinate i of θ, from blocks of d weights each.
  public func theta(_ w: UnsafePointer<Double>, _ i: Int, features d: Int) -> Double {
    if case .layers(let depth) = self { return (1..<depth).reduce(w[i]) { $0 * w[$1 * d + i] } }
    return scale * (integerPower(w[i], depth) - integerPower(w[d + i], depth))
  }

  /// The kinetic energy λ‖ẇ‖²/(2s).
  public func kineticEnergy<V: Sequence<Double>>(_ rate: V, lambda: Double) -> Double {
    lambda / (2 * speed) * Array(rate).reduce(0) { $0 + $1 * $1 }
  }

  /// What gradient flow keeps, coordinate by coordinate: w_j² − w_{j+1}² of neighbouring layers, (L − 1) × d numbers, or
  /// w₊²⁻ᴸ + w₋²⁻ᴸ (for L = 2 w₊w₋), d numbers.
  public func conserved<W: RandomAccessCollection<Double>>(_ weights: W) -> [Double] {
    let w = Array(weights)
    let d = w.count / blockCount
    if case .layers(let depth) = self {
      return (0..<(depth - 1) * d).map { (w[$0] - w[d + $0]) * (w[$0] + w[d + $0]) }
    }
    return (0..<d).map { i in
      switch depth {
      case 1: w[i] + w[d + i]
      case 2: w[i] * w[d + i]
      default: 1 / integerPower(w[i], depth - 2) + 1 / integerPower(w[d + i], depth - 2)
      }
    }
  }

  /// What the additive identity of λẅ + ẇ + f = 0 says equals its start plus the integrals carried along: D + λḊ with
  /// D = w_j² − w_{j+1}² for layers, λ(w₋ᴸ⁻¹ẇ₊ + w₊ᴸ⁻¹ẇ₋) for powers.
  public func balance(_ w: [Double], _ rate: [Double], lambda: Double) -> [Double] {
    let d = w.count / blockCount
    if case .layers(let depth) = self {
      return (0..<(depth - 1) * d).map {
        (w[$0] - w[d + $0]) * (w[$0] + w[d + $0]) + 2 * lambda * (w[$0] * rate[$0] - w[d + $0] * rate[d + $0])
      }
    }
    return (0..<d).map {
      lambda * (integerPower(w[d + $0], depth - 1) * rate[$0] + integerPower(w[$0], depth - 1) * rate[d + $0])
    }
  }

  /// What defects of that identity are measured against: |w_j² − w_{j+1}²|, |w₊w₋|^{L/2}, d or (L − 1) × d numbers.
  public func balanceScale(_ w: [Double]) -> [Double] {
    if case .layers = self { return conserved(w).map { abs($0) } }
    let d = w.count / 2
    return (0..<d).map { integerPower(abs(w[$0] * w[d + $0]), depth).squareRoot() }
  }
}

/// xⁿ for n ≥ 0 by products, smooth through zero; 0⁰ = 1.
@inline(__always)
func integerPower(_ x: Double, _ n: Int) -> Double {
  var result = 1.0
  for _ in 0..<max(n, 0) { result *= x }
  return result
}
