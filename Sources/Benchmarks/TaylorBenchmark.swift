import DiagonalNetworks
import Dynamics
import Experiments
import GSLSteppers
import GradientDynamics
import TaylorSteppers

/// Taylor against GSL's rk8pd on the same field without integrals, to the same time.
///
/// The truth is a Taylor run of degree 30 at half the steps that rtol 1e-16 would take; rk8pd runs at the first of its
/// tolerances 1e-11, 1e-12, … with an error of at most 1e-14 (or that of its best), as the rival of equal accuracy.
enum TaylorBenchmark {
  static let header = [
    "n", "d", "alpha", "lambda", "T", "taylor_rtol", "taylor_error", "taylor_passes", "taylor_ms", "rk8pd_rtol",
    "rk8pd_error", "rk8pd_passes", "rk8pd_ms", "ratio",
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
    func initial() throws -> InitialValueProblem {
      let flow = try MomentumGradientFlow(DiagonalNetwork(problem), lambda: lambda, carryingIntegrals: false)
      return try InitialValueProblem(flow, from: start.weights + start.rates)
    }
    func taylor(_ relative: Double, degree: Int? = nil) throws -> Run {
      var stepper = try TaylorStepper(
        initial(), control: .adaptive(Tolerance(relative: relative)), degree: degree)
      return try run(&stepper, until: end)
    }
    func rk8pd(_ relative: Double) throws -> Run {
      var stepper = try GSLStepper(.rk8pd, initial(), control: .adaptive(Tolerance(relative: relative)))
      return try run(&stepper, until: end)
    }
    let truth = try taylor(1e-18, degree: 30).state
    func error(_ run: Run) -> Double {
      let w = 0..<2 * d
      return zip(run.state[w], truth[w]).reduce(0) { max($0, abs($1.0 - $1.1)) }
        / max(1, truth[w].reduce(0) { max($0, abs($1)) })
    }
    let own = 1e-15
    var rival = 1e-11
    while rival > 1e-15, try error(rk8pd(rival)) > 1e-14 { rival /= 10 }
    var (best, other): (Run?, Run?)
    for _ in 0..<5 {
      let (a, b) = (try taylor(own), try rk8pd(rival))
      if a.seconds < best?.seconds ?? .infinity { best = a }
      if b.seconds < other?.seconds ?? .infinity { other = b }
    }
    guard let best, let other else { return header }
    return [
      "\(problem.sampleCount)", "\(d)", "0.1", short(lambda), short(end), short(own), short(error(best), digits: 2),
      "\(best.passes)", short(best.seconds * 1e3), short(rival), short(error(other), digits: 2), "\(other.passes)",
      short(other.seconds * 1e3), short(other.seconds / best.seconds, digits: 3),
    ]
  }

  private static func run<S: Stepper & ~Copyable>(_ stepper: inout S, until end: Double) throws -> Run {
    let clock = ContinuousClock()
    let began = clock.now
    let solution = try integrate(&stepper, until: end)
    let span = (clock.now - began).components
    return Run(
      state: solution.state, passes: solution.statistics.passes,
      seconds: Double(span.seconds) + 1e-18 * Double(span.attoseconds))
  }
}
