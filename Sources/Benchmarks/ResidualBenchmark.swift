import Dynamics
import Experiments
import LinearAlgebra
import Regression

/// From t = 0 to residual 1e-9 at rtol 1e-9, events, integrals and report included: what `mgf solve --until-residual 1e-9`
/// takes; and how far its Δ∞ (`limit --route integrate`) is from that of the limit by projection: in units of the largest, and
/// coordinate by coordinate (where a weight has passed close to zero, digits are gone).
enum ResidualBenchmark {
  static let header = ["problem", "stepper", "t", "steps", "rejected", "passes", "ms", "delta_error", "delta_relative"]

  static func rows() throws -> [[String]] {
    Parallelism.confineToOneThread()
    defer { Parallelism.confineToOneThread(false) }
    let problems = [
      ("20x30", try SyntheticProblem(samples: 20, features: 30, nonzeros: 3, seed: 1).problem(), 25),
      ("gasoline", try RegressionProblem(tableAt: "data/gasoline.csv", target: "octane").standardized(), 3),
      ("leukemia", try RegressionProblem(tableAt: "data/leukemia.csv", target: "lineage").standardized(), 3),
    ]
    return try problems.flatMap { name, problem, rounds in
      try ["radau", "auto"].map { try row(name, problem, $0, rounds) }
    }
  }

  private static func row(
    _ name: String, _ problem: RegressionProblem, _ stepper: String, _ rounds: Int
  ) throws -> [String] {
    let setup = try Setup(problem: problem, start: Initialization(alpha: 1e-3, features: problem.featureCount))
    func flow(_ stepper: String, _ relative: Double) throws -> FlowSpecification {
      try FlowSpecification(kind: .mgf, lambda: 1, stepper: stepper, relative: relative, absolute: 0)
    }
    func run() throws -> FlowRun {
      try FlowRun.run(
        setup, flow(stepper, 1e-9), stop: .residual(tolerance: 1e-9, maximum: 1e9), sampling: .count(2))
    }
    var best = try run()
    for _ in 1..<rounds {
      let next = try run()
      if next.wallSeconds < best.wallSeconds { best = next }
    }
    func delta(_ stepper: String, _ relative: Double, _ route: LimitRoute) throws -> [Double] {
      let report = try limit(
        setup, of: .flow(flow(stepper, relative)),
        LimitCriteria(route: route, deltaTolerance: 1e-9, residualTolerance: 1e-9, maximumTime: 1e9))
      return report.balancedness ?? []
    }
    let (found, truth) = (try delta(stepper, 1e-9, .integrate), try delta("auto", 1e-13, .project))
    let errors = zip(found, truth).map { abs($0 - $1) }
    let relative = zip(errors, truth).reduce(0) { max($0, $1.0 / $1.1) }
    let overall = errors.maximumMagnitude / truth.maximumMagnitude
    let work = best.solution.statistics
    return [
      name, stepper, short(best.solution.time), "\(work.steps)", "\(work.rejectedSteps)", "\(work.passes)",
      short(best.wallSeconds * 1e3), short(overall, digits: 2), short(relative, digits: 2),
    ]
  }
}
