import Descent
import DiagonalNetworks
import Dynamics
import ImplicitBias

/// Integrates one flow of a deep network or of another loss: the command `solve` with --network or --loss.
///
/// Throws `InvalidInput` for settings that cannot be used; failures on the way are reported in the result.
public func solve(
  _ setup: Setup, _ model: NetworkModel, _ specification: FlowSpecification, stop: StopRule, sampling: Sampling,
  monitor: RunMonitor = RunMonitor()
) throws(InvalidInput) -> RunReport {
  if case .residual(let tolerance, _) = stop {
    try model.requireResidual("\(.residual)")
    try setup.requireSolvable(to: tolerance, option: "\(.residual, tolerance)")
  }
  let run = try NetworkRun(setup, model, specification, stop: stop, sampling: sampling, monitor: monitor)
  var report = RunReport(command: "solve", setup, outcome: run.outcome, failure: run.failure)
  var json = report.json
  model.describe(in: &json)
  json["flow"] = .string(specification.kind.rawValue)
  specification.describeLambda(in: &json)
  specification.describe(in: &json)
  json["time"] = .number(run.time)
  model.describePoint(run.end, in: &json)
  json["energy"] = .number(run.end.energy[0])
  json["steps"] = .integer(run.statistics.steps)
  json["rejected_steps"] = .integer(run.statistics.rejectedSteps)
  json["gradient_evaluations"] = .integer(run.statistics.passes)
  json["local_error"] = .number(run.statistics.localError)
  json["wall_seconds"] = .number(run.wallSeconds)
  json.set("energy_drift", run.energyDrift, otherwise: "the initial energy is zero, or energies overflow")
  let isLinear = model.parametrization == .layers(depth: 1)
  let isPower: Bool = if case .layers = model.parametrization { false } else { true }
  let hasMomentum = specification.kind.hasMomentum
  json.set(
    "balance_check", isLinear || isPower && !hasMomentum ? nil : run.balanceCheck,
    otherwise: isLinear
      ? "a linear model has no balance"
      : (hasMomentum ? "the balance overflows" : "trivial for gradient flow, which conserves more: conserved_drift"))
  json.set(
    "conserved_drift", isLinear || hasMomentum ? nil : run.conservedDrift,
    otherwise: isLinear
      ? "a linear model conserves nothing"
      : (hasMomentum ? "only gradient flow conserves it" : "a weight is zero, or it overflows"))
  for key in ["curvature", "regime"] { json.set(key, nil, otherwise: NetworkModel.standardOnly) }
  if model.loss.isClassification {
    model.describeMargins(setup, run.end, in: &json)
    json.set(
      "direction_change", run.decades.last?.directionChange, otherwise: "the run spans no decade of time from 1 on")
    json["decades"] = .array(
      run.decades.map { decade in
        var row = JSONObject([
          "time": .number(decade.time), "steps": .integer(decade.steps), "loss": .number(decade.loss),
          "theta_l1": .number(decade.margins.norms.l1),
        ])
        row.set("margin_l1", decade.margins.l1, otherwise: "θ is zero")
        row.set("margin_l2", decade.margins.l2, otherwise: "θ is zero")
        row.set("direction_change", decade.directionChange, otherwise: "the first decade")
        return .object(row)
      })
  }
  model.describeEnd(setup, theta: run.end.theta(at: 0), run.record, in: &json)
  report.json = json
  report.networkRecord = run.record
  return report
}

extension NetworkModel {
  static let standardOnly = "computed for the diagonal network with the square loss only"

  /// Throws `InvalidInput` for losses that have no residual.
  func requireResidual(_ option: Message) throws(InvalidInput) {
    guard loss.isClassification else { return }
    throw InvalidInput(
      option, because: "the \(loss.rawValue) loss has no residual",
      remedy: "give a fixed end: \(.until, "T") or \(.iterations, "K")")
  }

  func describe(in json: inout JSONObject) {
    json["network"] = .string(parametrization.name)
    json["depth"] = .integer(parametrization.depth)
    json["loss_function"] = .string(loss.rawValue)
  }

  /// Loss and residual of the last state of `end`.
  func describePoint(_ end: NetworkRecord, in json: inout JSONObject) {
    json.set("loss", end.loss.last, otherwise: "it overflows at the last finite state")
    json.set(
      "residual_max", end.residualMax.last,
      otherwise: loss.isClassification
        ? "the \(loss.rawValue) loss has margins instead" : "it overflows at the last finite state")
  }

  /// The margins at the last state of `end`, and the largest there are.
  func describeMargins(_ setup: Setup, _ end: NetworkRecord, in json: inout JSONObject) {
    guard let last = end.margins.last else { return }
    json["separated"] = .bool(last.least > 0)
    json.set("margin", last.least, otherwise: "it overflows")
    json.set("margin_l1", last.l1, otherwise: "θ is zero")
    json.set("margin_l2", last.l2, otherwise: "θ is zero")
    let (n, d) = (setup.problem.sampleCount, setup.problem.featureCount)
    // The programmes are to take seconds at most.
    let isSmall = n <= 300 && n * d <= 400_000
    let missing =
      isSmall
      ? "the samples cannot be separated, or the programme was not solved"
      : "the programme is solved up to 300 samples and n·d = 400,000"
    json.set("largest_margin_l1", isSmall ? LargestMargin.l1(setup.problem)?.margin : nil, otherwise: missing)
    json.set("largest_margin_l2", isSmall ? LargestMargin.l2(setup.problem)?.margin : nil, otherwise: missing)
    json["direction"] = .numbers(direction(end.theta(at: end.count - 1)))
  }

  /// Test error, ‖θ‖₁, and what was recorded.
  func describeEnd(_ setup: Setup, theta: [Double], _ record: NetworkRecord, in json: inout JSONObject) {
    if loss.isClassification {
      json.set(
        "test_error", setup.problem.misclassified(theta), otherwise: "no row is held out (holdout)")
    } else {
      setup.setTestError(theta, in: &json)
    }
    json.set("theta_l1", theta.reduce(0) { $0 + abs($1) }, otherwise: "it overflows")
    json["samples"] = .integer(record.count)
    json["sign_changes"] = record.signChanges
  }
}
