import Descent
import Dynamics
import Experiments
import Foundation
import ImplicitBias
import LinearAlgebra
import RandomStreams
import Regression
import TestSupport
import Testing

/// The small-λ theorem: thresholds, slopes, sensitivities.
@Suite struct SmallLambdaTests {
  private func random(_ seed: UInt64) throws -> Setup {
    var stream = RandomStream(seed: seed, substream: 400)
    let n = 2 + stream.integer(below: 6)
    let d = n + 1 + stream.integer(below: 6)
    let problem = try SyntheticProblem(
      samples: n, features: d, nonzeros: min(2, d), mean: [0, 0, 1][stream.integer(below: 3)], seed: seed
    ).problem()
    return try Setup(
      problem: problem, start: Initialization(alpha: pow(10, -1.5 + 1.5 * stream.uniform()), features: d))
  }

  private func tiny() throws -> Setup {
    let reference = try ReferenceCase("tiny-3x5", "mgf_lambda_0.3")
    return try Setup(problem: reference.problem(), start: reference.start())
  }

  @Test func criticalLambdaOfTheReference() throws {
    let setup = try tiny()
    let certified = try #require(setup.certifiedLambda(lambda: 0))
    let critical = try CriticalLambda(setup, .flow, from: certified, tolerance: 1e-10)
    #expect(abs(critical.value - 0.58662) < 5e-6)
    #expect(critical.uncertainty <= 1e-10 * critical.value && critical.coordinate == 6)
    // Heavy ball comes to it to first order in ε.
    let gaps = try [0.02, 0.01].map { step in
      try CriticalLambda(setup, .descent(step: step, .heavyBall), from: certified, tolerance: 1e-7).value
        - critical.value
    }
    #expect(gaps[0] > 0 && abs(gaps[0] / gaps[1] - 2) < 0.1, "\(gaps)")
  }

  /// λ_cert ≤ λ_c, every Δ∞ < Δ₀ below λ_c, and no sign change at λ_cert, on 200 random instances.
  @Test func certifiedIsBelowCritical() throws {
    var ratios: [Double] = []
    for seed in 1...220 {
      let setup = try random(UInt64(seed))
      let certified = try #require(setup.certifiedLambda(lambda: 0), "seed \(seed)")
      #expect(try !SignedLimit(setup, lambda: certified, monitor: RunMonitor()).hasChange, "seed \(seed)")
      guard let critical = try? CriticalLambda(setup, .flow, from: certified, tolerance: 1e-3) else { continue }
      #expect(certified <= critical.value + critical.uncertainty, "seed \(seed)")
      ratios.append(critical.value / certified)
      guard seed % 10 == 0 else { continue }
      let limit = try CriticalLambda.Motion.flow.limit(
        setup, lambda: 0.99 * critical.value, monitor: RunMonitor())
      #expect(zip(limit.balancedness, limit.initialBalancedness).allSatisfy { $0 < $1 }, "seed \(seed)")
      // Just above, a weight has changed sign.
      #expect(try SignedLimit(setup, lambda: 1.01 * critical.value, monitor: RunMonitor()).hasChange, "seed \(seed)")
    }
    #expect(ratios.count >= 200, "\(ratios.count)")
    #expect(ratios.sorted()[ratios.count / 2] < 6)
  }

  /// Where weights leave the range of doubles on the way, λ_c still tends to where 4λ sup|g| = 1 as α → 0.
  @Test(arguments: [1e-120, 1e-150])
  func criticalBeyondTheRange(_ alpha: Double) throws {
    let problem = try SyntheticProblem(samples: 5, features: 8, nonzeros: 2, seed: 1).problem()
    let setup = try Setup(problem: problem, start: Initialization(alpha: alpha, features: 8))
    let critical = try CriticalLambda(
      setup, .flow, from: try #require(setup.certifiedLambda(lambda: 0)), tolerance: 1e-6)
    let gradient = try SignedLimit(setup, lambda: critical.value, monitor: RunMonitor()).largestGradient
    #expect(abs(4 * critical.value * gradient - 1) < 1e-3 && critical.coordinate == 4, "\(critical.value)")
  }

  /// −2∫g² against the limits at small λ, by extrapolation.
  @Test(arguments: [UInt64(1), 2, 3])
  func slopeAtZero(_ seed: UInt64) throws {
    let setup = try random(seed)
    let slope = try smallLambdaSlope(setup)
    func slopes(_ lambda: Double) throws -> [Double] {
      let flow = try FlowSpecification(kind: .mgf, lambda: lambda, stepper: "auto", relative: 1e-14, absolute: 0)
      let run = try LimitRun(
        setup, flow,
        LimitCriteria(route: .project, deltaTolerance: 1e-11, residualTolerance: 1e-10, maximumTime: 1e6),
        monitor: RunMonitor())
      return zip(run.limit.balancedness, run.limit.initialBalancedness).map { log($0 / $1) / lambda }
    }
    let (one, two) = (try slopes(2e-3), try slopes(1e-3))
    for i in slope.indices {
      let extrapolated = 2 * two[i] - one[i]
      #expect(abs(extrapolated - slope[i]) < 2e-4 * abs(slope[i]) + 1e-7, "\(extrapolated), \(slope[i])")
      #expect(slope[i] < 0)
    }
  }

  /// Variational equations against central differences of the limit itself, to 1e-7.
  @Test(arguments: [0.05, 0.5, 2])
  func sensitivitiesEqualDifferences(_ lambda: Double) throws {
    let setup = try tiny()
    let found = try LimitSensitivity(setup, lambda: lambda, deltaTolerance: 1e-10, maximumPasses: 10_000_000)
    #expect(found.outcome == .reached)
    func limit(_ lambda: Double) throws -> AsymptoticLimit {
      let flow = try FlowSpecification(kind: .mgf, lambda: lambda, stepper: "taylor", relative: 1e-15, absolute: 0)
      return try LimitRun(
        setup, flow,
        LimitCriteria(route: .project, deltaTolerance: 1e-12, residualTolerance: 1e-10, maximumTime: 1e6),
        monitor: RunMonitor()
      ).limit
    }
    let h = 1e-3 * lambda
    let points = try [-2.0, -1, 1, 2].map { try limit(lambda + $0 * h) }
    func difference(_ value: (AsymptoticLimit) -> Double) -> Double {
      let f = points.map(value)
      return (f[0] - 8 * f[1] + 8 * f[2] - f[3]) / (12 * h)
    }
    for i in 0..<5 {
      let delta = difference { log($0.balancedness[i]) }
      let theta = difference { $0.theta[i] }
      #expect(abs(found.balancedness[i] - delta) < 1e-7 * max(1, abs(delta)), "\(found.balancedness[i]), \(delta)")
      #expect(abs(found.theta[i] - theta) < 1e-7, "\(found.theta[i]), \(theta)")
    }
  }

  /// λ* is the least of a dense grid, for the flow and for heavy ball.
  @Test func optimalLambdaIsTheLeast() throws {
    let problem = try SyntheticProblem(samples: 10, features: 15, nonzeros: 2, mean: 2, seed: 5).problem()
    let setup = try Setup(problem: problem, start: Initialization(alpha: 0.1, features: 15))
    for motion in [CriticalLambda.Motion.flow, .descent(step: 0.01, .heavyBall)] {
      let best = try OptimalLambda(setup, motion, in: 0.01...1, tolerance: 1e-3)
      #expect(best.testError < best.plainError && best.uncertainty < 2e-3 * best.value)
      for k in 0...12 {
        let lambda = 0.01 * pow(100, Double(k) / 12)
        let theta = try motion.limit(setup, lambda: lambda, monitor: RunMonitor()).theta
        #expect(try #require(problem.testError(theta)) >= best.testError * (1 - 1e-6), "λ = \(lambda)")
      }
    }
  }

  /// 6 × 10 with two minima of the test error: the lower one lies at the far end of the range.
  @Test func allMinimaAreFound() throws {
    let folder = checkout + "Tests/Tables/two-minima/"
    func numbers(_ name: String) throws -> [Double] {
      try String(contentsOfFile: folder + name, encoding: .utf8).split { $0 == "," || $0.isNewline }.map {
        try #require(Double($0))
      }
    }
    let problem = try RegressionProblem(
      name: "two-minima", design: DesignMatrix(rows: 6, columns: 10, elements: numbers("X.csv")),
      response: numbers("y.csv"), truth: numbers("theta.csv"), test: .parameters)
    let setup = try Setup(problem: problem, start: Initialization(alpha: 0.3, features: 10))
    for effort in [OptimalLambda.Effort.thorough, .moderate] {
      let best = try OptimalLambda(setup, .flow, in: 1e-3...3, tolerance: 1e-4, effort: effort)
      #expect(best.value > 2.6 && best.value < 2.72 && abs(best.testError - 0.214) < 0.001, "\(best.minima)")
      #expect(
        best.minima.contains { abs($0.lambda - 0.0742) < 1e-3 && abs($0.testError - 0.437) < 1e-3 }, "\(best.minima)")
      for minimum in best.minima {
        #expect(minimum.width.contains(minimum.lambda) && (minimum.uncertainty > 0 || minimum.kind == .edge))
      }
    }
  }

  /// The slope of the test error, for each way of measuring it, against differences, which are exact for squares.
  @Test func slopeOfTheTestError() throws {
    let synthetic = try SyntheticProblem(samples: 4, features: 6, nonzeros: 2, mean: 1, seed: 3).problem()
    let other = try Instances.problem(5, 6, seed: 4)
    for test in [synthetic.test, .parameters, .heldOut(other.design, other.response)] {
      let problem = try RegressionProblem(
        name: "test", design: synthetic.design, response: synthetic.response, truth: synthetic.truth, test: test)
      let (theta, direction) = (Instances.normals(6, seed: 1), Instances.normals(6, seed: 2))
      let ends = try [1.0, -1].map { h in try #require(problem.testError(zip(theta, direction).map { $0 + h * $1 })) }
      let slope = try #require(problem.testErrorSlope(theta, along: direction))
      #expect(abs(slope - 0.5 * (ends[0] - ends[1])) < 1e-12 * (ends[0] + ends[1]))
    }
  }

  /// No λ of a dense grid is lower than the least minimum.
  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func nothingIsLowerThanTheLeastMinimum(_ seed: UInt64) throws {
    let setup = try random(seed)
    let best = try OptimalLambda(setup, .flow, in: 1e-2...3, tolerance: 1e-4, effort: .thorough)
    for k in 0..<200 {
      let lambda = 1e-2 * pow(300, Double(k) / 199)
      let limit = try CriticalLambda.Motion.flow.limit(setup, lambda: lambda, monitor: RunMonitor())
      let error = try #require(setup.problem.testError(limit.theta))
      #expect(error >= best.testError * (1 - 1e-4), "λ = \(lambda): \(error) < \(best.testError)")
    }
  }

  @Test func unusableRequests() throws {
    let setup = try tiny()
    for (step, tolerance, range) in [
      (nil, 0, nil), (nil, 1, nil), (0, 1e-3, nil), (nil, Double.nan, nil),
    ] as [(Double?, Double, ClosedRange<Double>?)] {
      #expect(throws: InvalidInput.self) { try ThresholdCriteria(step: step, tolerance: tolerance, range: range) }
    }
    // ε above λ_c: iterates with β = 0 change signs already.
    #expect(throws: InvalidInput.self) {
      try thresholds(setup, ThresholdCriteria(step: 50, tolerance: 1e-3, range: nil))
    }
    #expect(throws: InvalidInput.self) {
      try OptimalLambda(setup, .descent(step: 0.1, .heavyBall), in: 0.01...0.05, tolerance: 1e-3)
    }
  }
}
