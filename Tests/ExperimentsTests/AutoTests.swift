import Dynamics
import Experiments
import Foundation
import LinearAlgebra
import Regression
import TestSupport
import Testing

/// The stepper that chooses between Taylor and Radau.
@Suite struct AutoTests {
  private func setup(_ alpha: Double, n: Int = 20, d: Int = 30, seed: UInt64 = 1) throws -> Setup {
    let problem = try SyntheticProblem(samples: n, features: d, nonzeros: 3, seed: seed).problem()
    return try Setup(problem: problem, start: Initialization(alpha: alpha, features: d))
  }

  private func flow(_ lambda: Double, _ stepper: String, _ relative: Double = 1e-9) throws -> FlowSpecification {
    try FlowSpecification(
      kind: lambda > 0 ? .mgf : .gf, lambda: lambda > 0 ? lambda : nil, stepper: stepper, relative: relative,
      absolute: 0)
  }

  /// Away from stiffness it is Taylor; in the tail it is Radau, and both agree.
  @Test(arguments: [0.01, 1, 10])
  func choosesWhatPays(_ lambda: Double) throws {
    let setup = try setup(0.1)
    let short = try FlowRun.run(
      setup, flow(lambda, "auto"), stop: .time(lambda > 0 ? 5 * lambda : 2), sampling: .endpoints)
    #expect(short.solution.statistics.implicitSteps == 0)
    let times = [1, 30, 1e3, 1e5]
    let auto = try FlowRun.run(setup, flow(lambda, "auto"), stop: .time(1e5), sampling: .times(times))
    let statistics = auto.solution.statistics
    #expect(statistics.implicitSteps > 0 && statistics.steps > statistics.implicitSteps)
    #expect(statistics.passes < 20_000, "\(statistics)")
    let radau = try FlowRun.run(setup, flow(lambda, "radau", 1e-12), stop: .time(1e5), sampling: .times(times))
    #expect(auto.record.times == times)
    for index in times.indices {
      #expect(distance(auto.record.weights(at: index), radau.record.weights(at: index)) < 1e-7)
    }
  }

  /// The same steps, whatever the number of threads or the time of day.
  @Test func isDeterministic() throws {
    let setup = try setup(1e-3)
    let runs = try (0..<2).map { _ in
      try FlowRun.run(setup, flow(1, "auto"), stop: .time(1e6), sampling: .endpoints)
    }
    #expect(runs[0].weights == runs[1].weights && runs[0].solution.statistics == runs[1].solution.statistics)
  }

  /// Sign changes are found on both sides of the hand-over, once each.
  @Test func eventsAcrossTheHandOver() throws {
    let setup = try setup(0.1)
    let auto = try FlowRun.run(setup, flow(1, "auto", 1e-12), stop: .time(6000), sampling: .endpoints)
    let taylor = try FlowRun.run(setup, flow(1, "taylor", 1e-14), stop: .time(6000), sampling: .endpoints)
    #expect(auto.solution.statistics.implicitSteps > 0 && auto.solution.occurrences.count > 10)
    #expect(auto.solution.occurrences.map(\.coordinate) == taylor.solution.occurrences.map(\.coordinate))
    for (a, b) in zip(auto.solution.occurrences, taylor.solution.occurrences) {
      #expect(abs(a.time - b.time) < 1e-8 * b.time)
    }
  }

  /// The limit of small scales, which plain Taylor would take minutes to hours for, in thousands of passes; against the
  /// limit of a run with a tenth of the tolerance.
  @Test(arguments: [0.01, 1e-3, 1e-6], [0.05, 1])
  func limitsOfSmallScales(_ alpha: Double, _ lambda: Double) throws {
    let setup = try setup(alpha)
    func found(_ relative: Double, _ tolerance: Double) throws -> Measurements {
      try limit(
        setup, of: .flow(flow(lambda, "auto", relative)),
        LimitCriteria(route: .project, deltaTolerance: tolerance, residualTolerance: 1e-9, maximumTime: 1e15))
    }
    let report = try found(1e-14, 1e-8)
    #expect(report.isComplete, "\(report.failure ?? "")")
    #expect(try #require(report.json.number("gradient_evaluations")) < 200_000)
    let finer = try found(1e-15, 1e-9)
    let (a, b) = (try #require(report.balancedness), try #require(finer.balancedness))
    let estimate = try #require(report.errorEstimate?.deltaGap)
    let error = zip(a, b).reduce(0) { max($0, abs($1.0 / $1.1 - 1)) }
    #expect(error <= estimate && error < 1e-8, "\(error) against \(estimate)")
    #expect(try #require(report.certificate?.distance) < 1e-11)
  }

  /// Gradient flow in dual coordinates against its closed form with n = d = 1: with w₊² = Δu, Δ = 2α², R = √(1 + α⁴),
  /// (u − u₂)/(u₁ − u) = e^{2Rt}(1 − u₂)/(u₁ − 1), u₁,₂ = (1 ± R)/α².
  @Test(arguments: [0.1, 1e-3, 1e-40, 1e-120])
  func dualCoordinatesInClosedForm(_ alpha: Double) throws {
    let problem = try RegressionProblem(
      name: "1", design: DesignMatrix(rows: 1, columns: 1, elements: [1]), response: [1])
    let setup = try Setup(problem: problem, start: Initialization(alpha: alpha, features: 1))
    let b = alpha * alpha
    let root = (1 + b * b).squareRoot()
    let (upper, lower) = ((1 + root) / b, -b / (1 + root))
    // Before, in and after the transition at e^{2t} ≈ 1/b.
    let middle = -0.5 * log(b)
    let times = [0.5 * middle, middle, middle + 3]
    let run = try FlowRun.run(
      setup, FlowSpecification(kind: .gf, lambda: nil, stepper: "radau", relative: 1e-12, absolute: 0),
      stop: .time(times[2]), sampling: .times(times))
    for (index, t) in times.enumerated() {
      let k = exp(2 * root * t + log((1 - lower) / (upper - 1)))
      let u = (k * upper + lower) / (1 + k)
      let w = Array(run.record.weights(at: index))
      #expect(abs(w[0] / (2 * b * u).squareRoot() - 1) < 1e-9, "w₊ at \(t): \(w[0])")
      #expect(abs(w[1] * (2 * b * u).squareRoot() / (2 * b) - 1) < 1e-9, "w₋ at \(t): \(w[1])")
    }
    #expect(run.energyDrift < 1e-10 && run.balanceCheck < 1e-13)
  }

  /// Dual coordinates = Taylor in w, on a problem with more samples than features, too.
  @Test(arguments: [(5, 9), (12, 4)])
  func dualCoordinatesEqualTaylor(_ n: Int, _ d: Int) throws {
    let problem = try SyntheticProblem(samples: n, features: d, nonzeros: 2, seed: 8).problem()
    let setup = try Setup(problem: problem, start: Initialization(alpha: 0.2, features: d))
    let times = [0.3, 2, 9]
    let runs = try [("auto", 1e-11), ("taylor", 1e-14)].map {
      try FlowRun.run(
        setup, FlowSpecification(kind: .gf, lambda: nil, stepper: $0.0, relative: $0.1, absolute: 0), stop: .time(9),
        sampling: .times(times))
    }
    for index in times.indices {
      #expect(distance(runs[0].record.weights(at: index), runs[1].record.weights(at: index)) < 1e-9)
    }
    #expect(distance(runs[0].gradientIntegral, runs[1].gradientIntegral) < 1e-9)
    #expect(distance(runs[0].rates, runs[1].rates) < 1e-9)
  }
}
