import Comparison
import Descent
import Dynamics
import ImplicitBias
import RealModule

/// Δ∞, θ∞ and their certificate: the command `limit`. Layers and powers of depth 2 have the limits of the diagonal network that
/// moves as they do (`DiagonalTwin`), whose coordinates w± sign changes name.
///
/// Throws `InvalidInput` for settings that cannot be used, other networks, or a target outside the range of X.
package func limit(
  _ setup: Setup, of subject: LimitSubject, _ criteria: LimitCriteria, monitor: RunMonitor = RunMonitor()
) throws(InvalidInput) -> Measurements {
  try limit(setup, of: subject, criteria, monitor: monitor, programmeSize: 100_000)
}

/// The same; the minimum-ℓ1 interpolator is sought for X of at most `programmeSize` entries.
func limit(
  _ setup: Setup, of subject: LimitSubject, _ criteria: LimitCriteria, monitor: RunMonitor, programmeSize: Int
) throws(InvalidInput) -> Measurements {
  let clock = ContinuousClock()
  let began = clock.now
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
  var result = Measurements("limit", setup, outcome: run.outcome, failure: run.failure)
  model.describe(in: &result)
  result.route = criteria.route.rawValue
  switch asked {
  case .flow(let specification):
    result.flow = specification.kind.rawValue
    specification.describeLambda(in: &result)
    specification.describe(in: &result)
    if specification.kind == .gf, criteria.route == .project {
      let reason = "the limit of gradient flow needs no integration"
      result.set(\.stepper, nil, otherwise: reason)
      result.set(\.relativeTolerance, nil, otherwise: reason)
      result.set(\.absoluteTolerance, nil, otherwise: reason)
    }
  case .descent(let settings):
    result.method = settings.method.rawValue
    settings.describe(in: &result)
  }
  let end = run.limit
  result.time = run.time / twin.pace
  result.residualAtProjection = run.residual
  result.merge(run.cost)
  let overflow = "some entries overflow"
  result.set(\.initialBalancedness, end.initialBalancedness, otherwise: overflow)
  result.set(\.balancedness, end.balancedness, otherwise: overflow)
  result.set(\.theta, end.theta, otherwise: overflow)
  result.set(\.perturbedStart, end.perturbedStart, otherwise: overflow)
  // Where Δ∞ leaves the range of doubles, its logarithm is what can be read; null where Δ∞ is zero.
  if end.logBalancedness.contains(where: { $0.isFinite && $0 < Double.log(.leastNormalMagnitude) }) {
    result.logBalancedness = end.logBalancedness.map { $0 / Double.log(10) }
  }
  if !run.farEpisodes.isEmpty { result.outOfRange = run.record.describe(run.farEpisodes) }
  result.residualTolerance = residualTolerance
  result.deltaTolerance = criteria.deltaTolerance
  let certificate = try ImplicitBiasCertificate(
    setup.problem, rowSpace: setup.rowSpace, theta: end.theta, perturbedStart: end.perturbedStart,
    balancedness: end.balancedness)
  var conditions = Measurements()
  conditions.set(\.interpolation, certificate.interpolation, otherwise: "the last iterate is not finite")
  conditions.set(\.rowSpace, certificate.rowSpace, otherwise: "some Δ∞ is zero or not finite")
  conditions.set(
    \.distance, certificate.distance, otherwise: "some Δ∞ is zero, or the independent minimiser did not converge")
  result.certificate = conditions
  if let value = try setup.rowSpace.neglectedValue {
    result.rankNote =
      "X counts as of rank \(try setup.rowSpace.rank), and so do the error estimates: beyond that its singular values are at most "
      + "\(short(value)) of the largest, which rounding of its entries explains"
  }
  try describeRegime(
    setup, theta: end.theta, start: end.perturbedStart, programmeSize: programmeSize, monitor, in: &result)
  let deltaError = run.integrationError.map { end.balancednessError + $0.delta } ?? .nan
  let reason =
    run.integrationError == nil
    ? "the run did not end as asked, or the second one with a looser tolerance did not"
    : end.projectionError?.delta == .infinity
      ? "the limit cannot be projected from where the run ended"
      : end.balancednessError == .infinity
        ? "some weight fell below the range of doubles, where this method cannot follow it: start from a larger scale α"
        : "some Δ∞ is zero"
  var errors = Measurements()
  errors.set(\.deltaGap, deltaError, otherwise: reason)
  errors.set(\.thetaGap, run.integrationError.map { end.thetaError + $0.theta }, otherwise: reason)
  result.errorEstimate = errors
  result.set(\.balanceCheck, end.balanceCheck, otherwise: "the additive identity is one of flows, not of discrete runs")
  result.set(
    \.lambdaCertified, setup.certifiedLambda(lambda: lambda).map { $0 / twin.pace },
    otherwise: "the initial residual or X is zero, or a weight starts with a log-velocity below −1/(2λ)")
  setup.setTestError(end.theta, in: &result)
  result.signChanges = run.record.signChanges
  // The decomposition of X and the certificate included, whether X was decomposed here or before.
  result.wallSeconds = (clock.now - began).inSeconds + setup.seconds
  if result.isComplete, !(deltaError <= criteria.deltaTolerance) {
    var remedy: Message = "loosen \(.deltaTolerance)"
    if case .flow(let specification) = subject, specification.tolerance.relative > 1e-15 {
      remedy = "tighten \(.relativeTolerance)"
    }
    result.failure =
      deltaError.isFinite
      ? "the error estimate of Δ∞, \(short(deltaError)), is above \(.deltaTolerance) "
        + "\(short(criteria.deltaTolerance)): \(remedy)"
      : "Δ∞ has no error estimate: \(reason)"
  } else if result.isComplete, criteria.route == .project, !(certificate.interpolation <= residualTolerance) {
    result.failure =
      "θ∞ misses the targets by \(short(certificate.interpolation)): the weights are too large for their differences to be "
      + "resolved; start from a smaller scale α"
  }
  return result
}
