import Dynamics
import Files
import Networks
import Regression

/// Which problem to run, as the command line or a study file states it.
public struct ProblemSpecification: Sendable, Equatable, Codable {
  /// Where the data come from.
  public enum Source: Sendable, Equatable, Codable {
    /// A table with a header: `target` is the response. `format` says how it is to be read, where the file does not.
    case table(path: String, target: String, standardize: Bool, format: TableFormat? = nil)
    /// Files of one array each: design matrix, response and, when known, θ*.
    case matrices(design: String, response: String, truth: String?, format: TableFormat? = nil)
    /// Synthetic Gaussian data.
    case gaussian(SyntheticProblem)
    /// A named published setting; its mean may be overridden.
    case preset(name: String, mean: Double?)
    /// Arrays in the memory of whoever runs it, who hands them in under this name.
    case arrays(name: String, standardize: Bool)
  }

  /// The numbers of a start.
  public enum Values: Sendable, Equatable, Codable, ExpressibleByStringLiteral {
    /// In a file.
    case file(String)
    /// Here, row by row.
    case rows([[Double]])

    public init(stringLiteral path: String) { self = .file(path) }
  }

  /// Where a run starts.
  public enum Start: Sendable, Equatable, Codable {
    /// u₀ = √2·α, v₀ = 0.
    case alpha(Double)
    /// One value a feature: u₀, v₀ and, optionally, u̇₀, v̇₀.
    case layers(u: Values, v: Values, uRate: Values?, vRate: Values?)
    /// A row of one value a feature for each block of weights, and, optionally, of their speeds.
    case blocks(weights: Values, rates: Values?)
  }

  /// The scale used when neither an option nor a preset states one.
  public static let defaultAlpha = 0.1

  /// The data.
  public var source: Source
  /// The start; nil for the preset's α, or 0.1.
  public var start: Start?
  /// The fraction of rows held out.
  public var holdout: Double
  /// The seed of everything drawn.
  public var seed: UInt64

  /// A specification from its parts.
  public init(source: Source, start: Start? = nil, holdout: Double = 0, seed: UInt64) {
    self.source = source
    self.start = start
    self.holdout = holdout
    self.seed = seed
  }

  /// How files of text are to be read, as far as that is stated.
  var format: TableFormat {
    switch source {
    case .table(_, _, _, let format), .matrices(_, _, _, let format): format ?? TableFormat()
    case .gaussian, .preset, .arrays: TableFormat()
    }
  }

  /// Loads or draws the data, or takes what was handed in: the arrays that it speaks of, or what was made of the same problem
  /// before. Throws `InvalidInput`.
  public func data(_ given: ProblemData? = nil) throws(InvalidInput) -> ProblemData {
    var bare = self
    bare.start = nil
    if let given, given.specification == bare { return given }
    var notes: [Message] = []
    var problem: RegressionProblem
    var preset: Preset?
    var usesSeed = holdout > 0
    switch source {
    case .table(let path, let target, let standardize, _):
      problem = try RegressionProblem(tableAt: path, target: target, format: format, notes: &notes)
        .holdingOut(holdout, seed: seed)
      if standardize { problem = try problem.standardized() }
    case .matrices(let design, let response, let truth, _):
      problem = try RegressionProblem(
        designAt: design, responseAt: response, truthAt: truth, format: format, notes: &notes
      )
      .holdingOut(holdout, seed: seed)
    case .gaussian(let synthetic):
      // X, the copy that its decomposition works on, and the singular vectors.
      try requireMemory(
        24 * Double(synthetic.samples) * Double(synthetic.features),
        for: "\(.gaussian, "\(synthetic.samples),\(synthetic.features),\(synthetic.nonzeros)")",
        remedy: "choose fewer samples or features")
      problem = try synthetic.problem().holdingOut(holdout, seed: seed)
      usesSeed = true
    case .arrays(let name, let standardize):
      guard let given, given.specification == nil else {
        throw InvalidInput(
          "\(.arrays, name)", because: "its numbers lay in the memory of another process",
          remedy: "write them to files, and give \(.design) and \(.response)")
      }
      problem = try given.problem.holdingOut(holdout, seed: seed)
      if standardize { problem = try problem.standardized() }
    case .preset(let name, let mean):
      let found = try Preset.named(name)
      preset = found
      problem = try found.synthetic(seed: seed, mean: mean).problem().holdingOut(holdout, seed: seed)
      usesSeed = true
    }
    return ProblemData(specification: bare, problem: problem, preset: preset, usesSeed: usesSeed, reading: notes)
  }

  /// Whether data are drawn: labels for classification are then the signs of the targets.
  package var isSynthetic: Bool {
    switch source {
    case .gaussian, .preset: true
    case .table, .matrices, .arrays: false
    }
  }

  /// Makes the start of `model`, from the scale α, or from given numbers, on `given`, or what there is to load or draw. For losses of classification the targets become labels ±1: the two values that they have, or the signs of synthetic
  /// ones. `drawingBatches` says that the run will draw from the seed too.
  ///
  /// Throws `InvalidInput`.
  public func load(
    _ model: NetworkModel = .standard, on given: ProblemData? = nil, drawingBatches: Bool = false,
    monitor: RunMonitor = RunMonitor()
  ) throws(InvalidInput) -> Setup {
    let data = if let given { given } else { try data() }
    var (problem, reading) = (data.problem, data.reading)
    if model.loss.isClassification {
      problem = try problem.labelled(takingSigns: isSynthetic, option: "\(.loss, model.loss.rawValue)")
    }
    let d = problem.featureCount
    func vector(_ values: Values?) throws(InvalidInput) -> [Double]? {
      switch values {
      case .file(let path)?: try InputArray.column(path, format, notes: &reading)
      case .rows(let rows)?: rows.flatMap { $0 }
      case nil: nil
      }
    }
    func blocks(_ values: Values?, _ field: Field) throws(InvalidInput) -> [Double]? {
      switch values {
      case .file(let path)?: return try Self.blocks(path, features: d)
      case .rows(let rows)?:
        if let row = rows.first(where: { $0.count != d }) {
          throw InvalidInput(
            "\(field)", because: "a row of it has \(row.count) values where the problem has \(d) features",
            remedy: "give a row of one value a feature for each block")
        }
        return rows.flatMap { $0 }
      case nil: return nil
      }
    }
    let initialization: Initialization
    switch start {
    case .blocks(let weights, let rates):
      initialization = try model.start(
        weights: blocks(weights, .weights) ?? [], rates: blocks(rates, .rates), features: d)
    case .layers(let u, let v, let uRate, let vRate):
      guard model.parametrization == .diagonal else {
        throw InvalidInput(
          "\(.u), \(.v)", because: "they start the network \"diagonal\"",
          remedy: "give \(.weights, "FILE") with a row for each of "
            + model.parametrization.blockNames.joined(separator: ", "))
      }
      initialization = try Initialization(
        u: vector(u) ?? [], v: vector(v) ?? [], uRate: vector(uRate), vRate: vector(vRate), features: d)
    case .alpha(let alpha):
      initialization = try model.start(alpha: alpha, fallback: alpha, features: d)
    case nil:
      initialization = try model.start(alpha: nil, fallback: data.preset?.alpha ?? Self.defaultAlpha, features: d)
    }
    return try Setup(
      problem: problem, model: model, start: initialization, preset: data.preset,
      seed: data.usesSeed || drawingBatches ? seed : nil, reading: reading, monitor: monitor)
  }

  /// The rows of a matrix in a file, d numbers each.
  private static func blocks(_ path: String, features: Int) throws(InvalidInput) -> [Double] {
    let table = try InputArray.matrix(path)
    guard table.columns == features else {
      throw InvalidInput(
        path, because: "it has \(table.columns) columns where the problem has \(features) features",
        remedy: "give a row of one value a feature for each block")
    }
    return table.elements
  }
}
