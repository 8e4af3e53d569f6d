import Comparison
import Descent
import Dynamics
import Experiments
import Regression
import TestSupport
import Testing

/// Minibatch descent and its stochastic flow, in expectation.
@Suite struct WeakComparisonTests {
  private func setup() throws -> Setup {
    let problem = try SyntheticProblem(samples: 5, features: 8, nonzeros: 2, seed: 1).problem()
    return try Setup(problem: problem, start: Initialization(alpha: 0.5, features: 8))
  }

  private func rows(order: Int, steps: [Double], batch: Int = 2, paths: Int) throws -> [JSONObject] {
    let setup = try setup()
    let report = try compareWeakly(
      setup, FlowSpecification(kind: .mgf, lambda: 0.5, stepper: "taylor", relative: 1e-12, absolute: 0), order: order,
      steps: steps, batches: DescentSettings.Batches(size: batch, of: 5, replacement: true, seed: 3), paths: paths,
      until: 4)
    #expect(report.isComplete)
    guard case .array(let rows)? = report.json["rows"] else { return [] }
    return rows.compactMap { if case .object(let row) = $0 { row } else { nil } }
  }

  /// The noise is what the flow without it misses; order 2 errs a fourth at half the step.
  @Test func weakOrders() throws {
    let first = try rows(order: 1, steps: [0.2], paths: 10_000)
    let second = try rows(order: 2, steps: [0.2, 0.1], paths: 30_000)
    func value(_ row: JSONObject, _ key: String) throws -> Double { try #require(row.number("balancedness_" + key)) }
    let (one, two, half) = (first[0], second[0], second[1])
    #expect(try value(one, "error") > 2 * value(two, "error"))
    for row in second {
      #expect(try value(row, "error") < 0.25 * value(row, "error_without_noise"))
      #expect(try value(row, "standard_error") < 0.1 * value(row, "error_without_noise"))
    }
    let ratio = try value(two, "error") / value(half, "error")
    #expect(ratio > 2.5 && ratio < 9, "\(ratio)")
  }

  /// The full batch drawn with replacement still scatters; its mean square over one step is the stated covariance.
  @Test func covarianceOfOneStep() throws {
    let setup = try setup()
    let problem = setup.problem
    let settings = try DescentSettings(
      lambda: 0.5, step: 0.1, batches: DescentSettings.Batches(size: 2, of: 5, replacement: true, seed: 1))
    let paths = 20_000
    let weak = try #require(
      try WeakComparison.run(
        problem, from: setup.start, flowStart: setup.start, settings, order: 1, substeps: 1, iterations: 1,
        paths: paths))
    // w₁ = w₀ − γ f of a batch: θ's variance is that of w₊²/4 − w₋²/4, to leading order (2γαα g-noise)².
    let (n, alpha) = (5.0, 0.5)
    for i in 0..<8 {
      let terms = (0..<5).map { -problem.design[$0, i] * problem.response[$0] }
      let mean = terms.reduce(0, +) / n
      let variance = (terms.reduce(0) { $0 + $1 * $1 } / n - mean * mean) / 2
      let expected = 2 * alpha * alpha * settings.gamma * variance.squareRoot()
      let found = weak.iterates.standardError[i] * Double(paths).squareRoot()
      #expect(abs(found / expected - 1) < 0.05, "\(found), \(expected)")
      // The flow's noise is spread over the step, and has had less time to move w: (1 − e^{−2ε/λ})/(2ε/λ) and half a drift.
      let flow = weak.flow.standardError[i] * Double(paths).squareRoot()
      #expect(flow > 0.3 * expected && flow < 0.7 * expected, "\(flow), \(expected)")
    }
  }

  @Test func unusableRequests() throws {
    let setup = try setup()
    for (replacement, method, order) in [
      (false, DescentSettings.Method.heavyBall, 1), (true, .nesterov, 1), (true, .heavyBall, 3),
    ] {
      let settings = try DescentSettings(
        lambda: 0.5, step: 0.1, method: method,
        batches: DescentSettings.Batches(size: 2, of: 5, replacement: replacement, seed: 1))
      #expect(throws: InvalidInput.self) {
        try WeakComparison.run(
          setup.problem, from: setup.start, flowStart: setup.start, settings, order: order, substeps: 1,
          iterations: 1, paths: 2)
      }
    }
  }
}
