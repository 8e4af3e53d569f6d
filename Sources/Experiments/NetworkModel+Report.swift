import Dynamics
import ImplicitBias
import Networks

/// What reports and files say of one network that they do not say of another.
extension NetworkModel {
  static let standardOnly = "computed for the diagonal network with the square loss only"

  /// Whether nothing but the balance is known to be kept: a linear model has no balance, powers keep more by gradient flow.
  private var isLinear: Bool { parametrization == .layers(depth: 1) }

  /// What the arrays of a file are, in words.
  var words: (blocks: [String], rates: [String], theta: String, loss: String, energy: String) {
    guard self == .standard else {
      let names = parametrization.blockNames
      return (
        names.map { "weights \($0)" }, names.map { "time derivative of the weights \($0)" }, "predictor theta",
        "\(loss.rawValue) loss, mean over the samples",
        "energy: loss + lambda |dw/dt|^2/(2 s), s = \(short(parametrization.speed))"
      )
    }
    return (
      ["balanced coordinate w+ = u + v", "balanced coordinate w- = u - v"],
      ["time derivative of w+", "time derivative of w-"], "predictor theta = (w+^2 - w-^2)/4",
      "loss |X theta - y|^2/(2n)", "energy: loss + lambda (|dw+/dt|^2 + |dw-/dt|^2)/4"
    )
  }

  /// What sign changes call the blocks.
  var coordinateNames: [String] { self == .standard ? ["plus", "minus"] : parametrization.blockNames }

  /// Throws `InvalidInput` for losses that have no residual.
  package func requireResidual(_ option: Message) throws(InvalidInput) {
    guard loss.isClassification else { return }
    throw InvalidInput(
      option, because: "the \(loss.rawValue) loss has no residual",
      remedy: "give a fixed end: \(.until, "T") or \(.iterations, "K")")
  }

  /// Network and loss, where they are not what every command works on.
  func describe(in result: inout Measurements) {
    guard self != .standard else { return }
    result.network = parametrization.name
    result.depth = parametrization.depth
    result.lossFunction = loss.rawValue
  }

  /// Loss and residual of the last state of `end`.
  func describe(_ end: TrajectoryRecord, _ state: String = "state", in result: inout Measurements) {
    result.set(\.loss, end.loss.last, otherwise: "it overflows at the last finite \(state)")
    result.set(
      \.residualMax, end.residualMax.last,
      otherwise: loss.isClassification
        ? "the \(loss.rawValue) loss has margins instead" : "it overflows at the last finite \(state)")
  }

  /// How well a flow has kept what it keeps.
  func describe(_ defects: FlowDefects, hasMomentum: Bool, in result: inout Measurements) {
    result.set(\.energyDrift, defects.energyDrift, otherwise: "the initial energy is zero, or energies overflow")
    guard self != .standard else {
      return result.set(\.balanceCheck, defects.balanceCheck, otherwise: "the balancedness overflows")
    }
    let isPower: Bool = if case .layers = parametrization { false } else { true }
    result.set(
      \.balanceCheck, isLinear || isPower && !hasMomentum ? nil : defects.balanceCheck,
      otherwise: isLinear
        ? "a linear model has no balance"
        : (hasMomentum ? "the balance overflows" : "trivial for gradient flow, which conserves more: conserved_drift"))
    result.set(
      \.conservedDrift, isLinear || hasMomentum ? nil : defects.conservedDrift,
      otherwise: isLinear
        ? "a linear model conserves nothing"
        : (hasMomentum ? "only gradient flow conserves it" : "a weight is zero, or it overflows"))
  }

  /// The margins at θ, and the largest there are.
  func describe(
    _ margins: Margins, theta: [Double], _ setup: Setup, _ monitor: RunMonitor, in result: inout Measurements
  ) throws(InvalidInput) {
    result.separated = margins.least > 0
    result.set(\.margin, margins.least, otherwise: "it overflows")
    result.set(\.marginL1, margins.l1, otherwise: "θ is zero")
    result.set(\.marginL2, margins.l2, otherwise: "θ is zero")
    let (n, d) = (setup.problem.sampleCount, setup.problem.featureCount)
    // The programmes are to take seconds at most.
    let isSmall = n <= 300 && n * d <= 400_000
    let missing =
      isSmall
      ? "the samples cannot be separated, or the programme was not solved"
      : "the programme is solved up to 300 samples and n·d = 400,000"
    let problem = setup.problem
    // Neither programme can be asked to stop.
    let largest =
      isSmall
      ? try monitor.perform("largest margins", work: n * d <= 4000 ? 0 : nil) { () throws(InvalidInput) in
        [LargestMargin.l1(problem)?.margin, LargestMargin.l2(problem)?.margin]
      } : [nil, nil]
    let reason = largest == nil ? "the run was stopped" : missing
    result.set(\.largestMarginL1, largest?[0], otherwise: reason)
    result.set(\.largestMarginL2, largest?[1], otherwise: reason)
    result.direction = direction(theta)
  }
}

extension Setup {
  /// What solving and descending say alike of their end: test error, ‖θ‖₁, and what was recorded.
  func describeEnd(theta: [Double], _ record: TrajectoryRecord, in result: inout Measurements) {
    if model.loss.isClassification {
      result.set(\.testError, problem.misclassified(theta), otherwise: "no row is held out (holdout)")
    } else {
      setTestError(theta, in: &result)
    }
    result.set(\.thetaL1, theta.reduce(0) { $0 + abs($1) }, otherwise: "it overflows")
    result.samples = record.count
    result.signChanges = record.signChanges
  }

  /// The test error of θ.
  func setTestError(_ theta: [Double], in result: inout Measurements) {
    result.set(
      \.testError, problem.testError(theta),
      otherwise: "there is neither a known θ* nor a held-out row (holdout, truth)")
  }
}
