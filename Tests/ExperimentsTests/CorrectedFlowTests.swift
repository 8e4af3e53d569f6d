import Descent
import DiagonalNetworks
import Dynamics
import Experiments
import TestSupport
import Testing

/// Flows that iterates follow to second and third order.
@Suite struct CorrectedFlowTests {
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
    let slope = try #require(report.json.number("slope"))
    #expect(abs(slope - Double(order)) < 0.05, "slope \(slope)")
  }

  /// The field and its derivative by direct formulas are those of the series.
  @Test(arguments: [(2, false), (3, false), (2, true)])
  func fieldEqualsSeries(_ kind: (order: Int, isNesterov: Bool)) throws {
    let problem = try Instances.problem(5, 7, seed: 81)
    let flow = try CorrectedFlow(
      DiagonalNetwork(problem), lambda: 0.7, step: 0.3, order: kind.order, isNesterov: kind.isNesterov)
    let y = Instances.normals(28, seed: 82) + [Double](repeating: 0, count: 15)
    var rate = [Double](repeating: .nan, count: flow.dimension)
    var second = rate
    flow.evaluate(0, y, into: &rate)
    flow.secondDerivative(0, y, rate, into: &second)
    let jet = flow.makeJet(degree: 6)
    jet.expand(y, at: 0, unit: 0.1)
    var c = [Double](repeating: .nan, count: 7 * flow.dimension)
    jet.copyCoefficients(upTo: 1, into: &c)
    let first = (0..<flow.dimension).map { c[flow.dimension + $0] / 0.1 }
    #expect(distance(first, rate) < 1e-11 * largest(rate))
    // ÿ against differences of ẏ along the solution.
    let h = 1e-3
    func rates(_ s: Double) -> [Double] {
      var change = [Double](repeating: 0, count: flow.dimension)
      var result = change
      jet.increment(to: s / 0.1, into: &change)
      flow.evaluate(0, zip(y, change).map { $0 + $1 }, into: &result)
      return result
    }
    let difference = zip(rates(h), rates(-h)).map { ($0 - $1) / (2 * h) }
    #expect(distance(difference, second) < 1e-4 * largest(second))
    #expect(largest(second) > 1)
  }

  /// The start passes w₋₁ = w₀ − ε ẇ₀.
  @Test(arguments: [(2, false), (3, false), (2, true)])
  func startPassesThePreviousIterate(_ kind: (order: Int, isNesterov: Bool)) throws {
    let problem = try Instances.problem(5, 7, seed: 83)
    let u = Instances.normals(7, seed: 84)
    let rates = Instances.normals(7, seed: 85)
    let start = try Initialization(u: u, v: u.map { 0.5 - $0 }, uRate: rates, vRate: rates.reversed(), features: 7)
    let flow = try CorrectedFlow(
      DiagonalNetwork(problem), lambda: 0.4, step: 0.02, order: kind.order, isNesterov: kind.isNesterov,
      carryingIntegrals: false)
    let shifted = try flow.startingRates(start)
    #expect(shifted.weights == start.weights && distance(shifted.rates, start.rates) > 1e-3)
    let jet = flow.makeJet(degree: 30)
    jet.expand(shifted.weights + shifted.rates, at: 0, unit: 0.02)
    var change = [Double](repeating: 0, count: 28)
    jet.increment(to: -1, into: &change)
    for j in 0..<14 { #expect(abs(change[j] + 0.02 * start.rates[j]) < 1e-14) }
  }

  /// Taylor = rk8pd, and the balances hold with their corrected integrands.
  @Test(arguments: [FlowSpecification.Kind.corrected2, .corrected3], ["taylor", "rk8pd"])
  func routesAndBalances(_ kind: FlowSpecification.Kind, _ stepper: String) throws {
    func run(_ stepper: String) throws -> RunReport {
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
    #expect(try #require(report.json.number("energy_drift")) < 1e-11)
    #expect(try #require(report.json.number("balance_check")) < 1e-11)
    #expect(try #require(report.json.number("step")) == 0.1 && report.json.number("lambda") == 0.5)
  }

  @Test func unusableRequests() throws {
    let network = DiagonalNetwork(try Instances.problem(5, 7, seed: 83))
    for (lambda, step, order, isNesterov) in [
      (0.0, 0.1, 2, false), (1, 2, 2, false), (1, 0.1, 4, false), (1, 0.1, 3, true),
    ] {
      #expect(throws: InvalidInput.self) {
        try CorrectedFlow(network, lambda: lambda, step: step, order: order, isNesterov: isNesterov)
      }
    }
    for step in [nil, 0, 2, Double.nan] {
      #expect(throws: InvalidInput.self) {
        try FlowSpecification(kind: .corrected2, lambda: 1, stepper: "auto", relative: 1e-9, absolute: 0, step: step)
      }
    }
    #expect(throws: InvalidInput.self) {
      try FlowSpecification(kind: .mgf, lambda: 1, stepper: "auto", relative: 1e-9, absolute: 0, step: 0.1)
    }
    #expect(throws: InvalidInput.self) {
      try FlowSpecification(kind: .corrected3, lambda: 1, stepper: "radau", relative: 1e-9, absolute: 0, step: 0.1)
    }
  }
}
