import Comparison
import Descent
import DiagonalNetworks
import Dynamics
import RealModule

/// Runs the discrete method on a deep network or with another loss: the command `descend` with --network or --loss.
///
/// Throws `InvalidInput` for settings that cannot be used; divergence is an outcome, with all before it kept.
public func descend(
  _ setup: Setup, _ model: NetworkModel, _ settings: DescentSettings, stop: IterationRule,
  recording: IterateRecording, monitor: RunMonitor = RunMonitor()
) throws(InvalidInput) -> RunReport {
  let (total, tolerance): (Int, Double?) =
    switch stop {
    case .count(let count): (count, nil)
    case .residual(let tolerance, let maximum): (maximum, tolerance)
    }
  if let tolerance {
    try model.requireResidual("\(.residual)")
    try setup.requireSolvable(to: tolerance, option: "\(.residual, tolerance)")
  }
  let network = DeepNetwork(setup.problem, model.parametrization, model.loss)
  let run = try ObjectiveDescent(network, settings, weights: setup.start.weights, rates: setup.start.rates)
  var schedule = try Schedule(recording, total: tolerance == nil ? total : nil, numbers: 2 * network.dimension)
  let clock = ContinuousClock()
  let began = clock.now
  var states: [(iteration: Int, weights: [Double], rates: [Double])] = []
  var occurrences: [Occurrence] = []
  var outcome: Outcome?
  var divergedAt: Int?
  var isFull = false
  while outcome == nil {
    if schedule.wants(run.iteration) { states.append((run.iteration, run.weightArray, run.rateArray)) }
    if case .logarithmic(let count) = recording, states.count > 8 * count { thin(&states, settings, to: 4 * count) }
    if let tolerance {
      _ = network.value(run.weights)
      if network.residualMax <= tolerance { outcome = .residual }
    }
    if outcome == nil, run.iteration >= total { outcome = tolerance == nil ? .reached : .maxIterations }
    if outcome == nil, run.iteration & 255 == 0 {
      monitor.progress(Double(run.iteration) / Double(max(total, 1)), "iteration \(run.iteration)")
      isFull = states.count > recordingLimit / (16 * network.dimension)
      if isFull || monitor.isInterrupted() { outcome = .interrupted }
    }
    guard outcome == nil else { break }
    run.advance()
    if run.hasDiverged {
      divergedAt = run.iteration
      run.retreat()
      outcome = .diverged
    } else {
      occurrences += run.signChanges()
    }
  }
  if states.last?.iteration != run.iteration, schedule.takesLast {
    states.append((run.iteration, run.weightArray, run.rateArray))
  }
  if case .logarithmic(let count) = recording { thin(&states, settings, to: count) }
  let seconds = (clock.now - began).inSeconds

  func record(_ states: [(iteration: Int, weights: [Double], rates: [Double])]) -> NetworkRecord {
    var record = NetworkRecord(setup, model, isDiscrete: true)
    for state in states {
      record.append(
        time: Double(state.iteration) * settings.step, iteration: state.iteration, weights: state.weights,
        rates: state.rates, lambda: settings.lambda, network: network)
    }
    return record
  }
  var kept = record(states)
  kept.occurrences = occurrences
  let end = record([(run.iteration, run.weightArray, run.rateArray)])
  var failure: Message? = divergedAt.map { "the iterates diverged at iteration \($0): choose a smaller step" }
  if isFull { failure = recordingLimitReached }
  var report = RunReport(command: "descend", setup, outcome: outcome, failure: failure)
  var json = report.json
  model.describe(in: &json)
  json["method"] = .string(settings.method.rawValue)
  json["iterations"] = .integer(run.iteration)
  if let divergedAt { json["diverged_at"] = .integer(divergedAt) }
  settings.describe(in: &json)
  json["time"] = .number(run.time)
  model.describePoint(end, in: &json)
  json["wall_seconds"] = .number(seconds)
  json.set("stability", nil, otherwise: NetworkModel.standardOnly)
  if model.loss.isClassification { model.describeMargins(setup, end, in: &json) }
  model.describeEnd(setup, theta: end.theta(at: 0), kept, in: &json)
  report.json = json
  report.networkRecord = kept
  return report
}

private func thin(
  _ states: inout [(iteration: Int, weights: [Double], rates: [Double])], _ settings: DescentSettings, to count: Int
) {
  states = logarithmicSpread(of: states.map { Double($0.iteration) * settings.step }, count: count).map { states[$0] }
}

/// At which iterations a run is recorded.
private struct Schedule {
  private let recording: IterateRecording
  private var wanted: ArraySlice<Int> = []

  /// Throws `InvalidInput` when what is to be recorded is known to exceed the limit.
  init(_ recording: IterateRecording, total: Int?, numbers: Int) throws(InvalidInput) {
    self.recording = recording
    let states: Double =
      switch recording {
      case .every: Double(total ?? 0)
      case .even(let count): Double(min(count, total ?? count))
      case .logarithmic(let count): 8 * Double(count)
      case .at(let list): Double(list.count)
      case .endpoints: 2
      }
    try requireRecordable(states, numbers: numbers)
    switch recording {
    case .at(let list): wanted = list[...]
    case .even(let count):
      let total = total ?? 0
      let parts = min(max(count - 1, 1), max(total, 1))
      for j in 0...parts { wanted.append(Int((Double(j) / Double(parts) * Double(total)).rounded())) }
    case .every, .endpoints, .logarithmic: break
    }
  }

  /// Whether the last iterate is recorded wherever a run ends.
  var takesLast: Bool { if case .at = recording { false } else { true } }

  mutating func wants(_ iteration: Int) -> Bool {
    switch recording {
    case .every, .logarithmic: return true
    case .endpoints: return iteration == 0
    case .at, .even:
      var found = false
      while let next = wanted.first, next <= iteration {
        wanted.removeFirst()
        found = found || next == iteration
      }
      return found
    }
  }
}

/// The flow of a deep network against the iterates at matched λ for several steps: the command `compare` with --network or
/// --loss. The flow is recorded at all times kε.
///
/// Throws `InvalidInput` for settings that cannot be used.
public func compare(
  _ setup: Setup, _ model: NetworkModel, _ specification: FlowSpecification, method: DescentSettings.Method,
  steps: [Double], until end: Double, monitor: RunMonitor = RunMonitor()
) throws(InvalidInput) -> RunReport {
  let settings = try steps.map { (step) throws(InvalidInput) in
    try DescentSettings(lambda: specification.matchedLambda, step: step, method: method)
  }
  let counts = settings.map { (end / $0.step * (1 + 0x1p-40)).rounded(.down) }
  let width = model.parametrization.blockCount * setup.problem.featureCount
  try requireRecordable(counts.reduce(1, +), numbers: 4 * width)
  var times = Set<Double>()
  for (setting, count) in zip(settings, counts) {
    for k in 0...Int(count) { times.insert(min(Double(k) * setting.step, end)) }
  }
  let ordered = times.sorted()
  let flow = try NetworkRun(
    setup, model, specification, stop: .time(end), sampling: .times(ordered), monitor: monitor)
  let place = Dictionary(uniqueKeysWithValues: flow.record.times.enumerated().map { ($1, $0) })
  var outcome = flow.outcome
  var failure = flow.failure
  var rows: [JSONValue] = []
  var errors: [Double] = []
  for (setting, count) in zip(settings, counts) where outcome == .reached {
    let network = DeepNetwork(setup.problem, model.parametrization, model.loss)
    let run = try ObjectiveDescent(network, setting, weights: setup.start.weights, rates: setup.start.rates)
    var (largest, squares, last, thetaLargest) = (0.0, 0.0, 0.0, 0.0)
    for k in 0...Int(count) {
      if k > 0 { run.advance() }
      if run.hasDiverged {
        (outcome, failure) = (
          .diverged, "the iterates with step \(setting.step) diverged at iteration \(k); choose smaller steps"
        )
        break
      }
      if k & 255 == 0, monitor.isInterrupted() {
        outcome = .interrupted
        break
      }
      guard let index = place[min(Double(k) * setting.step, end)] else { continue }
      let w = run.weightArray
      last = 0
      for (a, b) in zip(w, flow.record.weights(at: index)) {
        last = largerOrNaN(last, abs(a - b))
        squares += (a - b) * (a - b)
      }
      largest = largerOrNaN(largest, last)
      for (a, b) in zip(model.parametrization.theta(w), flow.record.theta(at: index)) {
        thetaLargest = largerOrNaN(thetaLargest, abs(a - b))
      }
    }
    errors.append(largest)
    rows.append(
      .object([
        "step": .number(setting.step), "gamma": .number(setting.gamma), "beta": .number(setting.beta),
        "iterations": .integer(run.iteration), "max_error": .number(largest),
        "rms_error": .number((squares / (Double(width) * (count + 1))).squareRoot()), "final_error": .number(last),
        "theta_max_error": .number(thetaLargest),
      ]))
  }
  var report = RunReport(command: "compare", setup, outcome: outcome, failure: failure)
  var json = report.json
  model.describe(in: &json)
  json["flow"] = .string(specification.kind.rawValue)
  json["order"] = .integer(1)
  json["method"] = .string(method.rawValue)
  json["lambda"] = .number(specification.lambda)
  json["until"] = .number(end)
  specification.describe(in: &json)
  json["rows"] = .array(rows)
  let slope = convergenceOrder(steps: settings.prefix(errors.count).map(\.step), errors: errors)
  json.set("slope", slope, otherwise: "fewer than two steps have a finite error")
  json.set("limit_gap", nil, otherwise: NetworkModel.standardOnly)
  json["gradient_evaluations"] = .integer(flow.statistics.passes)
  json["wall_seconds"] = .number(flow.wallSeconds)
  report.json = json
  return report
}
