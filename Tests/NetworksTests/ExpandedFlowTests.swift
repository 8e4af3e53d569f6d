import Dynamics
import Networks
import Regression
import TaylorSteppers
import TestSupport
import Testing

/// Expansions of a motion in ε and in λ.
@Suite struct ExpandedFlowTests {
  private func setup() throws -> (problem: RegressionProblem, start: Initialization) {
    let problem = try SyntheticProblem(samples: 6, features: 10, nonzeros: 2, seed: 1).problem()
    return (problem, try Initialization(alpha: 0.1, features: 10))
  }

  /// The expansion and the corrected flows agree to their order.
  @Test func agreesWithCorrectedFlows() throws {
    let setup = try setup()
    func end(_ flow: any SeriesField, _ state: [Double]) throws -> [Double] {
      let stepper = try TaylorStepper(
        InitialValueProblem(flow, from: state), control: .adaptive(Tolerance(relative: 1e-14, absolute: 0)))
      return try integrate(stepper, until: 5, recording: .endpoints).state
    }
    for (order, isNesterov) in [
      (2, false), (3, false), (4, false), (5, false), (6, false), (2, true), (3, true), (4, true),
    ] {
      var gaps: [Double] = []
      for step in [0.04, 0.02] {
        let network = DiagonalNetwork(setup.problem)
        let corrected = try CorrectedFlow(
          network, lambda: 0.5, step: step, order: order, isNesterov: isNesterov, carryingIntegrals: false)
        let start = try corrected.startingRates(setup.start)
        let own = try end(corrected, start.weights + start.rates)
        let expanded = try ExpandedFlow(
          DiagonalNetwork(setup.problem), lambda: 0.5, in: isNesterov ? .nesterovStep : .heavyBallStep, levels: order)
        let state = try end(expanded, expanded.start(setup.start))
        var w = [Double](repeating: 0, count: 20)
        expanded.weights(state, at: step, into: &w)
        gaps.append(distance(w, Array(own[..<20])))
      }
      let ratio = gaps[0] / gaps[1]
      #expect(ratio > 0.8 * Double(1 << order), "order \(order): \(ratio)")
    }
  }

  /// Levels 1 and 2 in λ are the first and half the second derivative.
  @Test func derivativesInLambda() throws {
    let setup = try setup()
    func end(_ lambda: Double) throws -> [Double] {
      let flow = try MomentumGradientFlow(DiagonalNetwork(setup.problem), lambda: lambda, carryingIntegrals: false)
      let stepper = try TaylorStepper(
        InitialValueProblem(flow, from: setup.start.weights + setup.start.rates),
        control: .adaptive(Tolerance(relative: 1e-15, absolute: 0)))
      return Array(try integrate(stepper, until: 10, recording: .endpoints).state[..<20])
    }
    let flow = try ExpandedFlow(DiagonalNetwork(setup.problem), lambda: 0.5, in: .inertia, levels: 3)
    let stepper = try TaylorStepper(
      InitialValueProblem(flow, from: flow.start(setup.start)),
      control: .adaptive(Tolerance(relative: 1e-15, absolute: 0)))
    let state = try integrate(stepper, until: 10, recording: .endpoints).state
    let h = 2e-3
    let values = try (-2...2).map { try end(0.5 + Double($0) * h) }
    for j in 0..<20 {
      let first = (values[0][j] - 8 * values[1][j] + 8 * values[3][j] - values[4][j]) / (12 * h)
      let outer = -values[0][j] + 16 * values[1][j] + 16 * values[3][j] - values[4][j]
      let second = (outer - 30 * values[2][j]) / (24 * h * h)
      #expect(abs(state[40 + j] - first) < 1e-8, "\(state[40 + j]), \(first)")
      #expect(abs(state[80 + j] - second) < 1e-6, "\(state[80 + j]), \(second)")
    }
  }

  @Test func unusableRequests() throws {
    let network = DiagonalNetwork(try setup().problem)
    for (lambda, levels) in [(0.0, 2), (.infinity, 2), (1, 0), (1, 13)] {
      #expect(throws: InvalidInput.self) {
        try ExpandedFlow(network, lambda: lambda, in: .inertia, levels: levels)
      }
    }
  }
}
