import Dynamics
import RealModule
import Regression

/// The expansion of a motion in a parameter, W(t) = Σₘ Wₘ(t)·parameterᵐ, integrated level by level: `ExpandedSeries`.
///
/// In λ, W₁ = ∂w/∂λ and W₂ = ½∂²w/∂λ². In the time step ε of the iterates at fixed λ levels 0 … p − 1 are the flow of order p,
/// whatever ε: one integration serves them all, where each has a `CorrectedFlow` of its own.
///
/// The derivatives are those of the lower levels' own Taylor series, longer by one order a level.
///
/// State: for each level w (2d) | ẇ (2d). Source: Theory, eqs. 5.5 and 8.3.
public final class ExpandedFlow: SeriesField, DifferentiableField {
  /// What is expanded in.
  public enum Parameter: Sendable, Equatable {
    /// λ.
    case inertia
    /// The time step of heavy ball.
    case heavyBallStep
    /// The time step of Nesterov's method.
    case nesterovStep
  }

  /// The network.
  public let network: DiagonalNetwork
  /// λ.
  public let lambda: Double
  /// What is expanded in.
  public let parameter: Parameter
  /// The number of levels, the highest power among them one less.
  public let levels: Int
  private let d: Int
  private lazy var shortJet = makeOwnJet(degree: 2)

  /// Throws `InvalidInput` unless 0 < λ < ∞ and 1 ≤ levels ≤ 12.
  public init(_ network: DiagonalNetwork, lambda: Double, in parameter: Parameter, levels: Int) throws(InvalidInput) {
    guard lambda > 0, lambda.isFinite else {
      throw InvalidInput("λ = \(lambda)", because: "an expanded flow needs 0 < λ < ∞")
    }
    guard (1...12).contains(levels) else {
      throw InvalidInput("\(levels) levels", because: "an expanded flow has between 1 and 12")
    }
    self.network = network
    self.lambda = lambda
    self.parameter = parameter
    self.levels = levels
    d = network.featureCount
  }

  public var dimension: Int { levels * 4 * d }
  public var passes: Int { network.passes }

  public var seriesWork: (linear: Double, quadratic: Double) {
    let plain = network.seriesWork
    return (Double(levels) * plain.linear, 2 * Double(levels * (levels + 1)) * plain.quadratic)
  }

  public func makeJet(degree: Int) -> any Jet { makeOwnJet(degree: degree) }

  private func makeOwnJet(degree: Int) -> ExpandedJet {
    ExpandedJet(network, lambda: lambda, in: parameter, levels: levels, degree: degree)
  }

  /// The state at the start: in λ the higher levels rest; in ε their velocities make W(−ε) = w₀ − ε·rates, as the
  /// iterates have it.
  public func start(_ start: Initialization) -> [Double] {
    var y = [Double](repeating: 0, count: dimension)
    y.replaceSubrange(0..<2 * d, with: start.weights)
    y.replaceSubrange(2 * d..<4 * d, with: start.rates)
    guard parameter != .inertia else { return y }
    for m in 1..<levels {
      shortJet.expand(y, at: 0, unit: 1)
      // Order m + 1 of W(−ε): Σₖ (−1)ᵏ/k!·Dᵏ W_{m+1−k} = 0.
      for k in 2...m + 1 {
        let row = shortJet.weights(m + 1 - k, k)
        for j in 0..<2 * d { y[4 * d * m + 2 * d + j] += k % 2 == 0 ? row[j] : -row[j] }
      }
    }
    return y
  }

  /// Σₘ Wₘ·valueᵐ, 2d numbers, of a state.
  public func weights(_ y: UnsafePointer<Double>, at value: Double, into w: UnsafeMutablePointer<Double>) {
    for j in 0..<2 * d { w[j] = 0 }
    for m in stride(from: levels - 1, through: 0, by: -1) {
      let row = y + 4 * d * m
      for j in 0..<2 * d { w[j] = w[j] * value + row[j] }
    }
  }

  public func evaluate(_ t: Double, _ y: Span<Double>, into rate: inout MutableSpan<Double>) {
    withPointers(y, &rate, count: dimension) { y, rate in
      shortJet.expand(y, at: t, unit: 1)
      for m in 0..<levels {
        (rate + 4 * d * m).update(from: shortJet.weights(m, 1), count: 2 * d)
        (rate + 4 * d * m + 2 * d).update(from: shortJet.rates(m, 1), count: 2 * d)
      }
    }
  }

  public func secondDerivative(
    _ t: Double, _ y: Span<Double>, _ rate: Span<Double>, into second: inout MutableSpan<Double>
  ) {
    withPointers(y, rate, &second, count: dimension) { y, rate, second in
      shortJet.expand(y, at: t, unit: 1)
      for m in 0..<levels {
        let (w, v) = (shortJet.weights(m, 2), shortJet.rates(m, 2))
        for j in 0..<2 * d { (second[4 * d * m + j], second[4 * d * m + 2 * d + j]) = (2 * w[j], 2 * v[j]) }
      }
    }
  }

  /// As for momentum gradient flow; level m relative to its own size and to λ⁻ᵐ times that of level 0, since it starts at zero.
  public func errorBounds(_ y: Span<Double>, _ tolerance: Tolerance, into bounds: inout MutableSpan<Double>) {
    withPointers(y, &bounds, count: dimension) { y, bounds in
      for m in 0..<levels {
        let (row, scale) = (4 * d * m, Double.pow(lambda, -Double(m)))
        for j in 0..<2 * d {
          let own = abs(y[row + j]) + lambda * abs(y[row + 2 * d + j])
          let first = scale * (abs(y[j]) + lambda * abs(y[2 * d + j]))
          bounds[row + j] = tolerance.bound(m == 0 ? own : own + first)
          bounds[row + 2 * d + j] = bounds[row + j] / lambda
        }
      }
    }
  }
}
