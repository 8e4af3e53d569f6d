import Dynamics
import RandomStreams

/// One of several parts of a study that are done apart, each by a process of its own into a store of its own.
///
/// Which run belongs to which shard is a matter of the study and the number of shards alone.
public struct Shard: Sendable, Equatable, CustomStringConvertible {
  /// Which one, from 1.
  public let index: Int
  /// How many there are.
  public let count: Int

  /// Reads I/N, such as 3/16. Throws `InvalidInput` for another form, or numbers out of range.
  public init(_ text: String) throws(InvalidInput) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let index = parts[0], let count = parts[1] else {
      throw InvalidInput(
        "\(.shard, text)", because: "it is not of the form I/N",
        remedy: "write for example 3/16, or $SLURM_ARRAY_TASK_ID/16 under sbatch --array=1-16")
    }
    guard 1...100_000 ~= count, 1...count ~= index else {
      throw InvalidInput(
        "\(.shard, text)", because: "shards are numbered from 1 to N, and N is at most 100,000",
        remedy: "with a Slurm job array write --array=1-N")
    }
    (self.index, self.count) = (index, count)
  }

  package init(index: Int, of count: Int) { (self.index, self.count) = (index, count) }

  public var description: String { "\(index)/\(count)" }

  /// Which runs of a study belong to it. Throws `InvalidInput` as `runCount` does.
  func membership(_ study: Study) throws(InvalidInput) -> [Bool] {
    try study.dealt(among: count).map { Int($0) == index - 1 }
  }
}

extension Study {
  /// The number of the shard, from 0, of each run, when there are `count` shards.
  ///
  /// Dealt are problems, whole when there are many; fewer ones are cut, into parts that still fill the lanes of a batch
  /// where runs share one. Neighbours on an axis cost alike: they are shuffled, always in the same way.
  package func dealt(among count: Int) throws(InvalidInput) -> [Int32] {
    func over(_ number: Int, _ divisor: Int) -> Int { (number + divisor - 1) / divisor }
    let isData = groups.map { $0.contains(where: \.setting.belongsToProblem) }
    let problems = zip(shape, isData).reduce(1) { $1.1 ? $0 * $1.0 : $0 }
    let runs = try runCount()
    let size = runs / problems
    // Eight parts a shard even out what they cost.
    let filling = min(over(8 * count, problems), size / (usesLanes ? 8 : 1))
    let parts = min(size, max(over(count, problems), filling))
    var stream = RandomStream(seed: 0, substream: 5)
    var shards = [Int32](repeating: 0, count: problems * parts)
    for (place, unit) in stream.permutation(of: shards.count).enumerated() { shards[unit] = Int32(place % count) }
    let places = stream.permutation(of: size)
    return (0..<runs).map { index in
      var (problem, rank) = (0, 0)
      for (k, place) in position(index).enumerated() {
        if isData[k] { problem = problem * shape[k] + place } else { rank = rank * shape[k] + place }
      }
      return shards[problem * parts + places[rank] * parts / size]
    }
  }
}
