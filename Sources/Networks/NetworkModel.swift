import Dynamics
import Regression

/// Which network is trained with which loss.
public struct NetworkModel: Sendable, Equatable {
  /// How θ is made of weights.
  public let parametrization: Parametrization
  /// How predictions are judged.
  public let loss: Loss

  /// A model from its parts.
  public init(_ parametrization: Parametrization, _ loss: Loss) {
    self.parametrization = parametrization
    self.loss = loss
  }

  /// θ = u⊙v with the square loss: what every command works on.
  public static let standard = NetworkModel(.diagonal, .square)

  /// Whether theory gives its limit: it is the diagonal network with the square loss, or moves as that one does.
  public var hasLimit: Bool { loss == .square && parametrization.depth == 2 }

  /// A network of this kind on data, with its own scratch memory.
  public func network(_ problem: RegressionProblem) -> any Network {
    self == .standard ? DiagonalNetwork(problem) : DeepNetwork(problem, self)
  }

  /// The start of scale α with θ₀ = 0: w± = √2·α for `diagonal`, w± = α for powers, all layers √2·α but the last, which is 0.
  ///
  /// Throws `InvalidInput` unless 1e-150 ≤ α ≤ 1e6, and for a linear model, which starts at zero without any scale.
  public func start(alpha: Double?, fallback: Double, features: Int) throws(InvalidInput) -> Initialization {
    let d = features
    guard parametrization != .diagonal else { return try Initialization(alpha: alpha ?? fallback, features: d) }
    guard integerPower(alpha ?? fallback, parametrization.depth) >= 1e-300 else {
      throw InvalidInput(
        "\(.alpha, alpha ?? fallback)", because: "its power \(parametrization.depth) vanishes in double precision",
        remedy: "choose a larger scale or a smaller depth")
    }
    guard case .layers(let depth) = parametrization else {
      let common = try Initialization(alpha: alpha ?? fallback, features: d)
      return Initialization(
        weights: [Double](repeating: alpha ?? fallback, count: 2 * d), rates: common.rates, alpha: common.alpha)
    }
    guard depth > 1 else {
      guard alpha == nil else {
        throw InvalidInput(
          "\(.alpha)", because: "a linear model starts at zero",
          remedy: "leave it out, or give a start with \(.weights)")
      }
      let zero = [Double](repeating: 0, count: d)
      return Initialization(weights: zero, rates: zero, alpha: nil)
    }
    let common = try Initialization(alpha: alpha ?? fallback, features: d)
    let first = Array(repeating: common.weights[0], count: (depth - 1) * d)
    return Initialization(
      weights: first + [Double](repeating: 0, count: d), rates: [Double](repeating: 0, count: depth * d),
      alpha: common.alpha)
  }

  /// A given start: the blocks one after the other, d numbers each, and their speeds (zero when nil).
  ///
  /// Throws `InvalidInput` when a length is wrong, a number is not finite, or nothing would ever move.
  public func start(weights: [Double], rates: [Double]?, features: Int) throws(InvalidInput) -> Initialization {
    let count = parametrization.blockCount * features
    for (field, values) in [(Field.weights, weights), (.rates, rates ?? [])] where field == .weights || rates != nil {
      guard values.count == count else {
        throw InvalidInput(
          "\(field)",
          because: "it has \(values.count) values where \(parametrization.blockCount) × \(features) are needed",
          remedy: "give a row of one value a feature for each of "
            + parametrization.blockNames.joined(separator: ", "))
      }
      if let bad = values.firstIndex(where: { !$0.isFinite }) {
        throw InvalidInput("\(field)", because: "value \(bad) is \(values[bad])", remedy: "give finite numbers")
      }
    }
    let speeds = rates ?? [Double](repeating: 0, count: count)
    let moves =
      parametrization.depth == 1
      || (0..<features).contains { i in
        // Two layers at zero and at rest keep a feature where it is.
        let still = (0..<parametrization.blockCount).filter {
          weights[$0 * features + i] == 0 && speeds[$0 * features + i] == 0
        }.count
        return still < 2
      }
    guard moves else {
      throw InvalidInput(
        "w₀", because: "two blocks of every feature are zero and at rest: nothing would ever move")
    }
    return Initialization(weights: weights, rates: speeds, alpha: nil)
  }
}
