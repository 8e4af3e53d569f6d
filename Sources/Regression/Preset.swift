import Dynamics

/// A published experimental setting on these networks.
public struct Preset: Sendable, Equatable {
  /// The name by which commands call it.
  public let name: String
  /// Where it was published.
  public let source: String
  /// The data.
  public let samples: Int
  /// The number of features.
  public let features: Int
  /// The number of non-zero entries of θ*.
  public let nonzeros: Int
  /// The mean of every feature.
  public let mean: Double
  /// The scale of the initialisation: u₀ = √2·α, v₀ = 0.
  public let alpha: Double
  /// The step γ and momentum β of the published runs, where stated.
  public let gamma: Double?
  /// See `gamma`.
  public let beta: Double?
  /// What the source leaves open and was chosen here.
  public let remark: String?

  /// The problem with this setting. Throws `InvalidInput` as `SyntheticProblem` does.
  public func synthetic(seed: UInt64, mean override: Double? = nil) throws(InvalidInput) -> SyntheticProblem {
    try SyntheticProblem(
      samples: samples, features: features, nonzeros: nonzeros, mean: override ?? mean, seed: seed)
  }

  /// The preset called `name`. Throws `InvalidInput` naming those that exist.
  public static func named(_ name: String) throws(InvalidInput) -> Preset {
    guard let preset = all.first(where: { $0.name == name }) else {
      throw InvalidInput(
        "\(.preset, name)", because: "there is no preset of that name",
        remedy: "choose one of " + all.map(\.name).joined(separator: ", "))
    }
    return preset
  }

  /// Every preset.
  public static let all: [Preset] = [
    Preset(
      "pesme-2021", pesme2021, 40, 100, 5, alpha: 0.01),
    Preset(
      "pesme-2021-small", pesme2021, 40, 100, 5, alpha: 0.005),
    Preset(
      "even-2023-centred", even2023, 20, 30, 3, alpha: 0.1),
    Preset(
      "even-2023-uncentred", even2023, 20, 30, 3, mean: 5, alpha: 0.1),
    Preset(
      "even-2023-large", even2023, 50, 100, 2, alpha: 0.1),
    Preset(
      "saddle-5x7", pesme2023, 5, 7, 2, alpha: 1e-120, remark: "the source states no sparsity; 2 non-zeros here"),
    Preset(
      "saddle-6x6", pesme2023, 6, 6, 2, alpha: 1e-10, remark: "the source states no sparsity; 2 non-zeros here"),
    Preset(
      "lyu-2025", "Lyu et al. 2025 (heavy-ball flow)", 40, 100, 5, alpha: 0.1, gamma: 0.03, beta: 0.9,
      remark: "the source scales its Gaussian data and states no α here; unit variance and α = 0.1 are used"),
  ]

  private static let pesme2021 = "Pesme, Pillaud-Vivien, Flammarion 2021"
  private static let even2023 = "Even, Pesme, Gunasekar, Flammarion 2023"
  private static let pesme2023 = "Pesme, Flammarion 2023 (saddle to saddle)"

  private init(
    _ name: String, _ source: String, _ samples: Int, _ features: Int, _ nonzeros: Int, mean: Double = 0,
    alpha: Double, gamma: Double? = nil, beta: Double? = nil, remark: String? = nil
  ) {
    self.name = name
    self.source = source
    self.samples = samples
    self.features = features
    self.nonzeros = nonzeros
    self.mean = mean
    self.alpha = alpha
    self.gamma = gamma
    self.beta = beta
    self.remark = remark
  }
}
