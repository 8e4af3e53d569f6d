import Descent
import Dynamics
import Experiments
import Networks
import Regression
import TaylorSteppers
import TestSupport
import Testing

/// Flows and iterates of deep networks: what they conserve, and that every route leads to the same place.
@Suite struct NetworkTests {
  private static let deep: [Parametrization] = [
    .power(depth: 3), .power(depth: 4), .layers(depth: 3), .layers(depth: 4),
  ]

  private func problem() throws -> RegressionProblem {
    try SyntheticProblem(samples: 6, features: 10, nonzeros: 2, seed: 4).problem()
  }

  /// A start of no symmetry: every layer and both powers different.
  private func setup(_ shape: Parametrization, _ loss: Loss = .square, rates: Bool = false) throws -> Setup {
    var problem = try problem()
    if loss.isClassification { problem = try problem.labelled(takingSigns: true, option: "test") }
    let count = shape.blockCount * 10
    let weights = Instances.normals(count, seed: 20).map { 0.5 + 0.2 * $0 }
    let speeds = Instances.normals(count, seed: 21).map { 0.3 * $0 }
    let start = try NetworkModel(shape, loss).start(weights: weights, rates: rates ? speeds : nil, features: 10)
    return try Setup(problem: problem, model: NetworkModel(shape, loss), start: start)
  }

  private func flow(_ lambda: Double?, _ stepper: String = "taylor", _ relative: Double = 1e-15) throws
    -> FlowSpecification
  {
    try FlowSpecification(
      kind: lambda == nil ? .gf : .mgf, lambda: lambda, stepper: stepper, relative: relative, absolute: 0)
  }

  /// The last recorded weights.
  private func end(_ report: Measurements) throws -> [Double] {
    let record = try #require(report.record)
    return Array(record.weights(at: record.count - 1))
  }

  /// Gradient flow keeps w_j² − w_k² and w₊²⁻ᴸ + w₋²⁻ᴸ: from the states themselves, and by the report.
  @Test(arguments: deep, Loss.allCases)
  func gradientFlowConserves(_ shape: Parametrization, _ loss: Loss) throws {
    let setup = try setup(shape, loss)
    let report = try solve(setup, flow(nil), stop: .time(20), sampling: .count(41))
    #expect(report.isComplete)
    let record = try #require(report.record)
    let (d, start) = (10, setup.start.weights)
    var defect = 0.0
    for index in 0..<record.count {
      let w = Array(record.weights(at: index))
      for i in 0..<d {
        if case .layers(let depth) = shape {
          for j in 0..<depth {
            for k in 0..<j {
              let now = w[j * d + i] * w[j * d + i] - w[k * d + i] * w[k * d + i]
              let before = start[j * d + i] * start[j * d + i] - start[k * d + i] * start[k * d + i]
              defect = max(defect, abs(now - before) / max(1, w[j * d + i] * w[j * d + i]))
            }
          }
        } else {
          func sum(_ w: [Double]) -> Double {
            shape.depth == 3 ? 1 / w[i] + 1 / w[d + i] : 1 / (w[i] * w[i]) + 1 / (w[d + i] * w[d + i])
          }
          defect = max(defect, abs(sum(w) / sum(start) - 1))
        }
      }
    }
    #expect(defect < 2e-14, "\(defect)")
    #expect(try #require(report.conservedDrift) < 2e-14)
    #expect(try #require(report.energyDrift) < 1e-13)
    // It went somewhere.
    #expect(try #require(record.loss.last) < 0.2 * record.loss[0])
    #expect(report.json["balance_check"] == .null || report.balanceCheck ?? 1 < 2e-14)
  }

  /// The additive identity of momentum gradient flow, through sign changes and with initial speeds.
  @Test(arguments: deep + [.layers(depth: 2), .power(depth: 2), .diagonal], [0.1, 3])
  func additiveIdentity(_ shape: Parametrization, _ lambda: Double) throws {
    let report = try solve(
      setup(shape, rates: true), flow(lambda), stop: .time(20), sampling: .count(41))
    #expect(report.isComplete)
    #expect(try #require(report.balanceCheck) < 5e-13)
    #expect(try #require(report.energyDrift) < 5e-13)
    #expect(report.json["conserved_drift"] == (shape == .diagonal ? nil : .null))
    let record = try #require(report.record)
    if lambda == 3 { #expect(!record.occurrences.isEmpty) }
    // The identity in full for the first two layers, its integral by Simpson's rule over a fine record.
    guard case .layers = shape else { return }
    let fine = try solve(
      setup(shape, rates: true), flow(lambda), stop: .time(4), sampling: .count(4001))
    let states = try #require(fine.record)
    let width = states.weights.count / states.count
    for i in 0..<10 {
      func at(_ k: Int) -> (balance: Double, integrand: Double) {
        let (w, v) = (states.weights[k * width + i], states.rates[k * width + i])
        let (x, u) = (states.weights[k * width + 10 + i], states.rates[k * width + 10 + i])
        return (w * w - x * x + 2 * lambda * (w * v - x * u), 2 * lambda * (v * v - u * u))
      }
      var integral = 0.0
      for k in stride(from: 0, to: 4000, by: 2) {
        integral += (at(k).integrand + 4 * at(k + 1).integrand + at(k + 2).integrand) * 1e-3 / 3
      }
      #expect(abs(at(4000).balance - at(0).balance - integral) < 1e-8 * (1 + abs(integral)))
    }
  }

  /// Taylor, Runge–Kutta and Radau agree.
  @Test(arguments: deep + [.layers(depth: 1), .power(depth: 1)], Loss.allCases)
  func routesAgree(_ shape: Parametrization, _ loss: Loss) throws {
    for lambda in [nil, 0.5] {
      let ends = try [("taylor", 1e-14), ("rk8pd", 1e-12), ("radau", 1e-11), ("auto", 1e-12)].map {
        try end(
          solve(
            setup(shape, loss), flow(lambda, $0.0, $0.1), stop: .time(8),
            sampling: .endpoints))
      }
      for other in ends.dropFirst() { #expect(distance(ends[0], other) < 1e-9 * largest(ends[0])) }
      #expect(distance(ends[0], try setup(shape, loss).start.weights) > 0.01)
    }
  }

  /// Depth 2 is the diagonal network: in u, v for layers; at half the weights, half the time and half λ for powers.
  @Test(arguments: [nil, 1.5])
  func depthTwoIsTheDiagonalNetwork(_ lambda: Double?) throws {
    let problem = try problem()
    let plain = try Setup(problem: problem, start: Initialization(alpha: 0.3, features: 10))
    let expected = try #require(
      solve(plain, flow(lambda), stop: .time(6), sampling: .endpoints).record?.weights(at: 1)
    ).map { $0 }
    let u = (0..<10).map { (expected[$0] + expected[10 + $0]) / 2 }
    let v = (0..<10).map { (expected[$0] - expected[10 + $0]) / 2 }
    let layers = NetworkModel(.layers(depth: 2), .square)
    let product = try Setup(
      problem: problem, model: layers, start: layers.start(alpha: 0.3, fallback: 1, features: 10))
    let found = try end(solve(product, flow(lambda), stop: .time(6), sampling: .endpoints))
    #expect(distance(found, u + v) < 1e-12)
    let power = NetworkModel(.power(depth: 2), .square)
    let half = try Setup(
      problem: problem, model: power,
      start: power.start(weights: plain.start.weights.map { $0 / 2 }, rates: nil, features: 10))
    let weights = try end(
      solve(half, flow(lambda.map { $0 / 2 }), stop: .time(3), sampling: .endpoints))
    #expect(distance(weights.map { 2 * $0 }, expected) < 1e-12)
    // The general code for the same network, without the kernels.
    let same = DeepNetwork(problem, .standard)
    let field: any SeriesField = try lambda.map { try MomentumGradientFlow(same, lambda: $0) } ?? GradientFlow(same)
    let moving = plain.start.weights + (lambda == nil ? [] : plain.start.rates)
    let stepper = try TaylorStepper(
      InitialValueProblem(
        field, from: moving + [Double](repeating: 0, count: field.dimension - moving.count)),
      control: .adaptive(Tolerance(relative: 1e-15)))
    let solution = try integrate(stepper, until: 6)
    #expect(distance(Array(solution.state[..<20]), expected) < 1e-12)
    // The discrete method likewise.
    for method in DescentSettings.Method.allCases {
      let settings = try DescentSettings(gamma: 0.02, beta: 0.8, method: method)
      let iterates = try #require(
        descend(plain, settings, stop: .count(300), recording: .endpoints).record?.weights(at: 1)
      ).map { $0 }
      let other = try Descent(same, settings, from: plain.start).run(iterations: 300)
      #expect(distance(iterates, try #require(other.iterates.weights.last)) < 1e-13)
    }
  }

  /// The limits of layers and powers of depth 2 are those of the diagonal network, flows and iterates; and that of layers is
  /// where their own flow goes.
  @Test func limitsOfDepthTwo() throws {
    let problem = try problem()
    let plain = try Setup(problem: problem, start: Initialization(alpha: 0.3, features: 10))
    let layers = NetworkModel(.layers(depth: 2), .square)
    let power = NetworkModel(.power(depth: 2), .square)
    let product = try Setup(
      problem: problem, model: layers, start: layers.start(alpha: 0.3, fallback: 1, features: 10))
    let half = try Setup(
      problem: problem, model: power, start: power.start(alpha: 0.3 / 2.0.squareRoot(), fallback: 1, features: 10))
    let criteria = try LimitCriteria(
      route: .project, deltaTolerance: 1e-9, residualTolerance: 1e-9, maximumTime: 1e6)
    func subjects(_ share: Double) throws -> [LimitSubject] {
      [
        .flow(try flow(nil)), .flow(try flow(1.5 * share)),
        .descent(try DescentSettings(gamma: 0.02 * share, beta: 0.8)),
        .descent(try DescentSettings(gamma: 0.02 * share, beta: 0.8, method: .nesterov)),
      ]
    }
    for (asked, slower) in zip(try subjects(1), try subjects(0.5)) {
      let expected = try limit(plain, of: asked, criteria)
      let found = [try limit(product, of: asked, criteria), try limit(half, of: slower, criteria)]
      #expect(expected.isComplete)
      for (report, pace) in zip(found, [1.0, 2]) {
        #expect(report.isComplete)
        for key in ["theta_inf", "delta_inf", "delta_0"] {
          let (a, b) = (try #require(report.json.numbers(key)), try #require(expected.json.numbers(key)))
          #expect(distance(a, b) < 1e-13 * largest(b), "\(key)")
        }
        for key in ["time", "lambda_certified"] {
          let (a, b) = (try #require(report.json.number(key)), try #require(expected.json.number(key)))
          #expect(abs(pace * a - b) <= 1e-9 * b, "\(key)")
        }
      }
      #expect(found[0].json["network"] == .string("layers") && expected.json["network"] == nil)
      #expect(found[1].json.number("lambda") == found[0].json.number("lambda").map { $0 / 2 })
      guard case .flow(let flow) = asked else { continue }
      let own = try solve(product, flow, stop: .residual(tolerance: 1e-10, maximum: 1e5), sampling: .endpoints)
      #expect(distance(try #require(own.record).theta(at: 1), try #require(found[0].json.numbers("theta_inf"))) < 1e-8)
    }
    // d/dλ of powers is that of the diagonal network at 2λ, twice.
    var (one, other) = (
      try limit(plain, of: try subjects(1)[1], criteria), try limit(half, of: try subjects(0.5)[1], criteria)
    )
    try addSensitivity(plain, of: subjects(1)[1], criteria, to: &one)
    try addSensitivity(half, of: subjects(0.5)[1], criteria, to: &other)
    let (a, b) = (one.thetaSlope, other.thetaSlope)
    #expect(distance(try #require(a).map { 2 * $0 }, try #require(b)) < 1e-9 * largest(try #require(b)))
    // Others have none.
    for (shape, loss) in [
      (Parametrization.layers(depth: 3), Loss.square), (.diagonal, .logistic), (.power(depth: 2), .logistic),
    ] {
      #expect(throws: InvalidInput.self) { try limit(setup(shape, loss), of: .flow(flow(1)), criteria) }
    }
  }

  /// Iterates approach the flow of their λ with order 1.
  @Test(arguments: deep, [Loss.square, .logistic])
  func iteratesFollowTheFlow(_ shape: Parametrization, _ loss: Loss) throws {
    let report = try compare(
      setup(shape, loss), flow(0.5, "taylor", 1e-13), steps: [1.0 / 50, 1.0 / 100, 1.0 / 200, 1.0 / 400], until: 6,
      gap: GapCriteria(work: 0))
    #expect(abs(try #require(report.slope) - 1) < 0.05)
  }

  /// Minibatches of every network: those of the kernels by the general code, and one batch of all samples is the full gradient.
  @Test(arguments: DescentSettings.Method.allCases, [false, true])
  func minibatches(_ method: DescentSettings.Method, _ replacement: Bool) throws {
    let problem = try problem()
    let start = try Initialization(alpha: 0.3, features: 10)
    func settings(_ size: Int, _ replacement: Bool) throws -> DescentSettings {
      try DescentSettings(
        gamma: 0.02, beta: 0.8, method: method,
        batches: .init(size: size, of: 6, replacement: replacement, seed: 5))
    }
    let own = try settings(4, replacement)
    let fast = try Descent(DiagonalNetwork(problem), own, from: start)
    let general = try Descent(DeepNetwork(problem, .standard), own, from: start)
    for _ in 0..<300 {
      fast.advance()
      general.advance()
    }
    #expect(distance(fast.weightArray, general.weightArray) < 1e-12)
    #expect(distance(fast.weightArray, start.weights) > 0.1)
    for shape in Self.deep + [.layers(depth: 1), .diagonal] {
      for loss in Loss.allCases {
        let setup = try setup(shape, loss)
        let network = { NetworkModel(shape, loss).network(setup.problem) }
        let plain = try Descent(network(), settings(6, false).with(nil), from: setup.start)
        let whole = try Descent(network(), settings(6, false), from: setup.start)
        let part = try Descent(network(), own, from: setup.start)
        for run in [plain, whole, part] { _ = run.run(iterations: 40) }
        #expect(distance(plain.weightArray, whole.weightArray) < 1e-12 * largest(plain.weightArray))
        #expect(distance(plain.weightArray, part.weightArray) > 1e-3)
      }
    }
  }

  @Test func divergenceIsNamed() throws {
    let report = try descend(
      setup(.layers(depth: 3)), DescentSettings(gamma: 5, beta: 0.5), stop: .count(1000), recording: .every)
    #expect(report.json["outcome"] == .string("diverged") && !report.isComplete)
    let record = try #require(report.record)
    #expect(record.weights.allSatisfy { $0.isFinite })
  }

  @Test func whatCannotWork() throws {
    let corrected = try FlowSpecification(
      kind: .corrected(order: 2), lambda: 1, stepper: "auto", relative: 1e-9, absolute: 0, step: 0.1)
    #expect(throws: InvalidInput.self) {
      try solve(setup(.layers(depth: 3)), corrected, stop: .time(1), sampling: .endpoints)
    }
    #expect(throws: InvalidInput.self) {
      try solve(setup(.layers(depth: 3), rates: true), flow(nil), stop: .time(1), sampling: .endpoints)
    }
    #expect(throws: InvalidInput.self) {
      try solve(
        setup(.layers(depth: 3), .logistic), flow(1),
        stop: .residual(tolerance: 1e-3, maximum: 10), sampling: .endpoints)
    }
    let problem = ProblemSpecification(
      source: .gaussian(try SyntheticProblem(samples: 6, features: 10, nonzeros: 2, seed: 1)), seed: 1)
    let goals: [Goal] = [
      .descend(try DescentSettings(gamma: 0.1, beta: 0.5), until: .count(3), recording: .summary, identity: true),
      .compare(
        try flow(1), ComparisonCriteria(order: 2, steps: [0.1], until: 1, gap: GapCriteria(work: 0))),
    ]
    for goal in goals {
      #expect(throws: InvalidInput.self) {
        try Experiment(problem, network: NetworkModel(.layers(depth: 3), .square), goal).run()
      }
    }
  }
}
