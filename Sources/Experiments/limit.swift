import Comparison
import Descent
import DiagonalNetworks
import Dynamics
import ImplicitBias

/// When the plain route to Δ∞ has gone far enough.
public struct LimitCriteria: Sendable, Equatable {
  /// The relative error allowed for every Δ∞.
  public let deltaTolerance: Double
  /// The largest residual ‖Xθ − y‖∞ allowed.
  public let residualTolerance: Double
  /// The longest time (discrete: kε) to run.
  public let maximumTime: Double
  /// The most passes over X to spend; nil for no bound.
  public let maximumPasses: Int?

  /// Throws `InvalidInput` unless the tolerances are positive and the time is positive and finite.
  public init(
    deltaTolerance: Double, residualTolerance: Double, maximumTime: Double, maximumPasses: Int? = nil
  ) throws(InvalidInput) {
    for (option, value) in [
      ("--delta-tolerance", deltaTolerance), ("--residual-tolerance", residualTolerance), ("--max-time", maximumTime),
    ] {
      guard value > 0, value.isFinite else {
        throw InvalidInput("\(option) \(value)", because: "it must be positive and finite")
      }
    }
    self.deltaTolerance = deltaTolerance
    self.residualTolerance = residualTolerance
    self.maximumTime = maximumTime
    self.maximumPasses = maximumPasses
  }
}

/// A run to its limit: Δ∞, θ∞ and what they cost.
struct LimitRun {
  private(set) var outcome: Outcome
  let failure: String?
  let limit: AsymptoticLimit
  let time: Double
  let residual: Double
  let record: TrajectoryRecord
  /// What it cost, as the JSON entries of its kind of run.
  private(set) var cost = JSONObject()

  /// How far the limit moved against a run with ten times the tolerance; nil when none was made.
  var integrationError: (delta: Double, theta: Double)?

  /// The limit of a flow.
  init(_ setup: Setup, _ specification: FlowSpecification, _ criteria: LimitCriteria, monitor: RunMonitor)
    throws(InvalidInput)
  {
    let layout = FlowLayout(specification.kind, features: setup.problem.featureCount)
    let lambda = specification.lambda
    let criterion = TailCriterion(setup.problem, lambda: lambda, tolerance: criteria.deltaTolerance)
    let run = try FlowRun.run(
      setup, specification, stop: .residual(tolerance: criteria.residualTolerance, maximum: criteria.maximumTime),
      sampling: .summary, monitor: monitor, maximumPasses: criteria.maximumPasses
    ) { view, network in
      guard let rates = layout.rates.isEmpty ? view.rate : view.state + layout.rates.lowerBound else { return false }
      return criterion.isMet(view.state, rates, loss: network.lossOfResidual, residual: network.residualMax)
    }
    limit = try AsymptoticLimit(
      setup.problem, start: setup.start, weights: run.weights, rates: run.rates, lambda: lambda,
      gradientIntegral: run.gradientIntegral, balanceIntegral: run.balanceIntegral,
      tailLambda: lambda)
    (outcome, failure) = (run.outcome, run.failure)
    time = run.solution.time
    residual = run.finalPoint(setup, lambda: lambda).residualMax
    record = run.record
    run.describeCost(in: &cost)
  }

  /// Integrates once more with ten times the tolerance: the distance of the two limits is about nine times the error
  /// of the first; half of it is kept, to be on the safe side.
  mutating func estimateIntegrationError(
    _ setup: Setup, _ specification: FlowSpecification, _ criteria: LimitCriteria, monitor: RunMonitor
  ) throws(InvalidInput) {
    guard outcome == .residual else { return }
    let looser = try LimitRun(setup, try specification.loosened(by: 10), criteria, monitor: monitor)
    for key in ["steps", "rejected_steps", "gradient_evaluations"] {
      if case (.integer(let a)?, .integer(let b)?) = (cost[key], looser.cost[key]) { cost[key] = .integer(a + b) }
    }
    if case (.number(let a)?, .number(let b)?) = (cost["wall_seconds"], looser.cost["wall_seconds"]) {
      cost["wall_seconds"] = .number(a + b)
    }
    if looser.outcome == .interrupted { outcome = .interrupted }
    guard looser.outcome == .residual else { return }
    let gap = AsymptoticGap(limit, looser.limit)
    integrationError = (
      0.5 * gap.balancedness, 0.5 * gap.theta * limit.theta.maximumMagnitude
    )
  }

  /// The limit of a discrete run. The time for which a weight coasts on, βε/(1−β), takes the place of λ.
  init(_ setup: Setup, _ settings: DescentSettings, _ criteria: LimitCriteria, monitor: RunMonitor)
    throws(InvalidInput)
  {
    let budget = min(criteria.maximumTime / settings.step, 1e15)
    let maximum = min(Int(budget.rounded(.up)), criteria.maximumPasses ?? .max)
    let coasting = settings.beta * settings.step / (1 - settings.beta)
    // The factor 2 is that of the tail of a discrete run.
    let criterion = TailCriterion(setup.problem, lambda: settings.lambda, tolerance: 0.5 * criteria.deltaTolerance)
    let run = try DescentRun(
      setup, settings, stop: .residual(tolerance: criteria.residualTolerance, maximum: maximum),
      recording: .endpoints, monitor: monitor
    ) { descent in
      descent.rateArray.withUnsafeBufferPointer { rates in
        rates.baseAddress.map {
          criterion.isMet(descent.weights, $0, loss: descent.loss(), residual: descent.residualMax())
        } ?? true
      }
    }
    let descent = run.descent
    limit = try AsymptoticLimit(
      setup.problem, start: setup.start, weights: descent.weightArray, rates: descent.rateArray, lambda: coasting,
      gradientIntegral: descent.gradientIntegral, balanceIntegral: nil,
      tailLambda: settings.lambda, tailFactor: 2)
    outcome = run.result.outcome
    failure = run.result.divergedAt.map { "the iterates diverged at iteration \($0); choose a smaller step" }
    time = descent.time
    residual = descent.residualMax()
    record = run.record
    cost["iterations"] = .integer(descent.iteration)
    cost["gradient_evaluations"] = .integer(descent.network.passes)
    cost["wall_seconds"] = .number(run.wallSeconds)
  }
}

/// Decides, once the residual is small, whether Δ is known to half of the tolerance asked for; the other half is for the
/// integration error.
///
/// The bound 2λE costs nothing and is tried each time; the tail's own estimate costs a singular value decomposition and
/// is tried whenever the residual has halved since the last time.
private final class TailCriterion {
  private let problem: RegressionProblem
  private let lambda: Double
  private let tolerance: Double
  private var lastResidual = Double.infinity

  init(_ problem: RegressionProblem, lambda: Double, tolerance: Double) {
    self.problem = problem
    self.lambda = lambda
    self.tolerance = 0.5 * tolerance
  }

  func isMet(
    _ w: UnsafePointer<Double>, _ v: UnsafePointer<Double>, loss: Double, residual: Double
  ) -> Bool {
    let d = problem.featureCount
    var kinetic = 0.0
    var smallest = Double.infinity
    for i in 0..<d {
      kinetic += v[i] * v[i] + v[d + i] * v[d + i]
      let extended = abs(w[i] * w[d + i] + lambda * (v[i] * w[d + i] + w[i] * v[d + i]))
      if w[i] != 0, w[d + i] != 0 { smallest = min(smallest, extended) }
    }
    if 2 * lambda * (loss + 0.25 * lambda * kinetic) <= tolerance * smallest { return true }
    guard residual <= 0.5 * lastResidual else { return false }
    lastResidual = residual
    let weights = Array(UnsafeBufferPointer(start: w, count: 2 * d))
    let rates = Array(UnsafeBufferPointer(start: v, count: 2 * d))
    guard let tail = try? Tail(problem, weights: weights, rates: rates, lambda: lambda) else { return false }
    return (0..<d).allSatisfy { w[$0] == 0 || w[d + $0] == 0 || tail.relativeChange[$0] <= tolerance }
  }
}

/// What a limit is asked of: a flow or a discrete method.
public enum LimitSubject: Sendable {
  /// A flow.
  case flow(FlowSpecification)
  /// A discrete method.
  case descent(DescentSettings)
}

/// Δ∞, θ∞ and their certificate by plain integration or iteration: the command `limit`.
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
  json["route"] = .string("integrate")
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
    "distance", nil, otherwise: "the independent minimiser (dual Newton) is not built yet")
  json["certificate"] = .object(certificateJSON)
  var errors = JSONObject()
  var integrationError = run.integrationError
  if case .descent = subject { integrationError = (0, 0) }
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
    report.failure =
      "the error estimate of Δ∞, \(short(deltaError)), is above --delta-tolerance "
      + "\(short(criteria.deltaTolerance)); tighten --rtol"
    report.isComplete = false
  }
  return report
}
