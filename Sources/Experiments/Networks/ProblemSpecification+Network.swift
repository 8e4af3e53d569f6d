import DiagonalNetworks
import Dynamics

extension ProblemSpecification {
  /// Loads or draws the data and makes the start of `model`: from the scale α or, with `weights` and `rates`, from files of a
  /// row of d numbers for each block. For losses of classification the targets become labels ±1: the two values that they
  /// have, or the signs of synthetic ones.
  ///
  /// Throws `InvalidInput`.
  public func load(
    _ model: NetworkModel, drawingBatches: Bool = false, monitor: RunMonitor = RunMonitor()
  ) throws(InvalidInput) -> Setup {
    guard model != .standard else { return try load(drawingBatches: drawingBatches, monitor: monitor) }
    var reading: [Message] = []
    var (problem, preset, usesSeed) = try loadProblem(notes: &reading)
    if model.loss.isClassification {
      let isSynthetic: Bool =
        switch source {
        case .gaussian, .preset: true
        case .table, .matrices: false
        }
      problem = try problem.labelled(takingSigns: isSynthetic, option: "\(.loss, model.loss.rawValue)")
    }
    let d = problem.featureCount
    let initialization: Initialization
    switch start {
    case .blocks(let weights, let rates):
      var speeds: [Double]?
      if let rates { speeds = try Self.blocks(rates, features: d) }
      initialization = try model.start(weights: Self.blocks(weights, features: d), rates: speeds, features: d)
    case .files(let u, let v, let uRate, let vRate):
      guard model.parametrization == .diagonal else {
        throw InvalidInput(
          "\(.u), \(.v)", because: "they start the network \"diagonal\"",
          remedy: "give \(.weights, "FILE") with a row for each of "
            + model.parametrization.blockNames.joined(separator: ", "))
      }
      initialization = try Initialization(
        u: try InputArray.column(u, format, notes: &reading), v: try InputArray.column(v, format, notes: &reading),
        uRate: try InputArray.column(ifGiven: uRate, format, notes: &reading),
        vRate: try InputArray.column(ifGiven: vRate, format, notes: &reading), features: d)
    case .alpha(let alpha):
      initialization = try model.start(alpha: alpha, fallback: alpha, features: d)
    case nil:
      initialization = try model.start(
        alpha: nil, fallback: preset?.alpha ?? Self.defaultAlpha, features: d)
    }
    return try Setup(
      problem: problem, start: initialization, preset: preset, seed: usesSeed ? seed : nil,
      hasLabels: model.loss.isClassification, reading: reading, monitor: monitor)
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
