import Descent
import Dynamics

extension Setup {
  /// The columns that rank `rank` of `count` holds: as many each, up to one.
  static func block(_ rank: Int, of count: Int, features d: Int) -> Range<Int> {
    rank * d / count..<(rank + 1) * d / count
  }

  /// The features of one of the processes that share a run. Throws `InvalidInput` for fewer features than processes.
  func block(of team: any Reduction) throws(InvalidInput) -> Setup {
    guard team.size > 1 else { return self }
    guard model == .standard else {
      throw InvalidInput(
        "\(.network), \(.loss)",
        because: "only the diagonal network with the square loss is shared among processes")
    }
    let d = problem.featureCount
    guard d >= team.size else {
      throw InvalidInput(
        "mpirun -n \(team.size)", because: "there are \(d) features for \(team.size) processes", remedy: "start fewer")
    }
    let range = Self.block(team.rank, of: team.size, features: d)
    return try Setup(
      problem: problem.block(columns: range, leastColumns: d / team.size, sharedBy: team),
      start: start.block(range), preset: preset,
      seed: seed)
  }
}

/// Integrates one flow whose features a team of processes shares, if there are several: `solve` under mpirun. Gradient flow
/// and momentum gradient flow go by their Taylor series. All processes call it; rank 0 gets the result on all features.
///
/// The only messages are n numbers for each gradient, two for each step, and the states at the end.
/// Throws `InvalidInput` for what cannot be shared.
public func solve(
  _ setup: Setup, _ specification: FlowSpecification, stop: StopRule, sampling: Sampling, sharedBy team: any Reduction,
  monitor: RunMonitor = RunMonitor()
) throws(InvalidInput) -> Measurements? {
  let own = try setup.block(of: team)
  let series = team.size > 1 ? try specification.shared(stop) : specification
  let result = try solve(own, series, stop: stop, sampling: sampling, monitor: monitor)
  return share(result, setup, by: team)
}

extension FlowSpecification {
  /// The flow as processes share it. Throws `InvalidInput` for what cannot be shared.
  fileprivate func shared(_ stop: StopRule) throws(InvalidInput) -> FlowSpecification {
    guard kind == .gf || kind == .mgf else {
      throw InvalidInput(
        "\(.flow, kind.rawValue)", because: "corrected flows are not shared among processes",
        remedy: "choose gf or mgf")
    }
    guard case .time = stop else {
      throw InvalidInput(
        "\(.residual)", because: "no process has all of X to find out whether it can be reached",
        remedy: "give \(.until)")
    }
    guard method.hasSeries else {
      throw InvalidInput(
        "\(.stepper, method.name)", because: "processes share a run by its Taylor series only",
        remedy: "choose taylor")
    }
    return try with(stepper: "taylor")
  }
}

/// Runs the discrete method with the features shared by a team of processes: `descend` under mpirun. As `solve`.
public func descend(
  _ setup: Setup, _ settings: DescentSettings, stop: IterationRule, recording: IterateRecording,
  checkingIdentity: Bool = false, sharedBy team: any Reduction, monitor: RunMonitor = RunMonitor()
) throws(InvalidInput) -> Measurements? {
  if team.size > 1 {
    guard settings.batches == nil else {
      throw InvalidInput("\(.batch)", because: "minibatches are not shared among processes", remedy: "leave it out")
    }
    guard !checkingIdentity else {
      throw InvalidInput(
        "\(.identity)",
        because: "only plain runs of the diagonal network with the square loss are shared among processes")
    }
    guard case .count = stop else {
      throw InvalidInput(
        "\(.residual)", because: "no process has all of X to find out whether it can be reached",
        remedy: "give \(.iterations)")
    }
  }
  let result = try descend(
    try setup.block(of: team), settings, stop: stop, recording: recording, checkingIdentity: checkingIdentity,
    monitor: monitor)
  return share(result, setup, by: team)
}

/// The result on all features at rank 0; nil elsewhere.
private func share(_ result: Measurements, _ setup: Setup, by team: any Reduction) -> Measurements? {
  guard team.size > 1 else { return result }
  guard let own = result.record, let record = TrajectoryRecord(own, of: setup, joinedBy: team) else { return nil }
  var result = result
  result.record = record
  result.problem = setup.measurement
  result.ranks = team.size
  setup.describeEnd(theta: record.theta(at: record.count - 1), record, in: &result)
  return result
}
