import Descent
import Dynamics
import Experiments
import Foundation
import ImplicitBias
import Networks
import RandomStreams
import Regression
import TestSupport
import Testing

/// Tails taken in long steps against the iterations that they stand for.
@Suite struct SlowTailTests {
  private struct Instance {
    let setup: Setup
    let stream: RandomStream

    /// n = 2 … 13 (every eighth 21), d up to 45, α = 1e-3 … 0.06.
    init(_ seed: UInt64) throws {
      var stream = RandomStream(seed: seed, substream: 301)
      let n = seed % 8 == 0 ? 21 : 2 + stream.integer(below: 12)
      let d = seed % 8 == 0 ? 45 : n + 1 + stream.integer(below: 12)
      let problem = try SyntheticProblem(
        samples: n, features: d, nonzeros: min(1 + stream.integer(below: 5), d),
        mean: [0, 0, 1, 2][stream.integer(below: 4)], seed: seed
      ).problem()
      let alpha = pow(10, -3 + 1.8 * stream.uniform())
      setup = try Setup(problem: problem, start: Initialization(alpha: alpha, features: d))
      self.stream = stream
    }
  }

  private func run(
    _ setup: Setup, _ settings: DescentSettings, _ tail: LimitTail, _ tolerance: Double, passes: Int
  ) throws -> Measurements {
    try limit(
      setup, of: .descent(settings),
      LimitCriteria(
        route: .project, deltaTolerance: tolerance, residualTolerance: 1e-9, maximumTime: 1e15, maximumPasses: passes,
        tail: tail))
  }

  private func signChanges(_ report: Measurements) -> Int? {
    if case .array(let list)? = report.json["sign_changes"] { list.count } else { nil }
  }

  /// Random problems, rates up to near the limit of stability, three tolerances: no estimate below the true error; where
  /// no tail was taken the same bits.
  @Test(arguments: DescentSettings.Method.allCases)
  func equalsIteration(_ method: DescentSettings.Method) throws {
    var (count, ratios, gains): (Int, [Double], [Double]) = (0, [], [])
    for seed in UInt64(1)...60 {
      let instance = try Instance(seed + (method == .nesterov ? 1000 : 0))
      var stream = instance.stream
      let beta = [0, 0.3, 0.5, 0.8, 0.9, 0.97, 0.99][stream.integer(below: 7)]
      var settings = try DescentSettings(gamma: pow(10, -3 + 1.5 * stream.uniform()), beta: beta, method: method)
      if seed % 3 == 0 {
        // Up to 97 % of what the fastest mode at the limit allows.
        guard let theta = try run(instance.setup, settings, .auto, 1e-3, passes: 1_000_000).json.numbers("theta_inf")
        else { continue }
        let weights = theta.map { 2 * max($0, 0).squareRoot() } + theta.map { 2 * max(-$0, 0).squareRoot() }
        guard let fastest = try? Curvature.largest(instance.setup.problem, at: weights), fastest > 0 else { continue }
        let share = 0.5 + 0.47 * stream.uniform()
        settings = try DescentSettings(gamma: share * settings.stabilityLimit / fastest, beta: beta, method: method)
      }
      let tolerance = [1e-6, 1e-8, 1e-10][stream.integer(below: 3)]
      let auto = try run(instance.setup, settings, .auto, tolerance, passes: 4_000_000)
      let context: Comment = "seed \(seed), \(method), γ \(settings.gamma), β \(beta), δ \(tolerance)"
      guard auto.isComplete, let tail = auto.tail else {
        if auto.isComplete {
          let iterated = try run(instance.setup, settings, .iterate, tolerance, passes: 4_000_000)
          #expect(auto.balancedness == iterated.balancedness, context)
        }
        continue
      }
      // The truth by iteration alone, as precise as it goes.
      let truth = try run(instance.setup, settings, .iterate, 1e-11, passes: 30_000_000)
      guard truth.isComplete else { continue }
      count += 1
      let (delta, theta) = (
        try #require(auto.balancedness, context), try #require(auto.theta, context)
      )
      let (own, other) = (
        try #require(auto.errorEstimate, context),
        try #require(truth.errorEstimate, context)
      )
      let deltaGap = zip(delta, try #require(truth.balancedness, context)).reduce(0) {
        max($0, abs($1.0 / $1.1 - 1))
      }
      let thetaGap = distance(theta, try #require(truth.theta, context))
      let (deltaError, otherDelta) = (
        try #require(own.deltaGap, context), try #require(other.deltaGap, context)
      )
      #expect(deltaGap <= deltaError + otherDelta, context)
      #expect(thetaGap <= (own.thetaGap ?? 0) + (other.thetaGap ?? 0), context)
      #expect(signChanges(auto) == signChanges(truth), context)
      #expect((auto.iterations ?? 0) > (tail.fromIteration ?? .max), context)
      if deltaGap > 30 * otherDelta { ratios.append(deltaError / deltaGap) }
      let (cost, length) = (auto.json.number("gradient_evaluations"), auto.json.number("iterations"))
      if let cost, let length { gains.append(length / cost) }
    }
    ratios.sort()
    gains.sort()
    #expect(count >= 5, "\(count)")
    #expect(gains[gains.count / 2] > 1.2, "\(gains)")
  }

  /// What took 10⁷ iterations: with α = 0.003 at (21, 45) and small steps.
  @Test(arguments: DescentSettings.Method.allCases)
  func smallScales(_ method: DescentSettings.Method) throws {
    let problem = try SyntheticProblem(samples: 21, features: 45, nonzeros: 5, mean: 1, seed: 5).problem()
    let setup = try Setup(problem: problem, start: Initialization(alpha: 0.003, features: 45))
    for (gamma, beta) in [(0.0003, 0.5), (0.0001, 0.9), (0.0001, 0)] {
      let settings = try DescentSettings(gamma: gamma, beta: beta, method: method)
      let report = try run(setup, settings, .auto, 1e-10, passes: 10_000_000)
      #expect(report.isComplete, "\(report.failure ?? "")")
      #expect(try #require(report.json.number("iterations")) > 10_000_000)
      #expect(try #require(report.json.number("gradient_evaluations")) < 3_000_000)
    }
  }

  /// Minibatches are not concerned.
  @Test func minibatchesAreIterated() throws {
    let problem = try SyntheticProblem(samples: 5, features: 8, nonzeros: 2, mean: 1, seed: 4).problem()
    let setup = try Setup(problem: problem, start: Initialization(alpha: 0.01, features: 8))
    let settings = try DescentSettings(
      gamma: 0.003, beta: 0.8, batches: DescentSettings.Batches(size: 2, of: 5, replacement: false, seed: 7))
    let (auto, iterated) = (
      try run(setup, settings, .auto, 1e-8, passes: 300_000), try run(setup, settings, .iterate, 1e-8, passes: 300_000)
    )
    #expect(auto.tail == nil)
    #expect(auto.theta == iterated.theta)
  }
}
