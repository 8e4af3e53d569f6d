import ArgumentParser
import Dynamics
import Experiments
import Networks
import Regression

/// The options that state the problem and the start; shared by every command that runs something.
struct ProblemOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Table with a header row; every column but the target is a feature.", valueName: "file"),
    completion: .file(extensions: ["csv"]))
  var data: String?

  @Option(help: ArgumentHelp("The column of --data to predict.", valueName: "column"))
  var target: String?

  @Flag(help: "Centre the target; centre the features and divide them by their population standard deviation.")
  var standardize = false

  @Option(
    help: ArgumentHelp(
      "Design matrix, one sample a row: CSV without header, NumPy (.npy, .npz; large .npy with float64 is mapped, not copied), NetCDF or HDF5, gzipped or not, told by content. FILE:NAME where it holds several.",
      valueName: "file"),
    completion: .file(extensions: ["csv", "npy", "npz", "nc", "h5", "gz"]))
  var design: String?

  @OptionGroup var table: TableOptions

  @Option(
    help: ArgumentHelp("Targets of --design, one a line, or an array as there.", valueName: "file"),
    completion: .file(extensions: ["csv", "npy", "npz", "nc", "h5", "gz"]))
  var response: String?

  @Option(
    help: ArgumentHelp("True coefficients θ* of --design, one a line, or an array.", valueName: "file"),
    completion: .file(extensions: ["csv", "npy", "npz", "nc", "h5", "gz"]))
  var truth: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Synthetic data: n samples, d features, s non-zero coefficients ±1; x ~ N(M·1, I), y = Xθ*.", valueName: "n,d,s"),
    transform: Parse.gaussian)
  var gaussian: [Int]?

  @Option(
    help: ArgumentHelp("A named published setting; see mgf presets.", valueName: "name"),
    completion: .list(Preset.all.map(\.name)))
  var preset: String?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Mean M of every synthetic feature (default 0).", valueName: "m"),
    transform: Parse.real)
  var mean: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Seed of everything drawn: data, θ*, held-out rows, batches (default 1).", valueName: "k"),
    transform: Parse.seed)
  var seed: UInt64 = 1

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Scale of the start: u₀ = √2·α, v₀ = 0 (default: the preset's, or 0.1).", valueName: "α"),
    transform: Parse.real)
  var alpha: Double?

  @Option(help: ArgumentHelp("Start u₀, one value a line, or an array.", valueName: "file"), completion: .file())
  var u0: String?

  @Option(help: ArgumentHelp("Start v₀, one value a line, or an array.", valueName: "file"), completion: .file())
  var v0: String?

  @Option(
    help: ArgumentHelp("Initial speed u̇₀, one value a line, or an array (default 0).", valueName: "file"),
    completion: .file())
  var u0Rate: String?

  @Option(
    help: ArgumentHelp("Initial speed v̇₀, one value a line, or an array (default 0).", valueName: "file"),
    completion: .file())
  var v0Rate: String?

  @Option(
    help: ArgumentHelp(
      "solve, descend, compare: \(networks).",
      valueName: "name"),
    completion: .list(Parametrization.names))
  var network = "diagonal"

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Depth of power and layers. They start at w± = α; at √2·α in all layers but the last, which is 0.", valueName: "L"
    ),
    transform: Parse.count)
  var depth: Int?

  @Option(
    help: ArgumentHelp(
      "solve, descend, compare: square (the default), logistic or exponential. The last two need targets of exactly two values, which become ∓1 in their order; synthetic ones are replaced by their signs.",
      valueName: "name"),
    completion: .list(Loss.allCases.map(\.rawValue)), transform: Parse.loss)
  var loss: Loss = .square

  @Option(
    help: ArgumentHelp(
      "Start of power and layers: a row of one value a feature for each of w₊, w₋ or the layers; any format of --design.",
      valueName: "file"),
    completion: .file())
  var w0: String?

  @Option(help: ArgumentHelp("Its initial speed, likewise (default 0).", valueName: "file"), completion: .file())
  var w0Rate: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Fraction of rows kept aside, by the seed, for the test error (default 0).", valueName: "f"),
    transform: Parse.real)
  var holdout: Double = 0

  func validate() throws {
    let sources = [data != nil, design != nil, gaussian != nil, preset != nil].filter { $0 }.count
    guard sources <= 1 else {
      throw ValidationError("Give one of --data, --design, --gaussian and --preset, not several.")
    }
    guard (data != nil) == (target != nil) else {
      throw ValidationError("--data and --target go together: --data FILE.csv --target COLUMN.")
    }
    guard (design != nil) == (response != nil) else {
      throw ValidationError("--design and --response go together: --design X.csv --response y.csv.")
    }
    guard !standardize || data != nil else { throw ValidationError("--standardize goes with --data.") }
    try table.validate(data: data != nil, design: design != nil)
    guard truth == nil || design != nil else { throw ValidationError("--truth goes with --design.") }
    guard mean == nil || gaussian != nil || preset != nil else {
      throw ValidationError("--mean goes with --gaussian or --preset.")
    }
    guard (u0 != nil) == (v0 != nil) else {
      throw ValidationError("--u0 and --v0 go together, one file each.")
    }
    guard u0 == nil || alpha == nil else { throw ValidationError("Give --alpha or --u0 and --v0, not both.") }
    guard u0 != nil || (u0Rate == nil && v0Rate == nil) else {
      throw ValidationError("--u0-rate and --v0-rate go with --u0 and --v0.")
    }
    guard w0 == nil || (u0 == nil && alpha == nil) else {
      throw ValidationError("Give one start: --alpha, --u0 and --v0, or --w0.")
    }
    guard w0Rate == nil || w0 != nil else { throw ValidationError("--w0-rate goes with --w0.") }
  }

  /// Whether nothing is said.
  var isUnstated: Bool {
    let texts = [data, target, design, response, truth, preset, u0, v0, u0Rate, v0Rate, w0, w0Rate]
    return texts.allSatisfy { $0 == nil } && gaussian == nil && mean == nil && alpha == nil && depth == nil
      && seed == 1 && network == "diagonal" && loss == .square && holdout == 0 && !standardize
  }

  /// The specification; `fallback` is the source when none is given.
  func specification(fallback: ProblemSpecification.Source? = nil) throws -> ProblemSpecification {
    let source: ProblemSpecification.Source
    if let data, let target {
      source = .table(path: data, target: target, standardize: standardize, format: table.format)
    } else if let design, let response {
      source = .matrices(design: design, response: response, truth: truth, format: table.format)
    } else if let gaussian {
      source = .gaussian(
        try SyntheticProblem(
          samples: gaussian[0], features: gaussian[1], nonzeros: gaussian[2], mean: mean ?? 0, seed: seed))
    } else if let preset {
      source = .preset(name: preset, mean: mean)
    } else if let fallback {
      source = fallback
    } else {
      throw ValidationError(
        "No problem is given. Use --data FILE.csv --target COLUMN, --design X.csv --response y.csv, "
          + "--gaussian N,D,S or --preset NAME.")
    }
    let start: ProblemSpecification.Start? =
      if let w0 {
        .blocks(weights: .file(w0), rates: w0Rate.map { .file($0) })
      } else if let u0, let v0 {
        .layers(u: .file(u0), v: .file(v0), uRate: u0Rate.map { .file($0) }, vRate: v0Rate.map { .file($0) })
      } else {
        alpha.map { .alpha($0) }
      }
    return ProblemSpecification(source: source, start: start, holdout: holdout, seed: seed)
  }

  /// What is asked of the problem, its network and its loss; `fallback` is the source of data when none is given.
  func experiment(
    _ goal: Goal, _ budget: WorkOptions, fallback: ProblemSpecification.Source? = nil
  ) throws -> Experiment {
    Experiment(
      try specification(fallback: fallback),
      network: NetworkModel(try Parametrization(named: network, depth: depth), loss),
      goal, limit: try budget.limit())
  }
}

/// The networks with what they stand for: "a (…), b (…) or c (…)".
private let networks: String = {
  let words = Parametrization.meanings.map { "\($0.key) (\($0.value))" }
  return words.dropLast().joined(separator: ", ") + " or " + (words.last ?? "")
}()
