import Dynamics
import Experiments
import Files
import Sweeps

/// What the explorer was started on.
public struct Subject: Sendable {
  /// The experiment that the page begins with; nil for its own.
  public var experiment: Experiment?
  /// Stores of sweeps.
  public var stores: [String] = []
  /// Trajectories.
  public var files: [String] = []

  /// Nothing yet: the page begins with a problem of its own.
  public init() {}

  /// Adds what a file holds: an experiment, a store or a trajectory, told by its ending. Throws `InvalidInput` for others.
  public mutating func add(_ path: String) throws(InvalidInput) {
    if [".sqlite", ".db"].contains(where: { path.hasSuffix($0) }) {
      _ = try SweepStore(reading: path)
      stores.append(path)
    } else if path.hasSuffix(".nc") {
      _ = try NetCDFInput.globalText("experiment", in: ArrayFile(path))
      files.append(path)
    } else if [".yaml", ".yml", ".json"].contains(where: { path.hasSuffix($0) }) {
      guard experiment == nil else {
        throw InvalidInput(path, because: "another experiment is there already", remedy: "name one")
      }
      experiment = path.hasSuffix(".json") ? try Self.result(path) : try ExperimentFile(path).experiment()
    } else {
      throw InvalidInput(
        path, because: "its ending tells no kind of file",
        remedy: "name an experiment (.yaml, .json), a store (.sqlite) or a trajectory (.nc)")
    }
  }

  /// An experiment in JSON, or that of a result.
  private static func result(_ path: String) throws(InvalidInput) -> Experiment {
    if let found = try? Experiment(of: path) { return found }
    return try ExperimentFile(path).experiment()
  }
}
