import Dynamics
import Foundation
import MessagePassing

/// How a command takes part in an MPI job.
enum Team {
  /// Whether what is wrong is said by rank 0, which has met the same, and whose end is the end of all. It gets the time to
  /// say it; where it has nothing to say, this process speaks for itself.
  static func leavesWordToRankZero() -> Bool {
    guard isShared, Launch().rank > 0 else { return false }
    let clock = ContinuousClock()
    let began = clock.now
    while clock.now - began < .seconds(3) {
      if Interrupt.isSet { return true }
      usleep(10_000)
    }
    return false
  }

  /// Whether the processes of a job do this command together: what may run an experiment with a trajectory, and a sweep that is
  /// not divided into shards by hand.
  private static var isShared: Bool {
    let words = CommandLine.arguments.dropFirst()
    if ["solve", "descend", "run", "rerun"].contains(words.first) { return Launch().size > 1 }
    guard words.first == "sweep", !["status", "export", "merge"].contains(words.dropFirst().first) else { return false }
    return !words.contains { $0.hasPrefix("--shard") } && Launch().size > 1
  }

  /// Joins the job that this process belongs to. Throws `InvalidInput` when it belongs to one and MPI is not built in.
  static func join(_ command: String, sharded: Bool = false) throws -> Communicator {
    let launch = Launch()
    guard launch.size > 1, !sharded else { return .alone }
    guard Launch.hasMPI else {
      throw InvalidInput(
        "mgf \(command)", because: "\(launch.size) processes were started by mpirun, and this build does not know MPI",
        remedy: command == "sweep"
          ? "build with --traits MPI, start it once with --workers \(launch.size), or give each process its --shard I/N"
          : "build with --traits MPI, or start it without mpirun")
    }
    guard let communicator = Communicator.join(launch) else {
      throw InvalidInput("mpirun", because: "MPI cannot be started", remedy: "see what it says above")
    }
    return communicator
  }
}
