import Descent
import Dynamics
import Experiments
import Foundation
import ImplicitBias
import LinearAlgebra
import Networks
import RandomStreams
import Regression
import TestSupport
import Testing

/// The limit by projection: error estimates against true errors on random instances, both routes against each other.
@Suite struct ProjectionTests {
  private struct Instance {
    let seed: UInt64
    let setup: Setup
    let lambda: Double

    init(_ seed: UInt64) throws {
      self.seed = seed
      var stream = RandomStream(seed: seed, substream: 300)
      let n = 2 + stream.integer(below: 9)
      let d = n + 1 + stream.integer(below: 10)
      let problem = try SyntheticProblem(
        samples: n, features: d, nonzeros: min(3, d), mean: [0, 0, 1, 3][stream.integer(below: 4)], seed: seed
      ).problem()
      setup = try Setup(
        problem: problem, start: Initialization(alpha: pow(10, -2 + 2 * stream.uniform()), features: d))
      lambda = pow(10, -1.5 + 4 * stream.uniform())
    }

    func limit(_ subject: LimitSubject, _ tolerance: Double) throws -> Limit? {
      let report = try Experiments.limit(
        setup, of: subject,
        LimitCriteria(
          route: .project, deltaTolerance: tolerance, residualTolerance: 1e-9, maximumTime: 1e6,
          maximumPasses: 1_000_000))
      guard report.isComplete, let delta = report.balancedness,
        let theta = report.theta, let error = report.errorEstimate,
        let deltaError = error.deltaGap, let thetaError = error.thetaGap
      else { return nil }
      return Limit(delta: delta, theta: theta, deltaError: deltaError, thetaError: thetaError)
    }
  }

  private struct Limit {
    let delta: [Double]
    let theta: [Double]
    let deltaError: Double
    let thetaError: Double

    /// |w±| at the limit: w±² = √(4θ² + Δ²) ± 2θ.
    var weights: [Double] {
      let roots = zip(theta, delta).map { ($0, hypot(2 * $0, $1)) }
      return roots.map { max(0, $1 + 2 * $0).squareRoot() } + roots.map { max(0, $1 - 2 * $0).squareRoot() }
    }

    func deltaDistance(_ other: Limit) -> Double { zip(delta, other.delta).reduce(0) { max($0, abs($1.0 / $1.1 - 1)) } }
    func thetaDistance(_ other: Limit) -> Double { distance(theta, other.theta) }
  }

  /// The estimate over the true error, for Δ and θ, of all projections of an instance that are not yet at rounding; never
  /// below one.
  private func ratios(_ instance: Instance, _ subject: LimitSubject) throws -> (delta: [Double], theta: [Double])? {
    guard let truth = try instance.limit(subject, 1e-11) else { return nil }
    var result: (delta: [Double], theta: [Double]) = ([], [])
    for tolerance in [1e-2, 1e-3, 1e-5, 1e-7, 1e-8] {
      guard let limit = try instance.limit(subject, tolerance) else { continue }
      #expect(limit.deltaError <= tolerance, "seed \(instance.seed)")
      let (delta, theta) = (limit.deltaDistance(truth), limit.thetaDistance(truth))
      #expect(delta <= limit.deltaError + truth.deltaError, "seed \(instance.seed): Δ at \(tolerance)")
      #expect(theta <= limit.thetaError + truth.thetaError, "seed \(instance.seed): θ at \(tolerance)")
      if delta > 30 * truth.deltaError { result.delta.append(limit.deltaError / delta) }
      if theta > 30 * truth.thetaError { result.theta.append(limit.thetaError / theta) }
    }
    return result
  }

  private func median(_ values: [Double], _ quantile: Double = 0.5) -> Double {
    values.sorted()[Int(quantile * Double(values.count - 1))]
  }

  @Test func estimatesOfFlows() throws {
    var (delta, theta): ([Double], [Double]) = ([], [])
    var (count, oscillating) = (0, 0)
    for seed in 1...260 {
      let instance = try Instance(UInt64(seed))
      let flow = try FlowSpecification(
        kind: .mgf, lambda: instance.lambda, stepper: "taylor", relative: 1e-15, absolute: 0)
      guard let found = try ratios(instance, .flow(flow)) else { continue }
      count += 1
      delta += found.delta
      theta += found.theta
      if let limit = try instance.limit(.flow(flow), 1e-6) {
        // The slowest mode at the limit oscillates where 4λh > 1.
        let slowest = try Curvature.spectrum(instance.setup.problem, at: limit.weights)[0]
        if 4 * instance.lambda * slowest > 1 { oscillating += 1 }
      }
    }
    #expect(count >= 200 && oscillating >= 30, "\(count), of which \(oscillating) oscillate")
    #expect(median(delta) < 30 && median(delta, 0.95) < 200, "\(median(delta)), \(median(delta, 0.95))")
    #expect(median(theta) < 100 && median(theta, 0.95) < 600, "\(median(theta)), \(median(theta, 0.95))")
  }

  @Test(arguments: DescentSettings.Method.allCases)
  func estimatesOfDiscreteMethods(_ method: DescentSettings.Method) throws {
    var (delta, theta): ([Double], [Double]) = ([], [])
    var count = 0
    for seed in 1...150 {
      let instance = try Instance(UInt64(1000 + seed))
      let beta = [0, 0.5, 0.8, 0.9, 0.97][seed % 5]
      let settings = try DescentSettings(gamma: [0.003, 0.01, 0.03][seed % 3], beta: beta, method: method)
      guard let found = try ratios(instance, .descent(settings)) else { continue }
      count += 1
      delta += found.delta
      theta += found.theta
    }
    #expect(count >= 60, "\(count)")
    #expect(median(delta) < 60 && median(delta, 0.95) < 300, "\(median(delta)), \(median(delta, 0.95))")
    #expect(median(theta) < 120 && median(theta, 0.95) < 800, "\(median(theta)), \(median(theta, 0.95))")
  }

  /// Steps that take the fastest mode to 75 … 99 % of its stability limit, where it alternates.
  @Test(arguments: DescentSettings.Method.allCases)
  func estimatesNearInstability(_ method: DescentSettings.Method) throws {
    var count = 0
    for seed in 1...80 {
      let instance = try Instance(UInt64(2000 + seed))
      let beta = [0, 0.5, 0.8, 0.9, 0.97][seed % 5]
      let calm = try DescentSettings(gamma: 0.003, beta: beta, method: method)
      guard let limit = try instance.limit(.descent(calm), 1e-3) else { continue }
      let share = 0.75 + 0.03 * Double(seed % 9)
      let fastest = try #require(
        try Curvature.spectrum(instance.setup.problem, at: limit.weights).last, "seed \(instance.seed)")
      let settings = try DescentSettings(gamma: share * calm.stabilityLimit / fastest, beta: beta, method: method)
      if try ratios(instance, .descent(settings)) != nil { count += 1 }
    }
    #expect(count >= 20, "\(count)")
  }

  /// Minibatches, whose tail is known by its expectation.
  @Test(arguments: DescentSettings.Method.allCases)
  func estimatesOfMinibatches(_ method: DescentSettings.Method) throws {
    var (delta, theta): ([Double], [Double]) = ([], [])
    var (count, replaced) = (0, 0)
    for seed in 1...50 {
      let instance = try Instance(UInt64(3000 + seed))
      let n = instance.setup.problem.sampleCount
      let replacement = seed % 2 == 0
      let batches = try DescentSettings.Batches(
        size: 1 + seed % n, of: n, replacement: replacement, seed: UInt64(seed))
      let settings = try DescentSettings(
        gamma: [0.001, 0.003, 0.01][seed % 3], beta: [0, 0.5, 0.8, 0.9][seed % 4], method: method, batches: batches)
      guard let found = try ratios(instance, .descent(settings)) else { continue }
      count += 1
      replaced += replacement ? 1 : 0
      delta += found.delta
      theta += found.theta
    }
    #expect(count >= 35 && replaced >= 15, "\(count), \(replaced) with replacement")
    #expect(median(delta) < 40 && median(delta, 0.95) < 200, "\(median(delta)), \(median(delta, 0.95))")
    #expect(median(theta) < 200 && median(theta, 0.95) < 2000, "\(median(theta)), \(median(theta, 0.95))")
  }

  /// The projection of a minibatch run against the exact sums of the discrete identity, taken until the run rests.
  @Test func minibatchLimitsEqualTheIdentity() throws {
    let problem = try SyntheticProblem(samples: 5, features: 8, nonzeros: 2, mean: 1, seed: 4).problem()
    let setup = try Setup(problem: problem, start: Initialization(alpha: 0.3, features: 8))
    for replacement in [false, true] {
      let settings = try DescentSettings(
        gamma: 0.003, beta: 0.8,
        batches: DescentSettings.Batches(size: 2, of: 5, replacement: replacement, seed: 7))
      let report = try limit(
        setup, of: .descent(settings),
        LimitCriteria(route: .project, deltaTolerance: 1e-6, residualTolerance: 1e-9, maximumTime: 1e6))
      #expect(report.isComplete, "\(report.failure ?? "")")
      let descent = try Descent(DiagonalNetwork(problem), settings, from: setup.start)
      var identity = DiscreteIdentity(descent)
      while descent.iteration < 400_000 {
        descent.advance()
        identity.observe(descent)
      }
      #expect(descent.residualMax() < 1e-11)
      let (found, start) = (
        try #require(report.balancedness), try #require(report.initialBalancedness)
      )
      let error = try #require(report.errorEstimate?.deltaGap)
      for i in 0..<8 {
        let gap = abs(found[i] / (start[i] * identity.balancednessRatio[i]) - 1)
        #expect(gap <= error + 1e-10, "\(gap), \(error)")
      }
      #expect(
        distance(try #require(report.theta), NetworkQuantities.theta(descent.weightArray)) < 1e-6)
      #expect(try #require(report.certificate?.distance) < 1e-9)
      #expect(report.regimes?.position != nil)
    }
  }

  /// Corrected flows, whose tails are that of order 2 but for a linear term.
  @Test(arguments: [3, 4])
  func estimatesOfCorrectedFlows(_ order: Int) throws {
    var (delta, theta): ([Double], [Double]) = ([], [])
    var count = 0
    for seed in 1...36 {
      let instance = try Instance(UInt64(4000 + seed))
      let lambda = min(instance.lambda, 3)
      guard
        let flow = try? FlowSpecification(
          kind: .corrected(order: order), lambda: lambda, stepper: "taylor", relative: 1e-15, absolute: 0,
          step: lambda * [0.01, 0.1, 0.3, 0.6][seed % 4]),
        let found = try? ratios(instance, .flow(flow))
      else { continue }
      count += 1
      delta += found.delta
      theta += found.theta
    }
    #expect(count >= 20, "\(count)")
    #expect(median(delta) < 60 && median(delta, 0.95) < 1000, "\(median(delta)), \(median(delta, 0.95))")
  }

  /// Projection against plain integration, or iteration, to a residual of 1e-12.
  @Test(arguments: [UInt64(3), 4, 5, 6])
  func equalsLongRuns(_ seed: UInt64) throws {
    let problem = try SyntheticProblem(samples: 5, features: 8, nonzeros: 2, mean: Double(seed % 2), seed: seed)
      .problem()
    let setup = try Setup(problem: problem, start: Initialization(alpha: 0.2, features: 8))
    for subject in [
      LimitSubject.flow(try FlowSpecification(kind: .gf, lambda: nil, stepper: "taylor", relative: 1e-15, absolute: 0)),
      .flow(try FlowSpecification(kind: .mgf, lambda: 0.7, stepper: "taylor", relative: 1e-15, absolute: 0)),
      .flow(try FlowSpecification(kind: .mgf, lambda: 30, stepper: "taylor", relative: 1e-15, absolute: 0)),
      .descent(try DescentSettings(gamma: 0.01, beta: 0.9)), .descent(try DescentSettings(gamma: 0.03, beta: 0)),
      .descent(try DescentSettings(gamma: 0.02, beta: 0.8, method: .nesterov)),
    ] {
      func run(_ route: LimitRoute) throws -> Measurements {
        try limit(
          setup, of: subject,
          LimitCriteria(route: route, deltaTolerance: 1e-11, residualTolerance: 1e-12, maximumTime: 1e6))
      }
      let (project, integrate) = (try run(.project), try run(.integrate))
      let (a, b) = (try #require(project.balancedness), try #require(integrate.balancedness))
      #expect(zip(a, b).allSatisfy { abs($0 / $1 - 1) < 3e-11 })
      let theta = try #require(project.theta)
      #expect(distance(theta, try #require(integrate.theta)) < 1e-9)
      // θ̃₀ does not depend on when it is computed.
      let starts = [project, integrate].map { $0.perturbedStart ?? [] }
      #expect(distance(starts[0], starts[1]) < 1e-7 * max(1, largest(starts[0])))
    }
  }

  /// Gradient flow needs no integration, whatever α: Δ∞ = Δ₀, θ∞ interpolates and tends to the sparse θ* as α → 0.
  @Test(arguments: [1, 0.1, 1e-3, 1e-10, 1e-40, 1e-120, 1e-150])
  func gradientFlowFromAnyScale(_ alpha: Double) throws {
    let problem = try SyntheticProblem(samples: 20, features: 30, nonzeros: 3, seed: 1).problem()
    let setup = try Setup(problem: problem, start: Initialization(alpha: alpha, features: 30))
    let gf = try FlowSpecification(kind: .gf, lambda: nil, stepper: "taylor", relative: 1e-15, absolute: 0)
    let report = try limit(
      setup, of: .flow(gf),
      LimitCriteria(route: .project, deltaTolerance: 1e-10, residualTolerance: 1e-9, maximumTime: 1))
    #expect(report.isComplete)
    #expect(report.json.number("gradient_evaluations") == 0)
    #expect(report.balancedness == report.initialBalancedness)
    let certificate = try #require(report.certificate)
    #expect(try #require(certificate.interpolation) < 1e-12)
    let theta = try #require(report.theta)
    let truth = try #require(problem.truth)
    if alpha <= 1e-10 { #expect(distance(theta, truth) < 1e-5) }
    if alpha <= 1e-40 { #expect(distance(theta, truth) < 1e-12) }
    if alpha >= 1e-3 { #expect(try #require(certificate.rowSpace) < 1e-12) }
  }

  /// Duplicated rows, and more rows than features: rank-deficient X is nothing special.
  @Test func rankDeficientDesigns() throws {
    let base = try SyntheticProblem(samples: 4, features: 7, nonzeros: 2, seed: 9).problem()
    let rows = (0..<4).map { i in (0..<7).map { base.design[i, $0] } }
    let order = [0, 1, 2, 3, 1, 3, 3, 0, 2, 1]
    let problem = try RegressionProblem(
      name: "repeated", design: DesignMatrix(rows: 10, columns: 7, elements: order.flatMap { rows[$0] }),
      response: order.map { base.response[$0] })
    let setup = try Setup(problem: problem, start: Initialization(alpha: 0.1, features: 7))
    #expect(try setup.rowSpace.rank == 4)
    let flow = try FlowSpecification(kind: .mgf, lambda: 2, stepper: "taylor", relative: 1e-15, absolute: 0)
    let reports = try LimitRoute.allCases.map {
      try limit(
        setup, of: .flow(flow),
        LimitCriteria(route: $0, deltaTolerance: 1e-10, residualTolerance: 1e-11, maximumTime: 1e5))
    }
    #expect(reports.allSatisfy { $0.isComplete })
    let deltas = reports.map { $0.balancedness ?? [] }
    #expect(zip(deltas[0], deltas[1]).allSatisfy { abs($0 / $1 - 1) < 3e-10 })
  }

  /// A coordinate that starts at w₋ = 0 stays there; its Δ is zero and its Δ∞ has no relative error.
  @Test func vanishingWeights() throws {
    let problem = try SyntheticProblem(samples: 3, features: 5, nonzeros: 1, seed: 2).problem()
    let start = try Initialization(
      u: [0.1, 0.1, 0.2, 0.1, 0.1], v: [0.1, 0, 0, 0, 0], features: 5)
    let setup = try Setup(problem: problem, start: start)
    let flow = try FlowSpecification(kind: .mgf, lambda: 0.5, stepper: "taylor", relative: 1e-15, absolute: 0)
    let report = try limit(
      setup, of: .flow(flow),
      LimitCriteria(route: .project, deltaTolerance: 1e-9, residualTolerance: 1e-9, maximumTime: 1e5))
    #expect(report.isComplete, "\(report.failure ?? "")")
    #expect(report.balancedness?[0] == 0)
    #expect(try #require(report.certificate?.interpolation) < 1e-12)
  }

  /// What a review found, one by one: starts that interpolate already, weights that are all zero for some features, a
  /// projection that diverges, scales at which the balance identity says nothing.
  @Test func awkwardStarts() throws {
    func found(_ setup: Setup, _ subject: LimitSubject, maximumTime: Double = 1e6) throws -> Measurements {
      try limit(
        setup, of: subject,
        LimitCriteria(route: .project, deltaTolerance: 1e-9, residualTolerance: 1e-9, maximumTime: maximumTime))
    }
    let subjects: [LimitSubject] = [
      .flow(try FlowSpecification(kind: .gf, lambda: nil, stepper: "taylor", relative: 1e-15, absolute: 0)),
      .flow(try FlowSpecification(kind: .mgf, lambda: 1, stepper: "taylor", relative: 1e-15, absolute: 0)),
      .descent(try DescentSettings(gamma: 0.01, beta: 0.9)),
    ]
    let design = try DesignMatrix(rows: 2, columns: 3, elements: [1, 2, 0.5, -1, 0.3, 2])
    let zero = try RegressionProblem(name: "0", design: design, response: [0, 0])
    // One feature only may move, and it suffices.
    let single = try RegressionProblem(name: "1", design: design, response: [1, -1])
    let starts = [
      (zero, try Initialization(alpha: 0.1, features: 3)),
      (zero, try Initialization(u: [0.3, 0.2, 0.1], v: [0.1, 0.05, 0.1], features: 3)),
      (single, try Initialization(u: [0.1, 0, 0], v: [0, 0, 0], features: 3)),
      (single, try Initialization(u: [1, 0, 0], v: [1, 0, 0], features: 3)),
    ]
    for (problem, start) in starts {
      let setup = try Setup(problem: problem, start: start)
      for subject in subjects {
        let report = try found(setup, subject)
        #expect(report.isComplete, "\(problem.name): \(report.failure ?? "")")
        #expect(try #require(report.json.number("gradient_evaluations")) < 20_000)
        #expect(try #require(report.certificate?.interpolation) < 1e-9)
      }
    }
    // A start from which the first projection diverges is an outcome, no error.
    let large = try SyntheticProblem(samples: 100, features: 150, nonzeros: 5, seed: 1).problem()
    let equal = [Double](repeating: 0.1, count: 150)
    let runaway = try Setup(problem: large, start: Initialization(u: equal, v: equal, features: 150))
    #expect(try found(runaway, subjects[1], maximumTime: 20).isComplete == false)
    // α = 1e-120: Δ∞ differs from Δ₀ by many orders of magnitude.
    let saddle = try SyntheticProblem(samples: 5, features: 7, nonzeros: 2, seed: 1).problem()
    let tiny = try Setup(problem: saddle, start: Initialization(alpha: 1e-120, features: 7))
    let report = try found(tiny, subjects[1])
    #expect(report.isComplete, "\(report.failure ?? "")")
  }
}
