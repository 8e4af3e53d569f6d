import Descent
import DiagonalNetworks
import Dynamics

extension Setup {
  /// The columns that rank `rank` of `count` holds: as many each, up to one.
  static func block(_ rank: Int, of count: Int, features d: Int) -> Range<Int> {
    rank * d / count..<(rank + 1) * d / count
  }

  /// The features of one of the processes that share a run. Throws `InvalidInput` for fewer features than processes.
  func block(of team: any Reduction) throws(InvalidInput) -> Setup {
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

/// Integrates one flow whose features several processes share: `solve` under mpirun. Gradient flow and momentum gradient
/// flow go by their Taylor series. All processes call it; rank 0 gets the report on all features.
///
/// The only messages are n numbers for each gradient, two for each step, and the states at the end.
/// Throws `InvalidInput` for what cannot be shared.
public func solve(
  _ setup: Setup, _ specification: FlowSpecification, stop: StopRule, sampling: Sampling, sharedBy team: any Reduction,
  monitor: RunMonitor = RunMonitor()
) throws(InvalidInput) -> RunReport? {
  guard specification.kind == .gf || specification.kind == .mgf else {
    throw InvalidInput(
      "\(.flow, specification.kind.rawValue)", because: "corrected flows are not shared among processes",
      remedy: "choose gf or mgf")
  }
  guard case .time = stop else {
    throw InvalidInput(
      "\(.residual)", because: "no process has all of X to find out whether it can be reached",
      remedy: "give \(.until)")
  }
  let series: FlowSpecification
  switch specification.method {
  case .taylor: series = specification
  case .auto: series = try specification.with(stepper: "taylor")
  default:
    throw InvalidInput(
      "\(.stepper, specification.method.name)", because: "processes share a run by its Taylor series only",
      remedy: "choose taylor")
  }
  var report = try solve(
    try setup.block(of: team), series, stop: stop, sampling: sampling, monitor: monitor)
  return try share(&report, setup, by: team)
}

/// Runs the discrete method with the features shared by several processes: `descend` under mpirun. As `solve`.
public func descend(
  _ setup: Setup, _ settings: DescentSettings, stop: IterationRule, recording: IterateRecording,
  sharedBy team: any Reduction, monitor: RunMonitor = RunMonitor()
) throws(InvalidInput) -> RunReport? {
  guard settings.batches == nil else {
    throw InvalidInput("\(.batch)", because: "minibatches are not shared among processes", remedy: "leave it out")
  }
  guard case .count = stop else {
    throw InvalidInput(
      "\(.residual)", because: "no process has all of X to find out whether it can be reached",
      remedy: "give \(.iterations)")
  }
  var report = try descend(
    try setup.block(of: team), settings, stop: stop, recording: recording, monitor: monitor)
  return try share(&report, setup, by: team)
}

/// The report on all features at rank 0; nil elsewhere.
private func share(
  _ report: inout RunReport, _ setup: Setup, by team: any Reduction
) throws(InvalidInput) -> RunReport? {
  guard let own = report.record, let record = TrajectoryRecord(own, of: setup, joinedBy: team) else { return nil }
  report.record = record
  report.json["problem"] = .object(setup.json)
  report.json["ranks"] = .integer(team.size)
  setup.describeEnd(theta: record.theta(at: record.count - 1), record, in: &report.json)
  return report
}
