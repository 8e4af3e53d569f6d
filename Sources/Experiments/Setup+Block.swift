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

extension Measurements {
  /// The result on all features at rank 0, from what each process of a team has found of its own; nil elsewhere.
  func joined(_ setup: Setup, by team: any Reduction) -> Measurements? {
    guard team.size > 1 else { return self }
    guard let own = record, let record = TrajectoryRecord(own, of: setup, joinedBy: team) else { return nil }
    var result = self
    result.record = record
    result.problem = setup.measurements
    result.ranks = team.size
    setup.describeEnd(theta: record.theta(at: record.count - 1), record, in: &result)
    return result
  }
}
