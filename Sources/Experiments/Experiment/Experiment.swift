import Dynamics
import Networks

/// Everything about a run that decides its result: the data and the start, the network, and what is asked.
///
/// The command line, experiment files and the grid points of studies make one, `run(on:)` carries it out, and the provenance
/// of what is written holds it, so that the same result can be had again.
public struct Experiment: Sendable, Equatable {
  /// The data and the start.
  public var problem: ProblemSpecification
  /// The network and the loss.
  public var network: NetworkModel
  /// What is asked.
  public var goal: Goal
  /// What it may cost; nil for what `WorkLimit.standardPasses` allows, in any time.
  public var limit: WorkLimit?

  /// An experiment from its parts.
  public init(
    _ problem: ProblemSpecification, network: NetworkModel = .standard, _ goal: Goal, limit: WorkLimit? = nil
  ) {
    self.problem = problem
    self.network = network
    self.goal = goal
    self.limit = limit
  }
}
