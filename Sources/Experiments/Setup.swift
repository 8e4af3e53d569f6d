import Dynamics
import Files
import LinearAlgebra
import Networks
import Regression

/// A loaded problem with its start: what every run begins from.
public struct Setup: Sendable {
  /// The data.
  public private(set) var problem: RegressionProblem
  /// The network that is trained on them, and its loss.
  public private(set) var model: NetworkModel
  /// The start, which fits the network.
  public private(set) var start: Initialization
  /// The preset, when one was named.
  public let preset: Preset?
  /// The seed, when anything was drawn.
  public let seed: UInt64?
  /// The row space of X, once it has been looked for.
  private var knownRowSpace: RowSpace?
  /// How its files were read, where there is something to say.
  public let reading: [Message]
  /// What the user should know about the problem.
  public private(set) var notes: [Message]
  /// What looking at it took: the decomposition of X, where it was decomposed.
  private(set) var seconds = 0.0

  /// From this many entries of X on (256 MB), it is not decomposed before somebody asks for it.
  static let largeProblem = 1 << 25

  /// Decomposes X, unless it is large, and looks for what is worth a note, which labels are not as regression targets would
  /// be; what there is to say of `reading` comes first. Throws `InvalidInput`. Complexity: O(nd·min(n, d)).
  public init(
    problem: RegressionProblem, model: NetworkModel = .standard, start: Initialization, preset: Preset? = nil,
    seed: UInt64? = nil, reading: [Message] = [], monitor: RunMonitor = RunMonitor()
  ) throws(InvalidInput) {
    let clock = ContinuousClock()
    let began = clock.now
    self.problem = problem
    self.model = model
    self.start = start
    self.preset = preset
    self.seed = seed
    self.reading = reading
    notes = []
    var notes = reading
    let (n, d, hasLabels) = (problem.sampleCount, problem.featureCount, model.loss.isClassification)
    if n >= d, !hasLabels {
      notes.append("n = \(n) ≥ d = \(d): the problem is not over-parametrised")
    }
    // A block of features knows nothing of the row space.
    if n * d < Self.largeProblem, problem.reduction == nil {
      monitor.progress(0, "singular values of X (\(n) × \(d))")
      let space = try RowSpace(problem.design)
      knownRowSpace = space
      let unreachable = space.residualOutsideRange(problem.response).maximumMagnitude
      if !hasLabels, !isReachable(unreachable, to: 0) {
        notes.append(
          "the target lies outside the range of X by \(short(unreachable)): no interpolator exists, the flow "
            + "tends to a least-squares solution")
      }
    }
    if problem.reduction == nil {
      notes += ColumnSizes(problem.design).notes(problem.featureNames, remedy: Self.scaleRemedy)
    }
    if let remark = preset?.remark { notes.append(Message(remark)) }
    self.notes = notes
    seconds = (clock.now - began).inSeconds
  }

  /// The same with one note more.
  func adding(_ note: Message) -> Setup {
    var copy = self
    copy.notes.append(note)
    return copy
  }

  /// The network, with scratch memory of its own.
  package var network: any Network { model.network(problem) }

  /// The same with another network, whose loss may need labels: the signs of the targets, or their two values. Throws
  /// `InvalidInput` when there are none.
  package func training(
    _ model: NetworkModel, from start: Initialization, takingSigns: Bool
  ) throws(InvalidInput) -> Setup {
    var copy = starting(start)
    copy.model = model
    if model.loss.isClassification, !self.model.loss.isClassification {
      copy.problem = try problem.labelled(takingSigns: takingSigns, option: "\(.loss, model.loss.rawValue)")
    }
    return copy
  }

  /// The same problem from another start.
  package func starting(_ start: Initialization) -> Setup {
    var copy = self
    copy.start = start
    return copy
  }

  /// ‖y‖∞, the scale of residuals; 1 when y is zero.
  public var responseScale: Double {
    let scale = problem.response.maximumMagnitude
    return scale > 0 ? scale : 1
  }

  /// The residual that counts as none where nobody says otherwise: 1e-10·‖y‖∞.
  package var smallResidual: Double { 1e-10 * responseScale }

  /// The row space of X. Throws `InvalidInput` when there is no memory for it. Complexity: O(nd·min(n, d)) for a large X.
  public var rowSpace: RowSpace {
    get throws(InvalidInput) {
      if let knownRowSpace { return knownRowSpace }
      let (n, d) = (problem.sampleCount, problem.featureCount)
      // X, the copy that its decomposition works on, and the singular vectors twice.
      try requireMemory(
        32 * Double(n) * Double(d), for: "\(problem.name) (\(n) × \(d))",
        remedy: "its row space cannot be found here: use mgf solve or mgf descend, which need no more than X")
      return try RowSpace(problem.design)
    }
  }

  /// Multiply-adds of a Gram matrix on the shorter side of X with its eigenvalues, and of the decomposition of X, about.
  var gramWork: Double {
    let (long, k) = shape
    return 0.5 * long * k * k + 2 * k * k * k
  }
  var decompositionWork: Double {
    let (long, k) = shape
    return 6 * long * k * k + 10 * k * k * k
  }

  private var shape: (long: Double, short: Double) {
    let (n, d) = (Double(problem.sampleCount), Double(problem.featureCount))
    return (max(n, d), min(n, d))
  }

  /// The same setup with its row space found, so that it is not looked for again. Throws as `rowSpace`.
  ///
  /// When a stop is asked for meanwhile, `InvalidInput` says so: there is no result yet.
  func decomposed(_ monitor: RunMonitor) throws(InvalidInput) -> Setup {
    guard knownRowSpace == nil else { return self }
    let (n, d) = (problem.sampleCount, problem.featureCount)
    let own = self
    guard
      let space = try monitor.perform(
        "singular values of X (\(n) × \(d))", work: decompositionWork, { () throws(InvalidInput) in try own.rowSpace })
    else { throw InvalidInput("singular values of X (\(n) × \(d))", because: "the run was stopped") }
    var copy = self
    copy.knownRowSpace = space
    return copy
  }

  /// ‖y − (its projection on the range of X)‖∞: the least residual that any θ can be judged against. Throws `InvalidInput`
  /// when it cannot be found. Complexity: O(nd·min(n, d)) for a large X.
  public var unreachableResidual: Double {
    get throws(InvalidInput) {
      let isWide = problem.sampleCount <= min(4096, problem.featureCount)
      if knownRowSpace == nil, isWide {
        return try problem.design.residualOutsideRange(problem.response).maximumMagnitude
      }
      return try rowSpace.residualOutsideRange(problem.response).maximumMagnitude
    }
  }

  /// Whether what is out of reach is no more than `tolerance` and rounding.
  private func isReachable(_ unreachable: Double, to tolerance: Double) -> Bool {
    let (n, d) = (Double(problem.sampleCount), Double(problem.featureCount))
    return unreachable <= max(tolerance, 8 * 0x1p-52 * (n + d).squareRoot() * responseScale)
  }

  /// Whether some θ has ‖Xθ − y‖∞ ≤ `tolerance`, up to rounding. Throws and costs as `unreachableResidual`.
  public func isSolvable(to tolerance: Double) throws(InvalidInput) -> Bool {
    isReachable(try unreachableResidual, to: tolerance)
  }

  /// Throws `InvalidInput` unless the residual can be brought down to `tolerance`, up to rounding.
  public func requireSolvable(to tolerance: Double, option: Message) throws(InvalidInput) {
    let unreachable = try unreachableResidual
    guard isReachable(unreachable, to: tolerance) else {
      throw InvalidInput(
        option,
        because: "Xθ = y has no solution to this tolerance: the target lies outside the range of X by "
          + short(unreachable),
        remedy:
          "standardize or centre the data, use more features than samples, or run to a fixed time (\(.until))"
      )
    }
  }

  /// λ_cert, below which no weight changes sign. With initial speeds ‖r₀‖ becomes √(2nE(0)), which needs λ, and nil is
  /// returned when some log-velocity ẇ/w starts below −1/(2λ), where nothing is certified.
  public func certifiedLambda(lambda: Double) -> Double? {
    for (w, rate) in zip(start.weights, start.rates) where rate != 0 {
      guard w != 0, 2 * lambda * rate / w >= -1 else { return nil }
    }
    let residual = zip(problem.design.times(NetworkQuantities.theta(start.weights)), problem.response).map { $0 - $1 }
    let kinetic = NetworkQuantities.kineticEnergy(start.rates, lambda: lambda)
    let square = residual.reduce(0) { $0 + $1 * $1 } + 2 * Double(problem.sampleCount) * kinetic
    return problem.certifiedLambda(initialResidual: [square.squareRoot()])
  }

  /// What there is to say of the problem: name, n, d, seed, α, test set, notes.
  public var measurements: Measurements {
    var result = Measurements()
    result.name = problem.name
    result.n = problem.sampleCount
    result.d = problem.featureCount
    result.set(\.rank, knownRowSpace?.rank, otherwise: "X is so large that it was not decomposed")
    result.set(\.seed, seed, otherwise: "nothing was drawn at random")
    result.set(\.alpha, start.alpha, otherwise: "the initialisation was given by files")
    if let preset { result.preset = preset.name }
    if case .heldOut(let x, _) = problem.test { result.heldOut = x.rows }
    result.notes = notes.map(\.description)
    return result
  }
}
