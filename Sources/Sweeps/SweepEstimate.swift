import Dynamics
import Experiments
import Synchronization

/// How many runs a study has, and about how long they take and how much memory: from a few of them, spread over the grid.
public struct SweepEstimate: Sendable {
  /// The number of runs.
  public let runs: Int
  /// Runs that were tried.
  public let sampled: Int
  /// How many of these were cut off after a second: then all take longer than is estimated.
  public let cutOff: Int
  /// About how many seconds all take; nil when no run ended in time.
  public let seconds: Double?
  /// About how much memory.
  public let megabytes: Double

  /// The time in words; nil when no run ended in time.
  public var duration: String? { seconds.map(Sweep.duration) }

  private static let samples = 13
  private static let secondsPerRun = 1.0

  /// Tries some runs, at most a second each. Throws `InvalidInput` when the problem cannot be loaded.
  public init(_ study: Study, filters: [RunFilter], _ shard: Shard? = nil, workers: Int) throws(InvalidInput) {
    let count = try study.runCount()
    var chosen = 0
    let own = try shard?.membership(study)
    if filters.isEmpty {
      chosen = own?.count { $0 } ?? count
    } else {
      for index in 0..<count where own?[index] != false {
        if filters.allSatisfy({ $0.admits(study.settings(index)) }) { chosen += 1 }
      }
    }
    runs = chosen
    let clock = ContinuousClock()
    var (total, tried, size, cut) = (0.0, 0, 0.0, 0)
    var loaded: (number: Int, setup: Setup)?
    for k in 0..<min(Self.samples, count) {
      // By the golden section, which falls into step with no axis.
      let place = 0.618033988749895 * (Double(k) + 0.5)
      let index = min(count - 1, Int((place - place.rounded(.down)) * Double(count)))
      let number = study.problemNumber(index)
      if loaded?.number != number {
        do throws(InvalidInput) {
          loaded = (number, try Run.load(study, study.settings(index)))
        } catch {
          throw study.origin.located(error)
        }
      }
      guard let setup = loaded?.setup, let run = try? Run(study, index, setup) else { continue }
      size = max(size, Double(setup.problem.sampleCount) * Double(setup.problem.featureCount))
      let began = clock.now
      let result = run.result(RunMonitor(isInterrupted: { (clock.now - began).inSeconds > Self.secondsPerRun }))
      total += (clock.now - began).inSeconds
      tried += 1
      if result.outcome == .interrupted { cut += 1 }
    }
    sampled = tried
    cutOff = cut
    // A run in a lane takes about 0.6 of the time that it takes by itself.
    let share = study.usesLanes ? 0.6 : 1
    seconds = tried > 0 ? share * total / Double(tried) * Double(chosen) / Double(workers) : nil
    // The process, X in three layouts and its singular vectors, what each worker has in hand, a number for each run.
    megabytes = 40 + (40 * size + 8 * size * Double(workers)) / 1e6 + 17 * Double(count) / 1e6
  }
}
