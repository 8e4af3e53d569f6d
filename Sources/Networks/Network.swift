import Dynamics
import Regression

/// What is trained: data, a parametrization θ(w) and a loss, F(w) = (1/n) Σ ℓ(x_qᵀθ(w), y_q).
///
/// A state w holds `parametrization.blockCount` blocks of d weights each. Whoever runs a network asks it for no more than this;
/// one with faster kernels gives its own `descend`.
public protocol Network: Objective {
  /// The data; for classification with targets ±1.
  var problem: RegressionProblem { get }
  /// How θ is made of w, and how predictions are judged.
  var model: NetworkModel { get }

  /// Where the integrals of the additive identity stand among the integrals carried along.
  var balanceIntegral: Range<Int> { get }
  /// Where ∫g stands among them; empty where nobody needs it.
  var gradientIntegral: Range<Int> { get }
  /// Whether implicit methods work with dense matrices of all weights.
  var hasDenseStages: Bool { get }

  /// What equals its start plus `balanceIntegral` along λẅ + ẇ + f = 0.
  func balance(_ w: [Double], _ rate: [Double], lambda: Double) -> [Double]
  /// What defects of that identity are measured against.
  func balanceScale(_ w: [Double]) -> [Double]

  /// L(θ), and ‖Xθ − y‖∞, and min_q y_q x_qᵀθ, at the last call of `value`.
  var lastLook: Look { get }

  /// Writes f(w) of the mean loss over some samples, m numbers; a sample may be listed twice. rows/n of a pass.
  func gradient(_ w: UnsafePointer<Double>, rows: UnsafeBufferPointer<Int>, into f: UnsafeMutablePointer<Double>)

  /// Memory for a run of a discrete method.
  func makeDescentState() -> DescentState

  /// At most `iterations` of heavy ball or Nesterov, with `rows` (a minibatch) one; returns early, after an iteration in which
  /// a weight changed its sign or grew beyond 1e100. The number of iterations done, at least one.
  func descend(
    _ state: DescentState, gamma: Double, beta: Double, step: Double, nesterov: Bool, iterations: Int,
    rows: UnsafeBufferPointer<Int>?
  ) -> Int
}

/// What can be said of a network at some weights.
public struct Look: Sendable, Equatable {
  /// L(θ).
  public let loss: Double
  /// ‖Xθ − y‖∞ over all samples.
  public let residualMax: Double
  /// min_q y_q x_qᵀθ, for losses of classification.
  public let leastMargin: Double?

  /// A look from its parts.
  public init(loss: Double, residualMax: Double, leastMargin: Double?) {
    (self.loss, self.residualMax, self.leastMargin) = (loss, residualMax, leastMargin)
  }
}

extension Network {
  /// How θ is made of w.
  public var parametrization: Parametrization { model.parametrization }

  /// What can be said of it at w. Half a pass to one.
  public func look(at w: UnsafePointer<Double>) -> Look {
    _ = value(w)
    return lastLook
  }

  /// f(w) as an array. One pass.
  public func gradient(_ w: [Double]) -> [Double] {
    [Double](unsafeUninitializedCapacity: dimension) { buffer, count in
      guard let f = buffer.baseAddress else { return }
      gradient(w, into: f)
      count = dimension
    }
  }

  public func makeDescentState() -> DescentState {
    DescentState(blocks: parametrization.blockCount, width: problem.featureCount)
  }

  /// The recursion itself, by `gradient`.
  public func descend(
    _ state: DescentState, gamma: Double, beta: Double, step: Double, nesterov: Bool, iterations: Int,
    rows: UnsafeBufferPointer<Int>?
  ) -> Int {
    let (m, carry, force) = (dimension, state.carry, state.scratch)
    let point = force + m
    for k in 1...max(iterations, 1) {
      let (w, next) = (state.current, state.other)
      let (increment, newIncrement) = (w + m, next + m)
      if nesterov {
        for j in 0..<m { point[j] = w[j] + beta * increment[j] }
      }
      if let rows {
        gradient(nesterov ? point : w, rows: rows, into: force)
      } else {
        gradient(nesterov ? point : w, into: force)
      }
      var stays = true
      for j in 0..<m {
        let change = beta * increment[j] - gamma * force[j]
        newIncrement[j] = change
        let term = change + carry[j]
        let sum = w[j] + term
        carry[j] = term - (sum - w[j])
        next[j] = sum
        stays = stays && (sum > 0) == (w[j] > 0) && (sum < 0) == (w[j] < 0) && abs(sum) <= 1e100
      }
      state.parity = 1 - state.parity
      if !stays || rows != nil { return k }
    }
    return max(iterations, 1)
  }
}
