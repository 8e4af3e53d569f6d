import Comparison
import Descent
import Dynamics
import ImplicitBias
import RealModule

/// Δ∞, θ∞ and their certificate: the command `limit`. Layers and powers of depth 2 have the limits of the diagonal network that
/// moves as they do (`DiagonalTwin`), whose coordinates w± sign changes name.
///
/// Throws `InvalidInput` for settings that cannot be used, other networks, or a target outside the range of X.
public func limit(
  _ setup: Setup, of subject: LimitSubject, _ criteria: LimitCriteria, monitor: RunMonitor = RunMonitor()
) throws(InvalidInput) -> RunReport {
  try limit(setup, of: subject, criteria, monitor: monitor, programmeSize: 100_000)
}

/// The same; the minimum-ℓ1 interpolator is sought for X of at most `programmeSize` entries.
func limit(
  _ setup: Setup, of subject: LimitSubject, _ criteria: LimitCriteria, monitor: RunMonitor, programmeSize: Int
) throws(InvalidInput) -> RunReport {
  let (model, twin, asked) = (setup.model, try DiagonalTwin(setup), subject)
  let (subject, criteria) = (try twin.subject(subject), try twin.criteria(criteria))
  var setup = twin.setup
  if case .flow(let specification) = subject {
    guard specification.kind.order < 3 || criteria.route == .project else {
      throw InvalidInput(
        "\(.route, "integrate")", because: "the tail of \(specification.kind.rawValue) is known to the projection only",
        remedy: "choose \(.route, "project")")
    }
    setup = try specification.starting(setup)
  }
  setup = try setup.decomposed(monitor)
  let residualTolerance = criteria.residualTolerance(on: setup)
  try setup.requireSolvable(
    to: residualTolerance,
    option: criteria.route == .project ? "target" : "\(.residualTolerance, residualTolerance)")
  let run: LimitRun
  let lambda: Double
  switch subject {
  case .flow(let specification):
    var first = try LimitRun(setup, specification, criteria, monitor: monitor)
    try first.estimateIntegrationError(setup, specification, criteria, monitor: monitor)
    run = first
    lambda = specification.lambda
  case .descent(let settings):
    run = try LimitRun(setup, settings, criteria, monitor: monitor)
    lambda = settings.lambda
  }
  var report = RunReport(command: "limit", setup, outcome: run.outcome, failure: run.failure)
  var json = report.json
  model.describe(in: &json)
  json["route"] = .string(criteria.route.rawValue)
  switch asked {
  case .flow(let specification):
    json["flow"] = .string(specification.kind.rawValue)
    specification.describeLambda(in: &json)
    specification.describe(in: &json)
    if specification.kind == .gf, criteria.route == .project {
      for key in ["stepper", "rtol", "atol"] {
        json[key] = .null
        json["\(key)_reason"] = .string("the limit of gradient flow needs no integration")
      }
    }
  case .descent(let settings):
    json["method"] = .string(settings.method.rawValue)
    settings.describe(in: &json)
  }
  let result = run.limit
  json["time"] = .number(run.time / twin.pace)
  json["residual_at_projection"] = .number(run.residual)
  for (key, value) in run.cost.entries { json[key] = value }
  for (key, values) in [
    ("delta_0", result.initialBalancedness), ("delta_inf", result.balancedness), ("theta_inf", result.theta),
    ("theta_tilde_0", result.perturbedStart),
  ] {
    json[key] = .numbers(values)
    if !values.allSatisfy(\.isFinite) { json["\(key)_reason"] = .string("some entries overflow") }
  }
  // Where Δ∞ leaves the range of doubles, its logarithm is what can be read; null where Δ∞ is zero.
  if result.logBalancedness.contains(where: { $0.isFinite && $0 < Double.log(.leastNormalMagnitude) }) {
    json["delta_inf_log10"] = .numbers(result.logBalancedness.map { $0 / Double.log(10) })
  }
  if !run.farEpisodes.isEmpty { json["out_of_range"] = run.record.describe(run.farEpisodes) }
  json["residual_tolerance"] = .number(residualTolerance)
  json["delta_tolerance"] = .number(criteria.deltaTolerance)
  let certificate = try ImplicitBiasCertificate(
    setup.problem, rowSpace: setup.rowSpace, theta: result.theta, perturbedStart: result.perturbedStart,
    balancedness: result.balancedness)
  var certificateJSON = JSONObject()
  certificateJSON.set("interpolation", certificate.interpolation, otherwise: "the last iterate is not finite")
  certificateJSON.set("row_space", certificate.rowSpace, otherwise: "some Δ∞ is zero or not finite")
  certificateJSON.set(
    "distance", certificate.distance, otherwise: "some Δ∞ is zero, or the independent minimiser did not converge")
  json["certificate"] = .object(certificateJSON)
  if let value = try setup.rowSpace.neglectedValue {
    json["rank_note"] = .string(
      "X counts as of rank \(try setup.rowSpace.rank), and so do the error estimates: beyond that its singular values are at most "
        + "\(short(value)) of the largest, which rounding of its entries explains")
  }
  try describeRegime(
    setup, theta: result.theta, start: result.perturbedStart, programmeSize: programmeSize, monitor, in: &json)
  let deltaError = run.integrationError.map { result.balancednessError + $0.delta } ?? .nan
  let reason =
    run.integrationError == nil
    ? "the run did not end as asked, or the second one with a looser tolerance did not"
    : result.projectionError?.delta == .infinity
      ? "the limit cannot be projected from where the run ended"
      : result.balancednessError == .infinity
        ? "some weight fell below the range of doubles, where this method cannot follow it: start from a larger scale α"
        : "some Δ∞ is zero"
  var errors = JSONObject()
  errors.set("delta", deltaError, otherwise: reason)
  errors.set("theta", run.integrationError.map { result.thetaError + $0.theta }, otherwise: reason)
  json["error_estimate"] = .object(errors)
  json.set(
    "balance_check", result.balanceCheck, otherwise: "the additive identity is one of flows, not of discrete runs")
  json.set(
    "lambda_certified", setup.certifiedLambda(lambda: lambda).map { $0 / twin.pace },
    otherwise: "the initial residual or X is zero, or a weight starts with a log-velocity below −1/(2λ)")
  setup.setTestError(result.theta, in: &json)
  json["sign_changes"] = run.record.signChanges
  report.json = json
  if report.isComplete, !(deltaError <= criteria.deltaTolerance) {
    var remedy: Message = "loosen \(.deltaTolerance)"
    if case .flow(let specification) = subject, specification.tolerance.relative > 1e-15 {
      remedy = "tighten \(.relativeTolerance)"
    }
    report.failure =
      deltaError.isFinite
      ? "the error estimate of Δ∞, \(short(deltaError)), is above \(.deltaTolerance) "
        + "\(short(criteria.deltaTolerance)): \(remedy)"
      : "Δ∞ has no error estimate: \(reason)"
    report.isComplete = false
  } else if report.isComplete, criteria.route == .project, !(certificate.interpolation <= residualTolerance) {
    report.failure =
      "θ∞ misses the targets by \(short(certificate.interpolation)): the weights are too large for their differences to be "
      + "resolved; start from a smaller scale α"
    report.isComplete = false
  }
  if let failure = report.failure { report.json["failure"] = .string(failure.description) }
  return report
}
