import Dynamics
import Experiments
import GSLSteppers
import LinearAlgebra
import Networks
import Regression
import TaylorSteppers

/// Taylor against GSL's rk8pd, to the same time, without integrals.
///
/// Each runs at its loosest tolerance with an error of at most 1e-14. The truth is a Taylor run of degree 30 at steps far
/// below any tolerance. rk8pd runs twice: with the gradient by two OpenBLAS dgemv, as one would write it without this
/// package (the ratio that counts), and with this package's own kernel.
enum TaylorBenchmark {
  static let header = [
    "n", "d", "lambda", "T", "taylor_rtol", "taylor_error", "taylor_passes", "taylor_ms", "rk8pd_rtol", "rk8pd_error",
    "rk8pd_passes", "rk8pd_dgemv_ms", "rk8pd_kernel_ms", "ratio_dgemv", "ratio_kernel",
  ]

  static func rows() throws -> [[String]] {
    Parallelism.confineToOneThread()
    defer { Parallelism.confineToOneThread(false) }
    var rows: [[String]] = []
    for (n, d, nonzeros, end, lambdas) in [
      (20, 30, 3, 200.0, [0.1, 1, 10]), (40, 100, 5, 200, [0.1, 1, 10]), (100, 1000, 10, 20, [0.1, 1, 10]),
      (200, 4000, 20, 10, [0.1, 1]),
    ] {
      let problem = try SyntheticProblem(samples: n, features: d, nonzeros: nonzeros, seed: 1).problem()
      for lambda in lambdas { rows.append(try row(problem, lambda, until: end)) }
    }
    return rows
  }

  private struct Run {
    let state: [Double]
    let passes: Int
    let seconds: Double
  }

  private static func row(_ problem: RegressionProblem, _ lambda: Double, until end: Double) throws -> [String] {
    let d = problem.featureCount
    let start = try Initialization(alpha: 0.1, features: d)
    func initial(_ field: any DifferentiableField) throws -> InitialValueProblem {
      try InitialValueProblem(field, from: start.weights + start.rates)
    }
    func flow() throws -> MomentumGradientFlow {
      try MomentumGradientFlow(DiagonalNetwork(problem), lambda: lambda, carryingIntegrals: false)
    }
    func taylor(_ relative: Double, degree: Int? = nil) throws -> Run {
      try run(
        TaylorStepper(initial(flow()), control: .adaptive(Tolerance(relative: relative)), degree: degree), until: end)
    }
    func rk8pd(_ relative: Double, _ field: any DifferentiableField) throws -> Run {
      try run(
        GSLStepper(.rk8pd, initial(field), control: .adaptive(Tolerance(relative: relative))), until: end)
    }
    let truth = try taylor(1e-18, degree: 30).state
    func error(_ run: Run) -> Double {
      let w = 0..<2 * d
      return zip(run.state[w], truth[w]).reduce(0) { max($0, abs($1.0 - $1.1)) }
        / max(1, truth[w].reduce(0) { max($0, abs($1)) })
    }
    func loosest(_ candidates: [Double], _ run: (Double) throws -> Run) throws -> Double {
      try candidates.first { try error(run($0)) <= 1e-14 } ?? candidates[candidates.count - 1]
    }
    let own = try loosest([1e-13, 3e-14, 1e-14, 3e-15, 1e-15]) { try taylor($0) }
    let rival = try loosest([1e-11, 3e-12, 1e-12, 3e-13, 1e-13, 3e-14, 1e-14]) { try rk8pd($0, flow()) }
    let plain = try TwoProductFlow(problem, lambda: lambda)
    var best: [Run] = []
    for round in 0..<7 {
      let runs = [try taylor(own), try rk8pd(rival, plain), try rk8pd(rival, flow())]
      best = round == 0 ? runs : zip(best, runs).map { $0.seconds < $1.seconds ? $0 : $1 }
    }
    return [
      "\(problem.sampleCount)", "\(d)", short(lambda), short(end), short(own), short(error(best[0]), digits: 2),
      "\(best[0].passes)", short(best[0].seconds * 1e3), short(rival), short(error(best[2]), digits: 2),
      "\(best[2].passes)", short(best[1].seconds * 1e3), short(best[2].seconds * 1e3),
      short(best[1].seconds / best[0].seconds, digits: 3), short(best[2].seconds / best[0].seconds, digits: 3),
    ]
  }

  private static func run(_ stepper: any Stepper, until end: Double) throws -> Run {
    let began = ContinuousClock.now
    let solution = try integrate(stepper, until: end)
    return Run(
      state: solution.state, passes: solution.statistics.passes, seconds: (ContinuousClock.now - began).inSeconds)
  }
}
