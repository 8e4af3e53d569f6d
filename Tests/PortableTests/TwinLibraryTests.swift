import Descent
import Dynamics
import Experiments
import Networks
import Portable
import Regression
import TestSupport
import Testing

/// The twin against the library's own kernels, steppers and limits.
@Suite struct TwinLibraryTests {
  @Test(arguments: [(1, 1, 1), (3, 5, 1), (9, 4, 2), (20, 30, 3), (37, 13, 13)])
  func gaussianData(_ n: Int, _ d: Int, _ nonzeros: Int) throws {
    for (seed, mean) in [(UInt64(1), 0.0), (7, 5), (.max, -0.25)] {
      let expected = try SyntheticProblem(samples: n, features: d, nonzeros: nonzeros, mean: mean, seed: seed).problem()
      let problem = Twin.Problem(gaussian: n, d, nonzeros: nonzeros, mean: mean, seed: seed)
      #expect(problem.design == expected.design.elements)
      #expect(problem.response == expected.response)
      #expect(problem.truth == expected.truth)
      let count = n / 3
      let kept = problem.holdingOut(count, seed: seed)
      let held = try expected.holdingOut(Double(count) / Double(n), seed: seed)
      #expect(kept.design == held.design.elements && kept.response == held.response)
    }
  }

  /// Random instances: weights, sign changes and Δ∞ of flows; iterates of both methods.
  @Test(arguments: [UInt64(1), 2, 3, 4, 5, 6])
  func randomInstances(_ seed: UInt64) throws {
    let shape = [(3, 5), (6, 10), (4, 9), (10, 16), (9, 4), (5, 40)][Int(seed - 1)]
    let lambda = [0.05, 0.3, 1, 2, 0.5, 1][Int(seed - 1)]
    let library = try SyntheticProblem(samples: shape.0, features: shape.1, nonzeros: 2, seed: seed).problem()
    let (problem, start) = (TwinSupport.problem(library), try Initialization(alpha: 0.1, features: shape.1))
    let setup = try Setup(problem: library, start: start)

    for kind in [FlowSpecification.Kind.gf, .mgf] {
      let lambda = kind == .gf ? 0 : lambda
      let specification = try FlowSpecification(
        kind: kind, lambda: kind == .gf ? nil : lambda, stepper: "taylor", relative: 1e-14, absolute: 0)
      let expected = try FlowRun.run(setup, specification, stop: .time(20), sampling: .times([1, 7, 20]))
      let run = TwinSupport.solve(
        problem, lambda: lambda, from: start, relative: 1e-14, until: 20, recording: .times([1, 7, 20]))
      #expect(maximumGap(run.record.weights, expected.record.weights) < 1e-12)
      #expect(maximumGap(run.record.rates, expected.record.rates) < 1e-11)
      #expect(TwinSupport.relativeGap(run.record.energy, expected.record.energy) < 1e-11)
      #expect(run.energyDrift < 1e-12 && run.balanceCheck < 1e-12)
      let (found, known) = (run.signChanges, expected.record.occurrences)
      #expect(found.map(\.coordinate) == known.map(\.coordinate) && found.map(\.direction) == known.map(\.direction))
      #expect(maximumGap(found.map(\.time), known.map(\.time)) < 1e-10)

      guard shape.0 < shape.1 else { continue }
      let precise = try FlowSpecification(
        kind: kind, lambda: kind == .gf ? nil : lambda, stepper: "taylor", relative: 1e-15, absolute: 0)
      var reference = try LimitRun(setup, precise, try LimitCriteria(of: .flow(precise)), monitor: RunMonitor())
      try reference.estimateIntegrationError(
        setup, precise, try LimitCriteria(of: .flow(precise)), monitor: RunMonitor())
      let limit = TwinSupport.limit(problem, kind == .gf ? .gradientFlow : .momentum(lambda), from: start)
      try compare(limit, reference)
    }

    for isNesterov in [false, true] {
      let settings = try DescentSettings(
        lambda: lambda, step: 0.1 * lambda, method: isNesterov ? .nesterov : .heavyBall)
      let method = Twin.DescentMethod(lambda: lambda, step: 0.1 * lambda, isNesterov: isNesterov)
      let descent = try Descent(DiagonalNetwork(library), settings, from: start)
      while descent.iteration < 500 { descent.advance(atMost: 500 - descent.iteration) }
      let run = TwinSupport.descend(problem, method, from: start, iterations: 500)
      #expect(maximumGap(run.weights, descent.weightArray) < 1e-13)
      guard shape.0 < shape.1 else { continue }
      let criteria = try LimitCriteria(of: .descent(settings), tail: .iterate)
      let reference = try LimitRun(setup, settings, criteria, monitor: RunMonitor())
      let limit = TwinSupport.limit(problem, .discrete(method), from: start, maximumTime: 1e6)
      try compare(limit, reference)
    }
  }

  private func compare(_ limit: Twin.LimitRun, _ reference: LimitRun) throws {
    let errors = try #require(reference.integrationError)
    #expect(limit.outcome == .reached && reference.outcome == .reached)
    #expect(limit.error.delta <= 1e-10)
    #expect(
      TwinSupport.relativeGap(limit.balance, reference.limit.balancedness)
        <= limit.error.delta + reference.limit.balancednessError + errors.delta)
    #expect(
      maximumGap(limit.theta, reference.limit.theta)
        <= limit.error.theta + reference.limit.thetaError + errors.theta)
    #expect(limit.certificate.interpolation < 1e-13 && limit.certificate.rowSpace < 1e-12)
    #expect(limit.certificate.distance < 1e-12)
    #expect(limit.signChanges.map(\.coordinate) == reference.record.occurrences.map(\.coordinate))
  }

  /// The interpolator of least ℓ1 norm, by the library's linear programme and by the twin's.
  @Test(arguments: [UInt64(1), 2, 3, 4])
  func sparsestInterpolator(_ seed: UInt64) throws {
    let library = try Instances.problem(4 + Int(seed), 15, seed: seed)
    let run = TwinSupport.limit(
      TwinSupport.problem(library), .gradientFlow, from: try Initialization(alpha: 0.01, features: 15))
    let setup = try Setup(problem: library, start: try Initialization(alpha: 0.01, features: 15))
    let specification = try FlowSpecification(kind: .gf, lambda: nil, stepper: "taylor", relative: 1e-15, absolute: 0)
    let expected = try limit(
      setup, of: .flow(specification), try LimitCriteria(of: .flow(specification))
    ).json.object("regime")
    for (index, key) in ["theta_l1", "minimum_l1", "distance_to_minimum_l1", "theta_l2", "minimum_l2"].enumerated() {
      #expect(abs(run.regime[index] - (try #require(expected?.number(key)))) < 1e-10, "\(key)")
    }
  }

  @Test func comparison() throws {
    let library = try SyntheticProblem(samples: 6, features: 10, nonzeros: 2, seed: 1).problem()
    let start = try Initialization(alpha: 0.1, features: 10)
    let setup = try Setup(problem: library, start: start)
    let flow = try FlowSpecification(kind: .mgf, lambda: 0.5, stepper: "taylor", relative: 1e-12, absolute: 0)
    let steps = [0.1, 0.05, 0.025]
    for method in DescentSettings.Method.allCases {
      let expected = try ComparisonRun(setup, flow, method: method, steps: steps, until: 5, monitor: RunMonitor())
      let run = Twin.ComparisonRun(
        TwinSupport.problem(library), lambda: 0.5, weights: start.weights, rates: start.rates, relative: 1e-12,
        steps: steps, isNesterov: method == .nesterov, until: 5)
      while !run.advance(100) {}
      for (index, row) in expected.rows.enumerated() {
        let found = Array(run.rows[11 * index..<11 * index + 11])
        let numbers = [row.weights.maximum, row.weights.rootMeanSquare, row.weights.final]
        let ofTheta = [row.theta.maximum, row.theta.rootMeanSquare, row.theta.final]
        #expect(Int(found[3]) == row.iterations)
        #expect(maximumGap(Array(found[4..<10]), numbers + ofTheta) < 1e-11)
      }
      #expect(abs(run.scalars[1] - (try #require(expected.slope))) < 1e-8)
      #expect(abs(run.scalars[2] - (try #require(expected.thetaSlope))) < 1e-8)
    }
  }
}
