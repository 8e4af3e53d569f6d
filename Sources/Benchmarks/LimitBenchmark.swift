import Dynamics
import Experiments
import GSLSteppers
import LinearAlgebra
import Networks
import Regression

/// The limit by projection (Δ∞ to 1e-9), certificate included, against integrating by rk8pd at rtol 1e-12 until the
/// residual is below 1e-13: by the second route of the same command (`--route integrate`, which estimates its error, too),
/// and bare, without integrals, events or error estimate, with two OpenBLAS dgemv and with this package's own kernel.
enum LimitBenchmark {
  static let header = [
    "n", "d", "alpha", "lambda", "seed", "T", "passes", "project_ms", "delta_estimate", "delta_difference",
    "theta_difference", "rk8pd_T", "rk8pd_passes", "route_ms", "bare_dgemv_ms", "bare_kernel_ms", "ratio_route",
    "ratio_dgemv", "ratio_kernel",
  ]

  /// n, d, α, λ (0: gradient flow) and seed of each row.
  private static let cases: [(Int, Int, Double, Double, UInt64)] = [
    (20, 30, 0.1, 1, 1), (20, 30, 0.1, 1, 2), (20, 30, 0.1, 1, 3), (20, 30, 0.1, 0.1, 1), (20, 30, 0.1, 10, 1),
    (40, 100, 0.1, 1, 1), (20, 30, 0.1, 0, 1),
  ]

  static func rows() throws -> [[String]] {
    Parallelism.confineToOneThread()
    defer { Parallelism.confineToOneThread(false) }
    return try cases.map(row)
  }

  private static func row(_ n: Int, _ d: Int, _ alpha: Double, _ lambda: Double, _ seed: UInt64) throws -> [String] {
    let problem = try SyntheticProblem(samples: n, features: d, nonzeros: 3, seed: seed).problem()
    let start = try Initialization(alpha: alpha, features: d)
    let hasMomentum = lambda > 0
    func flow(_ stepper: String, _ relative: Double) throws -> LimitSubject {
      .flow(
        try FlowSpecification(
          kind: hasMomentum ? .mgf : .gf, lambda: hasMomentum ? lambda : nil, stepper: stepper, relative: relative,
          absolute: 0))
    }
    func project() throws -> Measurements {
      try limit(
        Setup(problem: problem, start: start), of: flow("taylor", 1e-15),
        LimitCriteria(route: .project, deltaTolerance: 1e-9, residualTolerance: 1e-9, maximumTime: 1e6))
    }
    func integrateByRoute() throws {
      _ = try limit(
        Setup(problem: problem, start: start), of: flow("rk8pd", 1e-12),
        LimitCriteria(route: .integrate, deltaTolerance: 1e-8, residualTolerance: 1e-13, maximumTime: 1e6))
    }
    let report = try project()

    func integrateToTheEnd(_ field: any DifferentiableField) throws -> Solution {
      let state = try InitialValueProblem(field, from: hasMomentum ? start.weights + start.rates : start.weights)
      let stepper = try GSLStepper(.rk8pd, state, control: .adaptive(Tolerance(relative: 1e-12)))
      let network = DiagonalNetwork(problem)
      return try integrate(
        stepper, until: 1e6,
        stoppingWhen: [
          StopCondition {
            guard $0.statistics.steps % 16 == 0 else { return nil }
            _ = network.value($0.state)
            return network.residualMax < 1e-13 ? .residual : nil
          }
        ])
    }
    func own() throws -> any DifferentiableField {
      hasMomentum
        ? try MomentumGradientFlow(DiagonalNetwork(problem), lambda: lambda, carryingIntegrals: false)
        : GradientFlow(DiagonalNetwork(problem), carryingIntegrals: false)
    }
    let far = try integrateToTheEnd(own())
    let plain: any DifferentiableField = hasMomentum ? try TwoProductFlow(problem, lambda: lambda) : try own()
    var best = [Double](repeating: .infinity, count: 4)
    for _ in 0..<3 {
      best[0] = min(best[0], try seconds { _ = try project() })
      best[1] = min(best[1], try seconds { try integrateByRoute() })
      best[2] = min(best[2], try seconds { _ = try integrateToTheEnd(plain) })
      best[3] = min(best[3], try seconds { _ = try integrateToTheEnd(own()) })
    }
    let w = far.state
    let theta = (0..<d).map { 0.25 * (w[$0] * w[$0] - w[d + $0] * w[d + $0]) }
    let delta = report.balancedness ?? []
    let deltaDifference = delta.indices.reduce(0) { max($0, abs(abs(w[$1] * w[d + $1]) / delta[$1] - 1)) }
    let thetaDifference = zip(theta, report.theta ?? []).reduce(0) { max($0, abs($1.0 - $1.1)) }
    return [
      "\(n)", "\(d)", short(alpha), hasMomentum ? short(lambda) : "gf", "\(seed)", report.time.map { short($0) } ?? "-",
      report.passes.map { "\($0)" } ?? "-", short(best[0] * 1e3),
      short(report.errorEstimate?.deltaGap ?? .nan, digits: 2),
      short(deltaDifference, digits: 2), short(thetaDifference, digits: 2), short(far.time),
      "\(far.statistics.passes)", short(best[1] * 1e3), hasMomentum ? short(best[2] * 1e3) : "-",
      short(best[3] * 1e3), short(best[1] / best[0], digits: 3),
      hasMomentum ? short(best[2] / best[0], digits: 3) : "-", short(best[3] / best[0], digits: 3),
    ]
  }
}
