import Dynamics
import ImplicitSteppers
import Networks
import Regression

/// Gradient flow integrated in dual coordinates, its state shown as that of `GradientFlow`: w (2d) | balance integral (d,
/// zero) | ∫g (d) | dissipation (1).
///
/// Weights never change sign, and w₊w₋ is exact: there is nothing to locate and nothing to drift.
struct DualFlowStepper: Stepper, ~Copyable {
  private var inner: RadauStepper
  private let flow: DualGradientFlow
  private let method: RadauMethod
  private let memory: Memory
  private var startTime: Double

  /// A stepper at the start, weights w± (2d numbers). Throws `InvalidInput` when the flow is not finite there.
  init(
    _ problem: RegressionProblem, from start: [Double], tolerance: Tolerance, method: RadauMethod
  ) throws(InvalidInput) {
    let flow = DualGradientFlow(problem, from: start)
    let zero = [Double](repeating: 0, count: flow.dimension)
    inner = try RadauStepper(InitialValueProblem(flow, from: zero), control: .adaptive(tolerance), method: method)
    self.flow = flow
    self.method = method
    memory = Memory(problem)
    startTime = 0
    memory.show(inner.state, flow, in: memory.state)
  }

  var dimension: Int { memory.dimension }
  var time: Double { inner.time }
  var state: UnsafePointer<Double> { UnsafePointer(memory.state) }
  var statistics: Statistics { inner.statistics }
  var hasDenseOutput: Bool { true }

  var rate: UnsafePointer<Double> {
    memory.showRate(inner.rate, state: memory.state, flow, in: memory.rate)
    return UnsafePointer(memory.rate)
  }

  func mayHaveChangedSign(_ coordinates: Range<Int>) -> Bool { coordinates.upperBound > 2 * memory.features }

  /// Weights are functions of the dual coordinates, in which nothing underflows.
  mutating func overwrite(_ coordinate: Int, with value: Double, isRestart: Bool) {}

  mutating func step(notBeyond limit: Double) throws(StepFailure) {
    startTime = inner.time
    try inner.step(notBeyond: limit)
    memory.show(inner.state, flow, in: memory.state)
  }

  mutating func refinedState(
    at t: Double, into state: UnsafeMutablePointer<Double>, rate: UnsafeMutablePointer<Double>?
  ) throws(StepFailure) {
    try inner.refinedState(at: t, into: memory.dual, rate: rate == nil ? nil : memory.dualRate)
    memory.show(memory.dual, flow, in: state)
    if let rate { memory.showRate(memory.dualRate, state: state, flow, in: rate) }
  }

  /// The polynomial through the states at the step's start and at the nodes of the method.
  mutating func segment() -> Segment {
    var segment = Segment(dimension: dimension, degree: method.stages)
    let (s, count, h) = (method.stages, dimension, inner.time - startTime)
    var states = [[Double]](repeating: [Double](repeating: 0, count: count), count: s + 1)
    for (i, node) in ([0] + method.nodes).enumerated() {
      states[i].withUnsafeMutableBufferPointer { buffer in
        if let base = buffer.baseAddress { try? refinedState(at: startTime + node * h, into: base, rate: nil) }
      }
    }
    let coefficients = method.dense
    segment.fill(from: startTime, to: inner.time) { c in
      for j in 0..<count { c[j] = states[0][j] }
      for k in 0..<s {
        for j in 0..<count {
          c[(k + 1) * count + j] = (0..<s).reduce(0) {
            $0 + coefficients[k * s + $1] * (states[$1 + 1][j] - states[0][j])
          }
        }
      }
    }
    return segment
  }

  private final class Memory {
    let features: Int
    let dimension: Int
    let state: UnsafeMutablePointer<Double>
    let rate: UnsafeMutablePointer<Double>
    let dual: UnsafeMutablePointer<Double>
    let dualRate: UnsafeMutablePointer<Double>
    private let samples: Int
    private let workspace = Workspace()

    init(_ problem: RegressionProblem) {
      (features, samples) = (problem.featureCount, problem.sampleCount)
      dimension = 4 * features + 1
      state = workspace.zeros(dimension)
      rate = workspace.zeros(dimension)
      dual = workspace.zeros(samples + 1)
      dualRate = workspace.zeros(samples + 1)
    }

    func show(_ nu: UnsafePointer<Double>, _ flow: DualGradientFlow, in y: UnsafeMutablePointer<Double>) {
      let d = features
      flow.expand(nu, weights: y, drift: y + 3 * d)
      for i in 0..<d { y[2 * d + i] = 0 }
      y[4 * d] = nu[samples]
    }

    /// ẇ± = ∓g w± with g = Xᵀν̇.
    func showRate(
      _ nuRate: UnsafePointer<Double>, state y: UnsafePointer<Double>, _ flow: DualGradientFlow,
      in rate: UnsafeMutablePointer<Double>
    ) {
      let d = features
      flow.pull(nuRate, into: rate + 3 * d)
      for i in 0..<d {
        let g = rate[3 * d + i]
        rate[i] = -g * y[i]
        rate[d + i] = g * y[d + i]
        rate[2 * d + i] = 0
      }
      rate[4 * d] = nuRate[samples]
    }
  }
}
