import DiagonalNetworks
import Dynamics

/// Integrates one flow: the command `solve`.
///
/// Throws `InvalidInput` for settings that cannot be used; failures on the way are reported in the result.
public func solve(
  _ setup: Setup, _ specification: FlowSpecification, stop: StopRule, sampling: Sampling,
  monitor: RunMonitor = RunMonitor()
) throws(InvalidInput) -> RunReport {
  let setup = try specification.starting(setup)
  if case .residual(let tolerance, _) = stop {
    try setup.requireSolvable(to: tolerance, option: "\(.residual, tolerance)")
  }
  let run = try FlowRun.run(setup, specification, stop: stop, sampling: sampling, monitor: monitor)
  var report = RunReport(command: "solve", setup, outcome: run.outcome, failure: run.failure)
  var json = report.json
  json["flow"] = .string(specification.kind.rawValue)
  specification.describeLambda(in: &json)
  specification.describe(in: &json)
  json["time"] = .number(run.solution.time)
  let final = run.finalPoint(setup, lambda: specification.lambda)
  json["loss"] = .number(final.loss)
  json["residual_max"] = .number(final.residualMax)
  json["energy"] = .number(final.energy)
  run.describeCost(in: &json)
  run.budgetEnd?.describe(in: &json)
  json.set("energy_drift", run.energyDrift, otherwise: "the initial energy is zero, or energies overflow")
  json.set("balance_check", run.balanceCheck, otherwise: "the balancedness overflows")
  if !run.farEpisodes.isEmpty { json["out_of_range"] = run.record.describe(run.farEpisodes) }
  try describeCurvature(setup, run.weights, specification, monitor, in: &json)
  setup.describeEnd(theta: NetworkQuantities.theta(run.weights), run.record, in: &json)
  report.json = json
  report.record = run.record
  return report
}

/// The regime of the steepest mode of a flow: it oscillates when 4λh > 1 (Theory, eq. 9.1).
private func describeCurvature(
  _ setup: Setup, _ weights: [Double], _ specification: FlowSpecification, _ monitor: RunMonitor,
  in json: inout JSONObject
) throws(InvalidInput) {
  guard setup.problem.reduction == nil else {
    json["curvature"] = .null
    json["curvature_reason"] = .string("no process has all of X")
    return
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

  /// Loss, residual and energy at the end.
  package func finalPoint(_ setup: Setup, lambda: Double) -> (loss: Double, residualMax: Double, energy: Double) {
    var last = TrajectoryRecord(setup, occurrences: [], isDiscrete: false)
    last.append(
      time: solution.time, weights: weights, rates: rates, lambda: lambda, network: DiagonalNetwork(setup.problem))
    return (last.loss[0], last.residualMax[0], last.energy[0])
  }
}
