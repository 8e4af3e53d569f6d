import Descent
import Dynamics
import Networks

/// How long a discrete run goes on.
public enum IterationRule: Sendable, Equatable {
  /// This many iterations.
  case count(Int)
  /// Until ‖Xθ − y‖∞ is at most `tolerance`, at most `maximum` iterations.
  case residual(tolerance: Double, maximum: Int)

  /// The most iterations where nobody says otherwise.
  public static let defaultMaximum = 10_000_000
}

/// One discrete run: the result and the record.
package struct DescentRun {
  package let descent: Descent
  package let result: DescentResult
  package let record: TrajectoryRecord
  package let wallSeconds: Double
  /// The exact identity, when it was asked for.
  package let identity: DiscreteIdentity?
  /// How far it came, when its budget ended it.
  let budgetEnd: BudgetEnd?

  package init(
    _ setup: Setup, _ settings: DescentSettings, stop: IterationRule, recording: IterateRecording,
    monitor: RunMonitor, looks: LookSchedule = .every(1), checkingIdentity: Bool = false,
    settled: (Descent) -> Bool = { _ in true }
  ) throws(InvalidInput) {
    let network = setup.network
    let descent = try Descent(network, settings, from: setup.start)
    let (total, tolerance): (Int, Double?) =
      switch stop {
      case .count(let count): (count, nil)
      case .residual(let tolerance, let maximum): (maximum, tolerance)
      }
    var identity = checkingIdentity ? DiscreteIdentity(descent) : nil
    let stop = monitor.stop(together: setup.problem.reduction)
    let pace = Pace("iteration", until: Double(total), monitor, isBound: tolerance != nil)
    let affordable = monitor.meter.remaining
    let clock = ContinuousClock()
    let began = clock.now
    result = descent.run(
      iterations: total, atMost: affordable, recording: recording, residualTolerance: tolerance, looks: looks,
      settled: settled,
      everyIteration: checkingIdentity ? { identity?.observe($0) } : nil
    ) { run in
      // Looking at the clock, the terminal and the signal flag every iteration would cost more than small iterations.
      guard run.iteration & 255 == 0 else { return nil }
      if recording == .every, run.iteration >= recordingLimit / (32 * network.dimension) {
        return .interrupted
      }
      monitor.progress(Double(run.iteration) / Double(total), "iteration \(run.iteration)")
      pace.observe(Double(run.iteration), steps: run.iteration)
      return stop()
    }
    monitor.meter.charge(descent.iteration)
    pace.observe(Double(descent.iteration), steps: descent.iteration)
    let seconds = (clock.now - began).inSeconds
    wallSeconds = seconds
    self.descent = descent
    self.identity = identity
    budgetEnd = BudgetEnd(
      result.outcome, pace, monitor, setup, settings, at: descent.weightArray, seeksLimit: looks == .sparse)
    // The run's own network counts its passes.
    let probe = setup.network
    var record = TrajectoryRecord(setup, occurrences: result.occurrences, isDiscrete: true)
    let iterates = result.iterates
    let times = iterates.times
    for index in iterates.iterations.indices {
      record.append(
        time: times[index], iteration: iterates.iterations[index], weights: iterates.weights[index],
        rates: iterates.rates[index], lambda: settings.lambda, network: probe)
    }
    self.record = record
  }
}

/// Runs the discrete method: the command `descend`.
///
/// Throws `InvalidInput` for settings that cannot be used; divergence is an outcome, with all before it kept.
package func descend(
  _ setup: Setup, _ settings: DescentSettings, stop: IterationRule, recording: IterateRecording,
  checkingIdentity: Bool = false, monitor: RunMonitor = RunMonitor()
) throws(InvalidInput) -> Measurements {
  let model = setup.model
  if case .residual(let tolerance, _) = stop {
    try model.requireResidual("\(.residual)")
    try setup.requireSolvable(to: tolerance, option: "\(.residual, tolerance)")
  }
  try requireRecordable(recording, stop, setup)
  let run = try DescentRun(
    setup, settings, stop: stop, recording: recording, monitor: monitor, checkingIdentity: checkingIdentity)
  let isBlock = setup.problem.reduction != nil
  let (problem, weights) = (setup.problem, run.descent.weightArray)
  let stability =
    isBlock || model != .standard
    ? nil
    : try monitor.perform("largest curvature", work: setup.gramWork) { () throws(InvalidInput) in
      try? Stability(problem, at: weights, settings)
    } ?? nil
  var failure = run.budgetEnd?.text
  if let at = run.result.divergedAt {
    failure = "the iterates diverged at iteration \(at)"
    if model == .standard {
      failure? +=
        "; γh reached \(stability.map { short($0.gammaH) } ?? "infinity") where "
        + "\(short(settings.stabilityLimit)) is the limit of stability"
    }
    failure? += ": choose a smaller step"
  }
  if run.result.outcome == .interrupted, !monitor.isInterrupted() { failure = recordingLimitReached }
  var result = Measurements("descend", setup, outcome: run.result.outcome, failure: failure)
  model.describe(in: &result)
  result.method = settings.method.rawValue
  result.iterations = run.descent.iteration
  if let at = run.result.divergedAt { result.divergedAt = at }
  settings.describe(in: &result)
  result.time = run.descent.time
  run.budgetEnd?.describe(in: &result)
  var end = TrajectoryRecord(setup, isDiscrete: true)
  end.append(
    time: run.descent.time, iteration: run.descent.iteration, weights: weights, rates: run.descent.rateArray,
    lambda: settings.lambda, network: run.descent.network)
  model.describe(end, "iterate", in: &result)
  result.wallSeconds = run.wallSeconds
  if let identity = run.identity {
    result.set(\.identityDefect, identity.defect, otherwise: "a weight is zero, or the iterates are not finite")
    result.deltaRatioByIdentity = identity.balancednessRatio
  }
  if let stability {
    result.stability = Measurements {
      $0.curvature = stability.curvature
      $0.gammaH = stability.gammaH
      $0.limit = stability.limit
      $0.regime = stability.regime.rawValue
    }
  } else {
    result.set(
      \.stability, nil,
      otherwise: model != .standard
        ? NetworkModel.standardOnly
        : isBlock ? "no process has all of X" : "the curvature at the last weights is not finite")
  }
  let theta = end.theta(at: 0)
  if let margins = end.margins.last { try model.describe(margins, theta: theta, setup, monitor, in: &result) }
  setup.describeEnd(theta: theta, run.record, in: &result)
  result.record = run.record
  return result
}

/// Throws `InvalidInput` when what is to be recorded is known to exceed `recordingLimit`.
private func requireRecordable(
  _ recording: IterateRecording, _ stop: IterationRule, _ setup: Setup
) throws(InvalidInput) {
  let total: Int? = if case .count(let count) = stop { count } else { nil }
  let states: Double =
    switch recording {
    case .every: Double(total ?? 0)
    case .even(let count): Double(min(count, total ?? count))
    case .logarithmic(let count): 8 * Double(count)
    case .at(let list): Double(list.count)
    case .endpoints: 2
    }
  try requireRecordable(states, numbers: 4 * setup.network.dimension)
}

extension DescentSettings {
  func describe(in result: inout Measurements) {
    result.lambda = lambda
    result.step = step
    result.gamma = gamma
    result.beta = beta
    if let batches {
      result.batch = batches.size
      result.replacement = batches.replacement
    }
  }
}
