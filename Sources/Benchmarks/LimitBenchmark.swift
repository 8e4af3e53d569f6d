import DiagonalNetworks
import Dynamics
import Experiments
import GSLSteppers
import GradientDynamics

/// The limit by projection (Δ∞ to 1e-9), certificate included, against integrating by rk8pd until the residual is below
/// 1e-13: at rtol 1e-12, without integrals, with this package's own kernel and with two OpenBLAS dgemv.
enum LimitBenchmark {
  static let header = [
    "n", "d", "alpha", "lambda", "seed", "T", "passes", "project_ms", "delta_estimate", "delta_difference",
    "theta_difference", "rk8pd_T", "rk8pd_passes", "rk8pd_dgemv_ms", "rk8pd_kernel_ms", "ratio_dgemv", "ratio_kernel",
  ]

  static func rows() throws -> [[String]] {
    Parallelism.confineToOneThread()
    defer { Parallelism.confineToOneThread(false) }
    return try [(1.0, 1), (1, 2), (1, 3), (0.1, 1), (10, 1)].map { try row(lambda: $0, seed: $1) }
  }

  private static func row(lambda: Double, seed: UInt64) throws -> [String] {
    let d = 30
    let problem = try SyntheticProblem(samples: 20, features: d, nonzeros: 3, seed: seed).problem()
    let start = try Initialization(alpha: 0.1, features: d)
    let criteria = try LimitCriteria(
      route: .project, deltaTolerance: 1e-9, residualTolerance: 1e-9, maximumTime: 1e6)
    let flow = try FlowSpecification(kind: .mgf, lambda: lambda, stepper: "taylor", relative: 1e-15, absolute: 0)
    func project() throws -> RunReport { try limit(Setup(problem: problem, start: start), of: .flow(flow), criteria) }
    let report = try project()

    func integrateToTheEnd(_ field: any DifferentiableField) throws -> Solution {
      let state = try InitialValueProblem(field, from: start.weights + start.rates)
      var stepper = try GSLStepper(.rk8pd, state, control: .adaptive(Tolerance(relative: 1e-12)))
      let network = DiagonalNetwork(problem)
      return try integrate(
        &stepper, until: 1e6,
        stoppingWhen: [
          StopCondition {
            guard $0.statistics.steps % 16 == 0 else { return nil }
            _ = network.value($0.state)
            return network.residualMax < 1e-13 ? .residual : nil
          }
        ])
    }
    func own() throws -> MomentumGradientFlow {
      try MomentumGradientFlow(DiagonalNetwork(problem), lambda: lambda, carryingIntegrals: false)
    }
    let far = try integrateToTheEnd(own())
    let plain = try TwoProductFlow(problem, lambda: lambda)
    var best = [Double](repeating: .infinity, count: 3)
    for _ in 0..<3 {
      best[0] = min(best[0], try seconds { _ = try project() })
      best[1] = min(best[1], try seconds { _ = try integrateToTheEnd(plain) })
      best[2] = min(best[2], try seconds { _ = try integrateToTheEnd(own()) })
    }
    let w = far.state
    let theta = (0..<d).map { 0.25 * (w[$0] * w[$0] - w[d + $0] * w[d + $0]) }
    let delta = report.json.numbers("delta_inf") ?? []
    let deltaDifference = delta.indices.reduce(0) { max($0, abs(abs(w[$1] * w[d + $1]) / delta[$1] - 1)) }
    let thetaDifference = zip(theta, report.json.numbers("theta_inf") ?? []).reduce(0) { max($0, abs($1.0 - $1.1)) }
    func number(_ key: String) -> String { report.json.number(key).map { short($0) } ?? "-" }
    return [
      "20", "\(d)", "0.1", short(lambda), "\(seed)", number("time"), number("gradient_evaluations"),
      short(best[0] * 1e3), short(report.json.object("error_estimate")?.number("delta") ?? .nan, digits: 2),
      short(deltaDifference, digits: 2), short(thetaDifference, digits: 2), short(far.time),
      "\(far.statistics.passes)", short(best[1] * 1e3), short(best[2] * 1e3), short(best[1] / best[0], digits: 3),
      short(best[2] / best[0], digits: 3),
    ]
  }
}
