import Dynamics
import Networks
import Regression

/// A run of the discrete method, one iteration at a time: w_{k+1} = w_k − γ f + β (w_k − w_{k−1}), w₋₁ = w₀ − ε ẇ₀.
///
/// The increment w_k − w_{k−1} is stored, and the rounding error of adding it to w is carried along (compensated
/// summation), so that long runs at β near 1 do not drift. One pass over X an iteration, b/n of it for a minibatch. The
/// iterations themselves are the network's: the diagonal one has a kernel for them.
public final class Descent {
  /// The network, whose scratch memory this run uses.
  public let network: any Network
  /// The method.
  public let settings: DescentSettings
  /// The number k of iterations done.
  public private(set) var iteration = 0

  private let m: Int
  private let d: Int
  /// From one row of the state to the next, and from weights to increments.
  private let (width, increments): (Int, Int)
  private let state: DescentState
  /// The network, when several processes share it.
  private let shared: DiagonalNetwork?
  private let compact: UnsafeMutablePointer<Double>
  /// ε Σ g over the iterations done, and what rounding has left out of it; d numbers each.
  private let gradientSum: UnsafeMutablePointer<Double>
  private let gradientSumCarry: UnsafeMutablePointer<Double>
  private let workspace = Workspace()
  private var sampler: BatchSampler?
  /// What is known of the current iterate.
  private var look: Look?

  /// A run at its start. Throws `InvalidInput` when the start does not fit the network.
  public init(
    _ network: any Network, _ settings: DescentSettings, from start: Initialization
  ) throws(InvalidInput) {
    d = network.problem.featureCount
    guard start.weights.count == network.dimension else {
      throw InvalidInput("initialisation", because: "it does not have the \(d) features' length")
    }
    self.network = network
    self.settings = settings
    m = network.dimension
    state = network.makeDescentState()
    (width, increments) = (state.width, state.blocks * state.width)
    shared = network.problem.reduction == nil ? nil : network as? DiagonalNetwork
    compact = workspace.zeros(m)
    gradientSum = workspace.zeros(d)
    gradientSumCarry = workspace.zeros(d)
    sampler = settings.batches.map { BatchSampler($0, samples: network.problem.sampleCount) }
    for i in 0..<m {
      state.current[place(i)] = start.weights[i]
      state.current[increments + place(i)] = settings.step * start.rates[i]
    }
  }

  /// Where coordinate i (block after block, d each) stands in padded rows.
  private func place(_ i: Int) -> Int {
    // Two blocks, or rows without padding.
    i < d || width == d ? i : width + i - d
  }

  /// The time t = kε.
  public var time: Double { Double(iteration) * settings.step }

  /// Calls `body` with each coordinate and its weight.
  @inline(__always)
  func forEachWeight(_ body: (Int, Double) -> Void) {
    let w = state.current
    for i in 0..<m { body(i, w[place(i)]) }
  }

  /// Coordinate i of w_k, block after block: w₊ then w₋, 2d, for the diagonal network.
  public func weight(_ i: Int) -> Double { state.current[place(i)] }

  /// Coordinate i of w_k − w_{k−1}.
  public func increment(_ i: Int) -> Double { state.current[increments + place(i)] }

  /// w_k, m numbers; valid until the next iteration.
  public var weights: UnsafePointer<Double> {
    for i in 0..<m { compact[i] = weight(i) }
    return UnsafePointer(compact)
  }

  /// w_k as an array, m numbers.
  public var weightArray: [Double] { (0..<m).map(weight) }

  /// w_k − w_{k−1} as an array, m numbers.
  public var incrementArray: [Double] { (0..<m).map(increment) }

  /// (w_k − w_{k−1})/ε as an array, m numbers.
  public var rateArray: [Double] { (0..<m).map { increment($0) / settings.step } }

  /// ε Σ g over the iterations done, d numbers: what ∫g is for a flow; zeros for networks that do not carry it.
  public var gradientIntegral: [Double] {
    (0..<d).map { gradientSum[$0] + gradientSumCarry[$0] }
  }

  /// a = w_k + β/(1−β)·(w_k − w_{k−1}), m numbers: where momentum alone would carry the weights.
  public var coastingWeights: [Double] {
    let factor = settings.beta / (1 - settings.beta)
    return (0..<m).map { weight($0) + factor * increment($0) }
  }

  /// ‖Xθ_k − y‖∞ over all samples. Half a pass, once for each iterate.
  public func residualMax() -> Double { currentLook.residualMax }

  /// The loss at w_k; costs as `residualMax`.
  public func loss() -> Double { currentLook.loss }

  /// What the network says of w_k; costs as `residualMax`.
  package var currentLook: Look {
    if let look { return look }
    let found = network.look(at: weights)
    look = found
    return found
  }

  /// At most `count` iterations, fewer when a weight changes its sign or diverges in one, or with minibatches; at least one.
  public func advance(atMost count: Int = 1) {
    let isNesterov = settings.method == .nesterov
    func go(_ rows: UnsafeBufferPointer<Int>?) {
      iteration += network.descend(
        state, gamma: settings.gamma, beta: settings.beta, step: settings.step, nesterov: isNesterov,
        iterations: count, rows: rows)
    }
    if sampler == nil { go(nil) } else { sampler?.withNextBatch { go($0) } }
    for i in 0..<d {
      let term = state.gradientSum[i] + gradientSumCarry[i]
      let sum = gradientSum[i] + term
      gradientSumCarry[i] = term - (sum - gradientSum[i])
      gradientSum[i] = sum
      state.gradientSum[i] = 0
    }
    look = nil
  }

  /// Goes back to the iterate before the last one; possible once after each `advance`.
  func retreat() {
    state.parity = 1 - state.parity
    for i in 0..<increments { state.carry[i] = 0 }
    look = nil
    iteration -= 1
  }

  /// Whether the iterates have grown beyond all use: a weight above 1e100 or not a number.
  public var hasDiverged: Bool {
    // Processes that share the weights all know the residual, an iteration late.
    if let shared {
      let residual = shared.latestResidual(state)
      return (0..<shared.sampleCount).contains { !(abs(residual[$0]) <= 1e150) }
    }
    // Padding is zero.
    let w = state.current
    for j in 0..<increments where !(abs(w[j]) <= 1e100) { return true }
    return false
  }
}
