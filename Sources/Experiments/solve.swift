import Dynamics
import Networks

/// Integrates one flow of any network: the command `solve`.
///
/// Throws `InvalidInput` for settings that cannot be used; failures on the way are reported in the result.
public func solve(
  _ setup: Setup, _ specification: FlowSpecification, stop: StopRule, sampling: Sampling,
  monitor: RunMonitor = RunMonitor()
) throws(InvalidInput) -> RunReport {
  let (setup, model) = (try specification.starting(setup), setup.model)
  if case .residual(let tolerance, _) = stop {
    try model.requireResidual("\(.residual)")
    try setup.requireSolvable(to: tolerance, option: "\(.residual, tolerance)")
  }
  let run = try FlowRun.run(setup, specification, stop: stop, sampling: sampling, monitor: monitor)
  var report = RunReport(command: "solve", setup, outcome: run.outcome, failure: run.failure)
  var json = report.json
  model.describe(in: &json)
  json["flow"] = .string(specification.kind.rawValue)
  specification.describeLambda(in: &json)
  specification.describe(in: &json)
  json["time"] = .number(run.solution.time)
  model.describe(run.end, in: &json)
  json["energy"] = .number(run.end.energy[0])
  run.describeCost(in: &json)
  run.budgetEnd?.describe(in: &json)
  model.describe(run.defects, hasMomentum: specification.kind.hasMomentum, in: &json)
  if !run.farEpisodes.isEmpty { json["out_of_range"] = run.record.describe(run.farEpisodes) }
  try describeCurvature(setup, run.weights, specification, monitor, in: &json)
  let theta = run.end.theta(at: 0)
  if let margins = run.end.margins.last {
    try model.describe(margins, theta: theta, setup, monitor, in: &json)
    json.set(
      "direction_change", run.decades.last?.directionChange, otherwise: "the run spans no decade of time from 1 on")
    json["decades"] = .array(run.decades.map(\.json))
  }
  setup.describeEnd(theta: theta, run.record, in: &json)
  report.json = json
  report.record = run.record
  return report
}

/// The regime of the steepest mode of a flow: it oscillates when 4λh > 1 (Theory, eq. 9.1).
private func describeCurvature(
  _ setup: Setup, _ weights: [Double], _ specification: FlowSpecification, _ monitor: RunMonitor,
  in json: inout JSONObject
) throws(InvalidInput) {
  guard setup.model == .standard else {
    for key in ["curvature", "regime"] { json.set(key, nil, otherwise: NetworkModel.standardOnly) }
    return
  }
  guard setup.problem.reduction == nil else {
    return json.set("curvature", nil, otherwise: "no process has all of X")
  }
  let problem = setup.problem
  let found = try monitor.perform("largest curvature", work: setup.gramWork) { () throws(InvalidInput) in
    try? Curvature.largest(problem, at: weights)
  }
  json.set("curvature", found ?? nil, otherwise: found == nil ? "the run was stopped" : "the weights are not finite")
  if let found, let h = found {
    json["regime"] = .string(4 * specification.lambda * h > 1 ? "oscillatory" : "monotone")
  }
}

extension FlowSpecification {
  func describeLambda(in json: inout JSONObject) {
    json.set("lambda", kind.hasMomentum ? matchedLambda : nil, otherwise: "gradient flow has no λ")
    if let step { json["step"] = .number(step) }
  }

  func describe(in json: inout JSONObject) {
    json["stepper"] = .string(method.name)
    json["rtol"] = .number(tolerance.relative)
    json["atol"] = .number(tolerance.absolute)
  }
}

extension FlowRun {
  func describeCost(in json: inout JSONObject) {
    json["steps"] = .integer(solution.statistics.steps)
    json["rejected_steps"] = .integer(solution.statistics.rejectedSteps)
    json["gradient_evaluations"] = .integer(solution.statistics.passes)
    json["local_error"] = .number(solution.statistics.localError)
    json["wall_seconds"] = .number(wallSeconds)
  }
}
