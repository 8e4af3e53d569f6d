import DiagonalNetworks
import Dynamics
import Experiments

/// The limit by projection against plain integration by rk8pd until the residual is below 1e-13.
enum LimitBenchmark {
  static let header = [
    "n", "d", "alpha", "flow", "project_ms", "passes", "estimate", "difference", "rk8pd_ms", "ratio",
  ]

  static func rows() throws -> [[String]] { [] }
}
