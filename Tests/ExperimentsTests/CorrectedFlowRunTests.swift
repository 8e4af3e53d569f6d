import Comparison
import Descent
import Dynamics
import Experiments
import Foundation
import Networks
import Regression
import TaylorSteppers
import TestSupport
import Testing

/// Runs and limits of flows that iterates follow to any order.
@Suite struct CorrectedFlowRunTests {
  private func setup(_ samples: Int = 6, _ features: Int = 10, seed: UInt64 = 1) throws -> Setup {
    let problem = try SyntheticProblem(samples: samples, features: features, nonzeros: 2, seed: seed).problem()
    return try Setup(problem: problem, start: Initialization(alpha: 0.1, features: features), seed: seed)
  }

  /// The error falls with the order that the flow has: Theory, section 8.
  @Test(
    arguments: [
      (DescentSettings.Method.heavyBall, 1), (.heavyBall, 2), (.heavyBall, 3), (.nesterov, 1), (.nesterov, 2),
    ],
    [(0.5, 1 as UInt64), (0.9, 2), (2, 3)])
  func trajectoryOrder(_ flow: (DescentSettings.Method, Int), _ instance: (Double, UInt64)) throws {
    let (method, order) = flow
    let (lambda, seed) = instance
    let report = try compare(
      setup(seed: seed),
      FlowSpecification(kind: .mgf, lambda: lambda, stepper: "taylor", relative: 1e-13, absolute: 0), order: order,
      method: method, steps: [1.0 / 100, 1.0 / 200, 1.0 / 400, 1.0 / 800], until: 8, gap: GapCriteria(work: 0))
    let slope = try #require(report.slope)
    #expect(abs(slope - Double(order)) < 0.05, "slope \(slope)")
  }

  /// The largest error against the iterates falls as εᵖ, for the flows themselves.
  @Test(
    arguments: (2...7).map { (DescentSettings.Method.heavyBall, $0) } + (2...5).map { (.nesterov, $0) })
  func orders(_ method: DescentSettings.Method, _ order: Int) throws {
    let setup = try setup()
    let errors = try (order < 4 ? [0.02, 0.01] : order < 7 ? [0.06, 0.03] : [0.08, 0.04]).map { step in
      let flow = try CorrectedFlow(
        DiagonalNetwork(setup.problem), lambda: 0.5, step: step, order: order, isNesterov: method == .nesterov,
        carryingIntegrals: false)
      let start = try flow.startingRates(setup.start)
      let stepper = try TaylorStepper(
        InitialValueProblem(flow, from: start.weights + start.rates),
        control: .adaptive(Tolerance(relative: 1e-14, absolute: 0)))
      let report = try FlowComparison.run(
        setup.problem, from: setup.start, flow: stepper, until: 8,
        settings: [DescentSettings(lambda: 0.5, step: step, method: method)])
      return report.rows[0].weights.maximum
    }
    let slope = log2(errors[0] / errors[1])
    #expect(abs(slope - Double(order)) < 0.2, "\(slope), \(errors)")
  }

  /// Both limits, of heavy ball and of its flow, agree to at least the flow's order.
  @Test(arguments: [3, 4, 5, 6])
  func limitOrders(_ order: Int) throws {
    let report = try compare(
      setup(), FlowSpecification(kind: .mgf, lambda: 0.5, stepper: "taylor", relative: 1e-13, absolute: 0),
      order: order, steps: [0.08, 0.04], until: 4, gap: GapCriteria(work: 1e9))
    guard case .array(let gaps)? = report.json["limit_gap"] else {
      Issue.record("no limits: \(String(describing: report.json["limit_gap_reason"]))")
      return
    }
    for name in ["delta", "theta"] {
      let values = gaps.compactMap { if case .object(let gap) = $0 { gap.number(name) } else { nil as Double? } }
      try #require(values.count == 2)
      // θ∞ to 1e-12.
      #expect(log2(values[0] / max(values[1], 1e-12)) > Double(order) - 0.3, "\(name): \(values)")
    }
  }

  /// What orders 2 and 3 gave when each had formulas of its own.
  @Test func earlierNumbers() throws {
    let report = try solve(
      setup(),
      FlowSpecification(
        kind: .corrected(order: 3), lambda: 0.5, stepper: "rk8pd", relative: 1e-10, absolute: 0, step: 0.1),
      stop: .time(20), sampling: .count(2))
    for (name, value) in [
      ("loss", 0.0005386093017243967), ("theta_l1", 2.2149750511235253), ("test_error", 0.07691314094301682),
    ] {
      #expect(abs(try #require(report.json.number(name)) / value - 1) < 1e-12, "\(name)")
    }
    for (order, delta, theta) in [
      (2, 0.014373650200465538, -0.7078665487394177),
      (3, 0.014365796677009185, -0.7079320339558979),
    ] {
      let report = try limit(
        setup(4, 7),
        of: .flow(
          FlowSpecification(
            kind: .corrected(order: order), lambda: 0.3, stepper: "auto", relative: 1e-15, absolute: 0, step: 0.1)),
        LimitCriteria(
          route: .project, deltaTolerance: 1e-10, residualTolerance: 1e-10, maximumTime: 1e15))
      #expect(abs(try #require(report.balancedness)[0] / delta - 1) < 1e-10)
      #expect(abs(try #require(report.theta)[0] / theta - 1) < 1e-9)
    }
  }

  /// Taylor = rk8pd, and the balances hold with their corrected integrands.
  @Test(arguments: [2, 3, 4, 5, 6, 12].map(FlowSpecification.Kind.corrected), ["taylor", "rk8pd"])
  func routesAndBalances(_ kind: FlowSpecification.Kind, _ stepper: String) throws {
    func run(_ stepper: String) throws -> Measurements {
      try solve(
        setup(),
        FlowSpecification(kind: kind, lambda: 0.5, stepper: stepper, relative: 1e-13, absolute: 0, step: 0.1),
        stop: .time(20), sampling: .count(40))
    }
    let (report, reference) = (try run(stepper), try run("taylor"))
    for name in ["loss", "theta_l1", "test_error"] {
      let (a, b) = (try #require(report.json.number(name)), try #require(reference.json.number(name)))
      #expect(abs(a / b - 1) < 1e-10, "\(name): \(a), \(b)")
    }
    #expect(try #require(report.energyDrift) < 1e-11)
    #expect(try #require(report.balanceCheck) < 1e-11)
    #expect(try #require(report.step) == 0.1 && report.lambda == 0.5)
  }

  @Test func names() {
    #expect(FlowSpecification.Kind.all.map(\.rawValue).prefix(4) == ["gf", "mgf", "corrected2", "corrected3"])
    for kind in FlowSpecification.Kind.all { #expect(FlowSpecification.Kind(rawValue: kind.rawValue) == kind) }
    for name in [
      "", "corrected", "corrected0", "corrected1", "corrected+3", "corrected03", "corrected-2", "Corrected2",
    ] {
      #expect(FlowSpecification.Kind(rawValue: name) == nil, "\(name)")
    }
  }

  @Test func unusableRequests() throws {
    for order in [1, 13] {
      #expect(throws: InvalidInput.self) {
        try FlowSpecification(
          kind: .corrected(order: order), lambda: 1, stepper: "auto", relative: 1e-9, absolute: 0, step: 0.1)
      }
    }
    for step in [nil, 0, 2, Double.nan] {
      #expect(throws: InvalidInput.self) {
        try FlowSpecification(
          kind: .corrected(order: 2), lambda: 1, stepper: "auto", relative: 1e-9, absolute: 0, step: step)
      }
    }
    #expect(throws: InvalidInput.self) {
      try FlowSpecification(kind: .mgf, lambda: 1, stepper: "auto", relative: 1e-9, absolute: 0, step: 0.1)
    }
    #expect(throws: InvalidInput.self) {
      try FlowSpecification(
        kind: .corrected(order: 3), lambda: 1, stepper: "radau", relative: 1e-9, absolute: 0, step: 0.1)
    }
  }
}
