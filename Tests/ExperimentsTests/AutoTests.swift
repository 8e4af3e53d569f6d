import DiagonalNetworks
import Dynamics
import Experiments
import Foundation
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
  @Test(arguments: [0, 0.01, 1, 10])
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
    func found(_ relative: Double, _ tolerance: Double) throws -> RunReport {
      try limit(
        setup, of: .flow(flow(lambda, "auto", relative)),
        LimitCriteria(route: .project, deltaTolerance: tolerance, residualTolerance: 1e-9, maximumTime: 1e15))
    }
    let report = try found(1e-14, 1e-8)
    #expect(report.isComplete, "\(report.failure ?? "")")
    #expect(try #require(report.json.number("gradient_evaluations")) < 200_000)
    let finer = try found(1e-15, 1e-9)
    let (a, b) = (try #require(report.json.numbers("delta_inf")), try #require(finer.json.numbers("delta_inf")))
    let estimate = try #require(report.json.object("error_estimate")?.number("delta"))
    let error = zip(a, b).reduce(0) { max($0, abs($1.0 / $1.1 - 1)) }
    #expect(error <= estimate && error < 1e-8, "\(error) against \(estimate)")
    #expect(try #require(report.json.object("certificate")?.number("distance")) < 1e-11)
  }
}
