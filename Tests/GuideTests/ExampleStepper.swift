import Dynamics
import Foundation

// begin example
/// Orders 3 and 2: four stages, whose rates are `rates`; a step goes from `old` at `start` to `new` at `time`.
extension BogackiShampine {
  /// Takes y₀ + h Σ aⱼ ẏⱼ to be the state at start + ch; its rate is stage number `stage`.
  func evaluate(_ stage: Int, at c: Double, _ h: Double, _ a: [Double]) {
    new = old.indices.map { i in old[i] + h * a.indices.reduce(0) { $0 + a[$1] * rates[$1][i] } }
    rates[stage] = slope(start + c * h, new)
  }

  /// One attempt; the largest error in units of what is allowed.
  func attempt(_ h: Double) -> Double {
    evaluate(1, at: 1 / 2, h, [1 / 2])
    evaluate(2, at: 3 / 4, h, [0, 3 / 4])
    evaluate(3, at: 1, h, [2 / 9, 1 / 3, 4 / 9])
    let bounds = errorBounds()
    return old.indices.reduce(0) { worst, i in
      let error = h * (-5 / 72 * rates[0][i] + rates[1][i] / 12 + rates[2][i] / 9 - rates[3][i] / 8)
      return error.isFinite ? max(worst, abs(error) / bounds[i]) : .infinity
    }
  }

  func step(notBeyond limit: Double) throws(StepFailure) {
    let before = (new, rates)
    (old, start) = (new, time)
    rates[0] = rates[3]
    while true {
      let isLast = time + nextStep >= limit
      let h = isLast ? limit - time : nextStep
      let error = attempt(h)
      let factor = min(5, max(0.2, 0.9 / cbrt(error)))
      if error <= 1 {
        time = isLast ? limit : time + h
        counts.steps += 1
        counts.localError = max(counts.localError, error)
        if case .adaptive = control, !isLast { nextStep = h * factor }
        return publish()
      }
      guard case .adaptive = control, time + factor * h > time else {
        (new, rates) = before
        throw error.isFinite ? .stepTooSmall(time: time, step: h) : .nonFinite(time: time)
      }
      counts.rejectedSteps += 1
      nextStep = factor * h
    }
  }

  /// The cubic of both ends' states and rates: its error is of the order of the local one.
  func segment() -> Segment {
    var segment = Segment(dimension: dimension, degree: 3)
    let (h, n) = (time - start, dimension)
    segment.fill(from: start, to: time) { c in
      for i in 0..<n {
        let (change, a, b) = (new[i] - old[i], h * rates[0][i], h * rates[3][i])
        (c[i], c[n + i]) = (old[i], a)
        (c[2 * n + i], c[3 * n + i]) = (3 * change - 2 * a - b, a + b - 2 * change)
      }
    }
    return segment
  }
}
// end example

/// The Runge–Kutta pair of orders 3 and 2 of Bogacki and Shampine (1989): its last stage is the first of the next step.
final class BogackiShampine: Stepper {
  let (field, control): (any VectorField, StepControl)
  var (old, new, rates, time, start, nextStep): ([Double], [Double], [[Double]], Double, Double, Double)
  var counts = Statistics()

  /// A stepper at the start of a problem. Throws `InvalidInput` for an unusable step or start.
  init(_ problem: InitialValueProblem, control: StepControl) throws(InvalidInput) {
    try control.validate()
    (field, self.control, counts) = (problem.field, control, Statistics())
    (old, new, time, start) = (problem.state, problem.state, problem.time, problem.time)
    rates = Array(repeating: problem.state.map { _ in 0 }, count: 4)
    nextStep = if case .fixed(let step) = control { step } else { 1e-6 }
    rates[3] = slope(time, new)
    guard rates[3].allSatisfy(\.isFinite) else {
      throw InvalidInput("initial state", because: "the right-hand side is not finite there")
    }
    publish()
  }

  /// What whoever integrates sees: memory that stays where it is.
  private let memory = Workspace()
  private lazy var visible = (state: memory.zeros(dimension), rate: memory.zeros(dimension))
}

extension BogackiShampine {
  var dimension: Int { field.dimension }
  var state: UnsafePointer<Double> { UnsafePointer(visible.state) }
  var rate: UnsafePointer<Double> { UnsafePointer(visible.rate) }
  var hasDenseOutput: Bool { true }
  var statistics: Statistics {
    var result = counts
    result.passes = field.passes
    return result
  }

  func overwrite(_ coordinate: Int, with value: Double, isRestart: Bool) {
    new[coordinate] = value
    rates[3] = slope(time, new)
    publish()
  }

  func refinedState(
    at t: Double, into state: UnsafeMutablePointer<Double>, rate: UnsafeMutablePointer<Double>?
  ) throws(StepFailure) {
    let values = segment().state(at: t)
    state.update(from: values, count: dimension)
    rate?.update(from: slope(t, values), count: dimension)
  }

  /// f(t, y).
  private func slope(_ t: Double, _ y: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: dimension)
    var out = result.mutableSpan
    field.evaluate(t, y.span, into: &out)
    return result
  }

  /// The errors allowed at the end of the step; none is too large for a fixed one.
  private func errorBounds() -> [Double] {
    var result = [Double](repeating: .infinity, count: dimension)
    guard case .adaptive(let tolerance) = control else { return result }
    let end = new
    var out = result.mutableSpan
    field.errorBounds(end.span, tolerance, into: &out)
    return result
  }

  private func publish() {
    visible.state.update(from: new, count: dimension)
    visible.rate.update(from: rates[3], count: dimension)
  }
}
