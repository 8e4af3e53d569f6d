import DiagonalNetworks
import Dynamics

/// A run of the discrete method, one iteration at a time: w_{k+1} = w_k − γ f + β (w_k − w_{k−1}), w₋₁ = w₀ − ε ẇ₀.
///
/// The increment w_k − w_{k−1} is stored, and the rounding error of adding it to w is carried along (compensated
/// summation), so that long runs at β near 1 do not drift. One pass over X an iteration, b/n of it for a minibatch.
public final class Descent {
  /// The network, whose scratch memory this run uses.
  public let network: DiagonalNetwork
  /// The method.
  public let settings: DescentSettings
  /// The number k of iterations done.
  public private(set) var iteration = 0

  private let m: Int
  private let memory: UnsafeMutablePointer<Double>
  /// w_k: w₊ then w₋, 2d numbers.
  public private(set) var weights: UnsafeMutablePointer<Double>
  /// w_k − w_{k−1}, 2d numbers.
  public private(set) var increment: UnsafeMutablePointer<Double>
  private var previousWeights: UnsafeMutablePointer<Double>
  private var previousIncrement: UnsafeMutablePointer<Double>
  private let carry: UnsafeMutablePointer<Double>
  private let lookahead: UnsafeMutablePointer<Double>
  /// ε Σ g over the iterations done, compensated: `gradientSumCarry` is still to be added; d numbers each.
  private let gradientSum: UnsafeMutablePointer<Double>
  private let gradientSumCarry: UnsafeMutablePointer<Double>
  private var sampler: BatchSampler?
  private var residualIsCurrent = false

  /// A run at its start. Throws `InvalidInput` when the start does not fit the network.
  public init(
    _ network: DiagonalNetwork, _ settings: DescentSettings, from start: Initialization
  ) throws(InvalidInput) {
    guard start.weights.count == network.dimension else {
      throw InvalidInput("initialisation", because: "it does not have the \(network.featureCount) features' length")
    }
    self.network = network
    self.settings = settings
    m = network.dimension
    memory = .allocate(capacity: 7 * m)
    memory.initialize(repeating: 0, count: 7 * m)
    weights = memory
    increment = memory + m
    previousWeights = memory + 2 * m
    previousIncrement = memory + 3 * m
    carry = memory + 4 * m
    lookahead = memory + 5 * m
    gradientSum = memory + 6 * m
    gradientSumCarry = gradientSum + network.featureCount
    sampler = settings.batches.map { BatchSampler($0, samples: network.sampleCount) }
    for i in 0..<m {
      weights[i] = start.weights[i]
      increment[i] = settings.step * start.rates[i]
    }
  }

  deinit { memory.deallocate() }

  /// The time t = kε.
  public var time: Double { Double(iteration) * settings.step }

  /// w_k as an array, 2d numbers.
  public var weightArray: [Double] { Array(UnsafeBufferPointer(start: weights, count: m)) }

  /// w_k − w_{k−1} as an array, 2d numbers.
  public var incrementArray: [Double] { Array(UnsafeBufferPointer(start: increment, count: m)) }

  /// (w_k − w_{k−1})/ε as an array, 2d numbers.
  public var rateArray: [Double] { UnsafeBufferPointer(start: increment, count: m).map { $0 / settings.step } }

  /// ε Σ g over the iterations done, d numbers: what ∫g is for a flow.
  public var gradientIntegral: [Double] {
    (0..<network.featureCount).map { gradientSum[$0] + gradientSumCarry[$0] }
  }

  /// a = w_k + β/(1−β)·(w_k − w_{k−1}), 2d numbers: where momentum alone would carry the weights.
  public var coastingWeights: [Double] {
    let factor = settings.beta / (1 - settings.beta)
    return (0..<m).map { weights[$0] + factor * increment[$0] }
  }

  /// ‖Xθ_k − y‖∞ over all samples. Free right before a full-gradient heavy-ball iteration, else one half pass.
  public func residualMax() -> Double {
    prepareGradient()
    return network.residualMax
  }

  /// The loss at w_k; costs as `residualMax`.
  public func loss() -> Double {
    prepareGradient()
    return network.lossOfResidual
  }

  private func prepareGradient() {
    guard !residualIsCurrent else { return }
    if settings.method == .heavyBall && sampler == nil {
      network.evaluate(weights)
    } else {
      _ = network.value(weights)
    }
    residualIsCurrent = true
  }

  /// One iteration.
  public func advance() {
    let d = network.featureCount
    let (gamma, beta) = (settings.gamma, settings.beta)
    let point: UnsafeMutablePointer<Double>
    switch settings.method {
    case .heavyBall:
      point = weights
    case .nesterov:
      for i in 0..<m { lookahead[i] = weights[i] + beta * increment[i] }
      point = lookahead
    }
    if sampler == nil {
      if settings.method == .heavyBall { prepareGradient() } else { network.evaluate(point) }
    } else {
      sampler?.withNextBatch { network.evaluate(point, rows: $0) }
    }
    // Two buffers in turn, so that the last finite iterate is still there when the next one overflows.
    let (old, oldIncrement) = (weights, increment)
    swap(&weights, &previousWeights)
    swap(&increment, &previousIncrement)
    let g = network.lossGradient
    for i in 0..<d {
      move(i, from: old[i], by: beta * oldIncrement[i] - gamma * g[i] * point[i])
      move(d + i, from: old[d + i], by: beta * oldIncrement[d + i] + gamma * g[i] * point[d + i])
      let term = settings.step * g[i] + gradientSumCarry[i]
      let sum = gradientSum[i] + term
      gradientSumCarry[i] = term - (sum - gradientSum[i])
      gradientSum[i] = sum
    }
    residualIsCurrent = false
    iteration += 1
  }

  /// w ← w + δ with the rounding error carried.
  private func move(_ i: Int, from w: Double, by delta: Double) {
    increment[i] = delta
    let term = delta + carry[i]
    let sum = w + term
    carry[i] = term - (sum - w)
    weights[i] = sum
  }

  /// Goes back to the iterate before the last one; possible once after each `advance`.
  func retreat() {
    swap(&weights, &previousWeights)
    swap(&increment, &previousIncrement)
    carry.update(repeating: 0, count: m)
    residualIsCurrent = false
    iteration -= 1
  }

  /// Whether the iterates have grown beyond all use: a weight above 1e100 or not a number.
  public var hasDiverged: Bool {
    for i in 0..<m where !(abs(weights[i]) <= 1e100) { return true }
    return false
  }
}
