import Portable
import Regression
import TestSupport

/// What tests of the twin share.
enum TwinSupport {
  /// The library's problem for the twin.
  static func problem(_ problem: RegressionProblem) -> Twin.Problem {
    Twin.Problem(
      samples: problem.sampleCount, features: problem.featureCount, design: problem.design.elements,
      response: problem.response, truth: problem.truth)
  }

  /// A run to its end.
  static func ended(_ run: Twin.Run) -> Twin.Run {
    while !run.advance(1000) {}
    return run
  }

  static func solve(
    _ problem: Twin.Problem, lambda: Double, from start: Initialization, relative: Double = 1e-15, until end: Double,
    residual: Double? = nil, recording: Twin.Recording = .ends
  ) -> Twin.FlowRun {
    let run = Twin.FlowRun(
      problem, lambda: lambda, weights: start.weights, rates: start.rates, relative: relative, absolute: 0, until: end,
      residual: residual, recording: recording)
    while !run.advance(1000) {}
    return run
  }

  static func descend(
    _ problem: Twin.Problem, _ method: Twin.DescentMethod, from start: Initialization, iterations: Int,
    recording: Twin.Recording = .ends
  ) -> Twin.DescentRun {
    let run = Twin.DescentRun(
      problem, method, weights: start.weights, rates: start.rates, iterations: iterations, recording: recording)
    while !run.advance(1000) {}
    return run
  }

  static func limit(
    _ problem: Twin.Problem, _ motion: Twin.Motion, from start: Initialization, deltaTolerance: Double = 1e-10,
    maximumTime: Double = 1e15
  ) -> Twin.LimitRun {
    let run = Twin.LimitRun(
      problem, motion, weights: start.weights, rates: start.rates, deltaTolerance: deltaTolerance,
      maximumTime: maximumTime)
    while !run.advance(1000) {}
    return run
  }

  /// The largest |a − b|/|b|.
  static func relativeGap(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1) / abs($1.1)) }
  }
}
