import Dynamics
import ImplicitSteppers
import Networks
import Regression

/// Gradient flow integrated in dual coordinates, its state shown as that of `GradientFlow`: w (2d) | balance integral (d,
/// zero) | ∫g (d) | dissipation (1).
///
/// Weights never change sign, and w₊w₋ is exact: there is nothing to locate and nothing to drift.
final class DualFlowStepper: Stepper {
  let dimension: Int
  private let inner: RadauStepper
  private let flow: DualGradientFlow
  private let method: RadauMethod
  private var startTime = 0.0
  private let features: Int
  private let samples: Int
  /// The state and its rate as they are shown; a point in dual coordinates and its rate.
  private let shown, shownRate, dual, dualRate: UnsafeMutablePointer<Double>
  private let workspace = Workspace()

  /// A stepper at the start, weights w± (2d numbers). Throws `InvalidInput` when the flow is not finite there.
  init(
    _ problem: RegressionProblem, from start: [Double], tolerance: Tolerance, method: RadauMethod
  ) throws(InvalidInput) {
    let flow = DualGradientFlow(problem, from: start)
    let zero = [Double](repeating: 0, count: flow.dimension)
    inner = try RadauStepper(InitialValueProblem(flow, from: zero), control: .adaptive(tolerance), method: method)
    self.flow = flow
    self.method = method
    (features, samples) = (problem.featureCount, problem.sampleCount)
    dimension = 4 * features + 1
    (shown, shownRate) = (workspace.zeros(dimension), workspace.zeros(dimension))
    (dual, dualRate) = (workspace.zeros(samples + 1), workspace.zeros(samples + 1))
    show(inner.state, in: shown)
  }

  var time: Double { inner.time }
  var state: UnsafePointer<Double> { UnsafePointer(shown) }
  var statistics: Statistics { inner.statistics }
  var hasDenseOutput: Bool { true }

  var rate: UnsafePointer<Double> {
    showRate(inner.rate, state: shown, in: shownRate)
    return UnsafePointer(shownRate)
  }

  func mayHaveChangedSign(_ coordinates: Range<Int>) -> Bool { coordinates.upperBound > 2 * features }

  /// Weights are functions of the dual coordinates, in which nothing underflows.
  func overwrite(_ coordinate: Int, with value: Double, isRestart: Bool) {}

  func step(notBeyond limit: Double) throws(StepFailure) {
    startTime = inner.time
    try inner.step(notBeyond: limit)
    show(inner.state, in: shown)
  }

  func refinedState(
    at t: Double, into state: UnsafeMutablePointer<Double>, rate: UnsafeMutablePointer<Double>?
  ) throws(StepFailure) {
    try inner.refinedState(at: t, into: dual, rate: rate == nil ? nil : dualRate)
    show(dual, in: state)
    if let rate { showRate(dualRate, state: state, in: rate) }
  }

  /// The polynomial through the states at the step's start and at the nodes of the method.
  func segment() -> Segment {
    var segment = Segment(dimension: dimension, degree: method.stages)
    let (s, count, h) = (method.stages, dimension, inner.time - startTime)
    var states = [[Double]](repeating: [Double](repeating: 0, count: count), count: s + 1)
    for (i, node) in ([0] + method.nodes).enumerated() {
      try? refinedState(at: startTime + node * h, into: &states[i], rate: nil)
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

  private func show(_ nu: UnsafePointer<Double>, in y: UnsafeMutablePointer<Double>) {
    let d = features
    flow.expand(nu, weights: y, drift: y + 3 * d)
    for i in 0..<d { y[2 * d + i] = 0 }
    y[4 * d] = nu[samples]
  }

  /// ẇ± = ∓g w± with g = Xᵀν̇.
  private func showRate(
    _ nuRate: UnsafePointer<Double>, state y: UnsafePointer<Double>, in rate: UnsafeMutablePointer<Double>
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
