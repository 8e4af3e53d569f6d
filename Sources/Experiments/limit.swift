import Comparison
import Descent
import DiagonalNetworks
import Dynamics
import ImplicitBias

/// What a limit is asked of: a flow or a discrete method.
public enum LimitSubject: Sendable {
  /// A flow.
  case flow(FlowSpecification)
  /// A discrete method.
  case descent(DescentSettings)
}

/// Δ∞, θ∞ and their certificate: the command `limit`.
///
/// Throws `InvalidInput` for settings that cannot be used, or a target outside the range of X.
public func limit(
  _ setup: Setup, of subject: LimitSubject, _ criteria: LimitCriteria, monitor: RunMonitor = RunMonitor()
) throws(InvalidInput) -> RunReport {
  try setup.requireSolvable(
    to: criteria.residualTolerance, option: "--residual-tolerance \(criteria.residualTolerance)")
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
  json["route"] = .string(criteria.route.rawValue)
  switch subject {
  case .flow(let specification):
    json["flow"] = .string(specification.kind.rawValue)
    json.set("lambda", specification.kind == .mgf ? lambda : nil, otherwise: "gradient flow has no λ")
    specification.describe(in: &json)
  case .descent(let settings):
    json["method"] = .string(settings.method.rawValue)
    settings.describe(in: &json)
  }
  let result = run.limit
  json["time"] = .number(run.time)
  json["residual_at_projection"] = .number(run.residual)
  for (key, value) in run.cost.entries { json[key] = value }
  json["delta_0"] = .numbers(result.initialBalancedness)
  json["delta_inf"] = .numbers(result.balancedness)
  json["theta_inf"] = .numbers(result.theta)
  json["theta_tilde_0"] = .numbers(result.perturbedStart)
  if !result.perturbedStart.allSatisfy(\.isFinite) {
    json["theta_tilde_0_reason"] = .string("some entries overflow")
  }
  json["residual_tolerance"] = .number(criteria.residualTolerance)
  json["delta_tolerance"] = .number(criteria.deltaTolerance)
  let certificate = ImplicitBiasCertificate(
    setup.problem, rowSpace: setup.rowSpace, theta: result.theta, perturbedStart: result.perturbedStart,
    balancedness: result.balancedness)
  var certificateJSON = JSONObject()
  certificateJSON.set("interpolation", certificate.interpolation, otherwise: "the last iterate is not finite")
  certificateJSON.set("row_space", certificate.rowSpace, otherwise: "some Δ∞ is zero or not finite")
  certificateJSON.set(
    "distance", certificate.distance, otherwise: "some Δ∞ is zero, or the independent minimiser did not converge")
  json["certificate"] = .object(certificateJSON)
  var errors = JSONObject()
  let integrationError = run.integrationError
  let missing = "the run did not end as asked, or the second one with a looser tolerance did not"
  let deltaError = integrationError.map { result.balancednessError + $0.delta } ?? .nan
  errors.set("delta", deltaError, otherwise: integrationError == nil ? missing : "some Δ∞ is zero")
  errors.set("theta", integrationError.map { result.thetaError + $0.theta }, otherwise: missing)
  json["error_estimate"] = .object(errors)
  json.set(
    "balance_check", result.balanceCheck, otherwise: "the additive identity is one of flows, not of discrete runs")
  json.set(
    "lambda_certified", setup.certifiedLambda(lambda: lambda),
    otherwise: "the initial residual or X is zero, or a weight starts with a log-velocity below −1/(2λ)")
  setup.setTestError(result.theta, in: &json)
  json["sign_changes"] = run.record.signChanges
  report.json = json
  if report.isComplete, !(deltaError <= criteria.deltaTolerance) {
    var remedy = "loosen --delta-tolerance"
    if case .flow(let specification) = subject, specification.tolerance.relative > 1e-15 { remedy = "tighten --rtol" }
    report.failure =
      "the error estimate of Δ∞, \(short(deltaError)), is above --delta-tolerance "
      + "\(short(criteria.deltaTolerance)): \(remedy)"
    report.isComplete = false
  }
  return report
}
