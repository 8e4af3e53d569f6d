import Dynamics
import Experiments
import Export

/// A question that the theory raises, as a sweep with a summary.
public enum NamedStudy: String, CaseIterable, Sendable, Codable {
  case order
  case acceleration
  case intrinsicLambda = "intrinsic-lambda"
  case sparsity
  case centring
  case perturbation
  case stochastic

  /// What the paper, or the theory, claims.
  public var claim: String {
    switch self {
    case .order:
      "Iterates at matched λ follow momentum gradient flow to order 1 in ε, its corrections to any order."
    case .acceleration:
      "At fixed λ, ε → ρε follows the same path in 1/ρ of the iterations, while β ≥ 0 and the iteration is stable."
    case .intrinsicLambda: "The outcome of heavy ball depends on γ and β through λ = γ/(1−β)² alone."
    case .sparsity: "A small λ shrinks Δ∞ and helps sparse recovery."
    case .centring: "Momentum helps the more, the further the features' mean is from zero."
    case .perturbation: "The perturbed initialisation θ̃₀ is negligible beside θ∞."
    case .stochastic:
      "The noise of minibatches shrinks Δ∞ further, the more the smaller the batch, and helps sparse recovery."
    }
  }

  /// The grid of runs, with `seeds` repetitions.
  public func study(seeds: Int) throws(InvalidInput) -> Study {
    let seedAxis = "seed: {linear: [1, \(seeds), \(seeds)]}"
    let gaussian = "problem: {gaussian: {samples: 20, features: 30, nonzeros: 3}}"
    let text: String =
      switch self {
      case .order:
        """
        problem: {gaussian: {samples: 6, features: 10, nonzeros: 2}}
        method: heavy-ball
        fixed: {lambda: 0.5}
        axes: {order: [1, 2, 3, 4, 5], step: {log: [0.01, 0.08, 4]}, \(seedAxis)}
        stop: {until: 10}
        """
      case .acceleration:
        """
        \(gaussian)
        method: heavy-ball
        fixed: {lambda: 4, order: 1}
        axes: {step: {log: [0.004, 4, 13]}, \(seedAxis)}
        stop: {until: 100}
        """
      case .intrinsicLambda:
        """
        \(gaussian)
        method: heavy-ball
        axes: {gamma: {log: [1e-3, 0.1, 24]}, beta: {complement: [0, 0.97, 24]}, \(seedAxis)}
        stop: {delta_tolerance: 1e-5, max_iterations: 2000000}
        """
      case .sparsity:
        """
        problem: {gaussian: {features: 30}}
        method: mgf
        axes: {samples: [16, 20, 24], nonzeros: [2, 4], lambda: {log: [1e-3, 100, 11]}, alpha: [0.01, 0.1, 0.3], \(seedAxis)}
        stop: {delta_tolerance: 1e-5}
        """
      case .centring:
        """
        \(gaussian)
        method: mgf
        axes: {mean: {linear: [0, 5, 6]}, lambda: {log: [1e-3, 100, 16]}, \(seedAxis)}
        stop: {delta_tolerance: 1e-5}
        """
      case .stochastic:
        """
        \(gaussian)
        method: heavy-ball
        fixed: {step: 0.03}
        axes: {lambda: [0.03, 0.1, 0.3, 1], batch: [1, 2, 5, 10, 20], \(seedAxis)}
        stop: {delta_tolerance: 1e-3, max_iterations: 3000000}
        """
      case .perturbation:
        """
        \(gaussian)
        method: heavy-ball
        fixed: {step: 0.03}
        axes: {lambda: [0.03, 0.1, 0.3, 1, 3, 10], alpha: [0.03, 0.1, 0.3], batch: [1, 5, 20], \(seedAxis)}
        stop: {delta_tolerance: 1e-3, max_iterations: 3000000}
        """
      }
    guard seeds >= 1 else { throw InvalidInput("--seeds \(seeds)", because: "at least one repetition is needed") }
    return try Study(yaml: "name: \(rawValue)\n" + text, path: "study \(rawValue)")
  }

  /// The repetitions that finish in some seconds.
  public var defaultSeeds: Int { self == .intrinsicLambda ? 3 : 5 }

  /// The summary of a finished store. Throws `ExportError` when it cannot be read.
  public func report(_ store: SweepStore) throws(ExportError) -> StudyReport {
    let table = try ResultTable(store)
    return switch self {
    case .order: orderReport(table)
    case .acceleration: accelerationReport(table)
    case .intrinsicLambda: intrinsicReport(table)
    case .sparsity: sparsityReport(table)
    case .centring: centringReport(table)
    case .perturbation: perturbationReport(table)
    case .stochastic: stochasticReport(table)
    }
  }
}

/// What a study found.
public struct StudyReport: Sendable {
  /// The table.
  public let rows: [JSONObject]
  /// Numbers about all of it.
  public let summary: JSONObject
  /// What became of the claim, in words.
  public let verdict: String
  /// The figure.
  public let figure: Figure
}
