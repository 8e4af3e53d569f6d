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
  case smallLambda = "small-lambda"
  case optimalLambda = "optimal-lambda"
  case nesterov
  case saddleToSaddle = "saddle-to-saddle"
  case realData = "real-data"
  case depth

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
    case .smallLambda: "For small λ no weight changes sign and every Δ∞ < Δ₀: up to λ_c, which is at least λ_cert."
    case .optimalLambda: "There is a λ* > 0 of least test error, for the flow and for descent alike."
    case .nesterov: "Nesterov's method has the bias of the flow of its λ, as heavy ball has, up to O(ε)."
    case .saddleToSaddle:
      "From a start of scale α → 0 flows need a time ∝ ln(1/α) and end at the interpolator of least ℓ1 norm."
    case .depth: "The deeper the network θ = w₊ᴸ − w₋ᴸ, the sparser what its flows find, from a start of the same α."
    case .realData: "On real data, too, λ decides which features are chosen, and helps on samples held out."
    }
  }

  /// The grids of its parts, most studies having one, with `seeds` repetitions. Throws `InvalidInput`.
  public func studies(seeds: Int) throws(InvalidInput) -> [Study] {
    guard self == .realData else { return [try study(seeds: seeds)] }
    return [
      try study(seeds: seeds),
      try Study(
        yaml: """
          name: gasoline
          problem: {data: data/gasoline.csv, target: octane, standardize: true, holdout: 0.2}
          initialisation: {alpha: 0.01}
          method: mgf
          axes: {lambda: [0, 0.1, 1, 10], seed: {linear: [1, \(seeds), \(seeds)]}}
          stop: {delta_tolerance: 1e-3}
          """, path: "study \(rawValue)"),
    ]
  }

  /// The grid of runs, of the first part if there are several, with `seeds` repetitions.
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
      case .smallLambda:
        """
        \(gaussian)
        method: heavy-ball
        axes: {step: [0, 0.01], alpha: [0.01, 0.1], lambda_ratio: [0.1, 0.3, 0.6, 0.9, 0.99, 1.01, 1.2, 2, 5, 10], \(seedAxis)}
        stop: {delta_tolerance: 1e-6}
        """
      case .optimalLambda:
        """
        problem: {gaussian: {samples: 20, features: 30}}
        method: heavy-ball
        fixed: {lambda_from: 0.03}
        axes: {step: [0, 0.02], nonzeros: [2, 5], mean: [0, 3], \(seedAxis)}
        stop: {lambda_tolerance: 0.01}
        """
      case .nesterov:
        """
        \(gaussian)
        method: heavy-ball
        axes: {nesterov: [0, 1], lambda: [0.3, 1], step: [0, 0.003, 0.006, 0.012, 0.024], \(seedAxis)}
        stop: {delta_tolerance: 1e-5}
        """
      case .saddleToSaddle:
        """
        problem: {preset: saddle-5x7}
        method: mgf
        axes: {lambda: [0, 0.1, 1], alpha: [1e-120, 1e-60, 1e-30, 1e-15, 1e-8, 1e-4, 1e-2, 1e-1], \(seedAxis)}
        stop: {residual: 1e-6}
        """
      case .depth:
        """
        \(gaussian)
        method: mgf
        axes: {depth: [2, 3, 4], lambda: [0, 0.1, 1], alpha: [0.2, 0.35, 0.5], \(seedAxis)}
        stop: {residual: 1e-4}
        """
      case .realData:
        """
        problem: {data: data/leukemia.csv, target: lineage, standardize: true, holdout: 0.2}
        initialisation: {alpha: 0.001}
        method: mgf
        axes: {lambda: [0, 0.1, 1, 10], \(seedAxis)}
        stop: {delta_tolerance: 1e-3}
        """
      }
    guard seeds >= 1 else { throw InvalidInput("\(.seeds, seeds)", because: "at least one repetition is needed") }
    return try Study(yaml: "name: \(rawValue)\n" + text, path: "study \(rawValue)")
  }

  /// The repetitions that finish in some seconds.
  public var defaultSeeds: Int { self == .intrinsicLambda || self == .optimalLambda ? 3 : 5 }

  /// The summary of the finished stores of its parts. Throws `ExportError` when it cannot be read.
  public func report(_ stores: [SweepStore]) throws(ExportError) -> StudyReport {
    let table = try ResultTable(stores)
    return switch self {
    case .order: orderReport(table)
    case .acceleration: accelerationReport(table)
    case .intrinsicLambda: intrinsicReport(table)
    case .sparsity: sparsityReport(table)
    case .centring: centringReport(table)
    case .perturbation: perturbationReport(table)
    case .stochastic: stochasticReport(table)
    case .smallLambda: smallLambdaReport(table)
    case .optimalLambda: optimalLambdaReport(table)
    case .nesterov: nesterovReport(table)
    case .saddleToSaddle: saddleReport(table)
    case .realData: realDataReport(table)
    case .depth: depthReport(table)
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
