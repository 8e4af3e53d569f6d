import Foundation

/// How this process was started: by itself, or as one of several by mpirun or srun.
///
/// It is read from the environment, before and without MPI: Open MPI's variables, those of the PMI of MPICH and Slurm,
/// and those of Slurm's PMIx.
public struct Launch: Sendable, Equatable {
  /// Which of the processes this is, from 0.
  public let rank: Int
  /// How many there are.
  public let size: Int

  /// Whether this program was built with the package trait MPI.
  public static var hasMPI: Bool {
    #if MPI
      true
    #else
      false
    #endif
  }

  /// From environment variables.
  public init(_ environment: [String: String] = ProcessInfo.processInfo.environment) {
    func number(_ name: String) -> Int? { environment[name].flatMap { Int($0) } }
    let pairs = [
      ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"), ("PMI_RANK", "PMI_SIZE"), ("PMIX_RANK", "SLURM_STEP_NUM_TASKS"),
    ]
    for (rankName, sizeName) in pairs {
      guard let rank = number(rankName), let size = number(sizeName), 0..<max(size, 1) ~= rank else { continue }
      (self.rank, self.size) = (rank, size)
      return
    }
    (rank, size) = (0, 1)
  }
}
