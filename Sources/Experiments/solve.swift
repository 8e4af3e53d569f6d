import Dynamics
import Networks

/// Integrates one flow of any network: the command `solve`.
///
/// Throws `InvalidInput` for settings that cannot be used; failures on the way are reported in the result.
package func solve(
  _ setup: Setup, _ specification: FlowSpecification, stop: StopRule, sampling: Sampling, keepingPath: Bool = false,
  monitor: RunMonitor = RunMonitor()
) throws(InvalidInput) -> Measurements {
  let (setup, model) = (try specification.starting(setup), setup.model)
  if case .residual(let tolerance, _) = stop {
    try model.requireResidual("\(.residual)")
    try setup.requireSolvable(to: tolerance, option: "\(.residual, tolerance)")
  }
  let path = keepingPath ? FlowPath(setup, specification) : nil
  let run = try FlowRun.run(setup, specification, stop: stop, sampling: sampling, path: path, monitor: monitor)
  var result = Measurements("solve", setup, outcome: run.outcome, failure: run.failure)
  model.describe(in: &result)
  result.flow = specification.kind.rawValue
  specification.describeLambda(in: &result)
  specification.describe(in: &result)
  result.time = run.solution.time
  model.describe(run.end, in: &result)
  result.energy = run.end.energy[0]
  run.describeCost(in: &result)
  run.budgetEnd?.describe(in: &result)
  model.describe(run.defects, hasMomentum: specification.kind.hasMomentum, in: &result)
  if !run.farEpisodes.isEmpty { result.outOfRange = run.record.describe(run.farEpisodes) }
  try describeCurvature(setup, run.weights, specification, monitor, in: &result)
  let theta = run.end.theta(at: 0)
  if let margins = run.end.margins.last {
    try model.describe(margins, theta: theta, setup, monitor, in: &result)
    result.set(
      \.directionChange, run.decades.last?.directionChange, otherwise: "the run spans no decade of time from 1 on")
    result.decades = run.decades.map(\.measurement)
  }
  setup.describeEnd(theta: theta, run.record, in: &result)
  result.record = run.record
  result.path = path
  return result
}

/// The regime of the steepest mode of a flow: it oscillates when 4λh > 1 (Theory, eq. 9.1).
private func describeCurvature(
  _ setup: Setup, _ weights: [Double], _ specification: FlowSpecification, _ monitor: RunMonitor,
  in result: inout Measurements
) throws(InvalidInput) {
  guard setup.model == .standard else {
    result.set(\.curvature, nil, otherwise: NetworkModel.standardOnly)
    return result.set(\.regime, nil, otherwise: NetworkModel.standardOnly)
  }
  guard setup.problem.reduction == nil else {
    return result.set(\.curvature, nil, otherwise: "no process has all of X")
  }
  let problem = setup.problem
  let found = try monitor.perform("largest curvature", work: setup.gramWork) { () throws(InvalidInput) in
    try? Curvature.largest(problem, at: weights)
  }
  result.set(\.curvature, found ?? nil, otherwise: found == nil ? "the run was stopped" : "the weights are not finite")
  if let found, let h = found {
    result.regime = 4 * specification.lambda * h > 1 ? "oscillatory" : "monotone"
  }
}

extension FlowSpecification {
  func describeLambda(in result: inout Measurements) {
    result.set(\.lambda, kind.hasMomentum ? matchedLambda : nil, otherwise: "gradient flow has no λ")
    if let step { result.step = step }
  }

  func describe(in result: inout Measurements) {
    result.stepper = method.name
    result.relativeTolerance = tolerance.relative
    result.absoluteTolerance = tolerance.absolute
  }
}

extension FlowRun {
  func describeCost(in result: inout Measurements) {
    result.steps = solution.statistics.steps
    result.rejectedSteps = solution.statistics.rejectedSteps
    result.passes = solution.statistics.passes
    result.localError = solution.statistics.localError
    result.wallSeconds = wallSeconds
  }
}
