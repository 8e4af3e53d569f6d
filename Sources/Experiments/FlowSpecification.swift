import Descent
import Dynamics
import ImplicitBias
import ImplicitSteppers
import Networks

/// Which flow to integrate and how.
public struct FlowSpecification: Sendable, Equatable {
  /// The flow.
  public enum Kind: RawRepresentable, Sendable, Equatable, Codable {
    /// Gradient flow.
    case gf
    /// Momentum gradient flow.
    case mgf
    /// What iterates with time step ε follow to this order in ε, 2 or more: corrected2, corrected3, …
    case corrected(order: Int)

    public init?(rawValue: String) {
      switch rawValue {
      case "gf": self = .gf
      case "mgf": self = .mgf
      default:
        guard rawValue.hasPrefix("corrected"), let order = Int(rawValue.dropFirst(9)), order > 1 else { return nil }
        self = .corrected(order: order)
        // Neither corrected+3 nor corrected03.
        guard self.rawValue == rawValue else { return nil }
      }
    }

    public var rawValue: String {
      switch self {
      case .gf: "gf"
      case .mgf: "mgf"
      case .corrected(let order): "corrected\(order)"
      }
    }

    /// All that are offered.
    public static let all: [Kind] = [.gf, .mgf] + CorrectedFlow.orders.map { .corrected(order: $0) }

    /// Whether there is a velocity in its state.
    public var hasMomentum: Bool { self != .gf }
    /// The order in ε to which heavy ball follows it.
    public var order: Int { if case .corrected(let order) = self { order } else { 1 } }
  }

  /// The flow.
  public let kind: Kind
  /// What multiplies ẅ: λ, for corrected flows λ − ε/2; 0 for gradient flow.
  public let lambda: Double
  /// λ = γ/(1−β)² of the iterates.
  public let matchedLambda: Double
  /// The time step ε of the iterates that a corrected flow belongs to.
  public let step: Double?
  /// Whether these are Nesterov's.
  public let isNesterov: Bool
  /// The method of integration.
  public let method: Method
  /// The local error allowed.
  public let tolerance: Tolerance

  /// Throws `InvalidInput` when momentum gradient flow has no λ > 0, or the stepper does not exist.
  public init(
    kind: Kind, lambda: Double?, stepper: String, relative: Double, absolute: Double, step: Double? = nil,
    isNesterov: Bool = false
  ) throws(InvalidInput) {
    self.kind = kind
    self.step = step
    self.isNesterov = isNesterov
    guard (step != nil) == (kind.order > 1) else {
      throw InvalidInput(
        "\(.step)", because: step == nil ? "a corrected flow needs the iterates' ε" : "\(kind.rawValue) has no ε",
        remedy: step == nil ? "give \(.step, "E") with 0 < E ≤ λ" : "leave it out, or choose \(.flow, "corrected2")")
    }
    switch kind {
    case .gf:
      guard lambda == nil else {
        throw InvalidInput(
          "\(.lambda)", because: "gradient flow has no λ", remedy: "leave it out, or choose \(.flow, "mgf")")
      }
      self.lambda = 0
      matchedLambda = 0
    case .mgf, .corrected:
      guard let lambda else {
        throw InvalidInput(
          "\(.lambda)", because: "a flow with momentum needs it",
          remedy: "give \(.lambda, "L") with L > 0, or \(.flow, "gf")")
      }
      guard lambda > 0, lambda.isFinite else {
        throw InvalidInput(
          "\(.lambda, lambda)", because: "λ must be positive and finite", remedy: "for λ = 0 use \(.flow, "gf")")
      }
      matchedLambda = lambda
      self.lambda = lambda - 0.5 * (step ?? 0)
      if let step {
        // Says what is wrong with λ and ε.
        _ = try DescentSettings(lambda: lambda, step: step)
        do { try CorrectedFlow.requireOrder(kind.order) } catch { throw error.of("\(.flow, kind.rawValue)") }
      }
    }
    method = try Method(named: stepper)
    if kind.order > (isNesterov ? 1 : 2) { try method.requireExplicit("this corrected flow is") }
    guard relative >= 1e-15 || absolute > 0 else {
      throw InvalidInput(
        "\(.relativeTolerance, relative)", because: "doubles resolve about 1e-16", remedy: "choose 1e-15 or more")
    }
    guard relative < 1 else {
      throw InvalidInput(
        "\(.relativeTolerance, relative)", because: "it must be less than 1", remedy: "for example 1e-10")
    }
    tolerance = try Tolerance(relative: relative, absolute: absolute)
  }

  /// The same flow with `factor` times the tolerance.
  func loosened(by factor: Double) throws(InvalidInput) -> FlowSpecification {
    try FlowSpecification(
      kind: kind, lambda: kind.hasMomentum ? matchedLambda : nil, stepper: method.name,
      relative: min(factor * tolerance.relative, 0.9), absolute: factor * tolerance.absolute, step: step,
      isNesterov: isNesterov)
  }

  /// The same flow by another stepper.
  func with(stepper: String) throws(InvalidInput) -> FlowSpecification {
    try FlowSpecification(
      kind: kind, lambda: kind.hasMomentum ? matchedLambda : nil, stepper: stepper, relative: tolerance.relative,
      absolute: tolerance.absolute, step: step, isNesterov: isNesterov)
  }

  /// The stepper used when none is named.
  public static let defaultStepper = Method.auto
  /// The relative tolerance used when none is given.
  public static let defaultRelativeTolerance = 1e-10

  /// The start that makes a corrected flow pass the iterates' w₋₁; others are left alone. Throws `InvalidInput`.
  func starting(_ setup: Setup) throws(InvalidInput) -> Setup {
    guard let step else { return setup }
    let flow = try CorrectedFlow(
      diagonal(setup.network), lambda: matchedLambda, step: step, order: kind.order, isNesterov: isNesterov,
      carryingIntegrals: false)
    return setup.starting(try flow.startingRates(setup.start))
  }

  /// The network that corrected flows are built for. Throws `InvalidInput` for others.
  private func diagonal(_ network: any Network) throws(InvalidInput) -> DiagonalNetwork {
    if let network = network as? DiagonalNetwork { return network }
    throw InvalidInput(
      "\(.flow, kind.rawValue)", because: "corrected flows are built for the diagonal network with the square loss",
      remedy: "choose \(.flow, "gf") or mgf")
  }

  /// The flow's field on a network: one that offers a `StageSystem`, or only its series. Throws `InvalidInput`.
  func field(_ network: any Network, carryingIntegrals: Bool) throws(InvalidInput) -> any SeriesField {
    switch kind {
    case .gf: return GradientFlow(network, carryingIntegrals: carryingIntegrals)
    case .corrected(2) where !isNesterov:
      return try MomentumGradientFlow(diagonal(network), lambda: lambda, carryingIntegrals: carryingIntegrals)
    case .mgf: return try MomentumGradientFlow(network, lambda: lambda, carryingIntegrals: carryingIntegrals)
    case .corrected:
      return try CorrectedFlow(
        diagonal(network), lambda: matchedLambda, step: step ?? 0, order: kind.order, isNesterov: isNesterov,
        carryingIntegrals: carryingIntegrals)
    }
  }

  /// How weights move in the tail.
  package var motion: LogTail.Motion {
    switch kind {
    case .gf: .gradientFlow
    case .mgf, .corrected(2): .momentum(lambda: lambda)
    case .corrected(let order): .corrected(lambda: matchedLambda, step: step ?? 0, order: order)
    }
  }

  /// Who follows the weights that become too small for doubles; nil for what is not linear in them: flows of order 3 and above,
  /// and networks other than the diagonal one.
  func farWeights(_ layout: FlowLayout) -> FarWeights? {
    guard kind.order < 3, !layout.gradientIntegral.isEmpty else { return nil }
    return FarWeights(
      lambda: lambda, weights: layout.weights, rates: layout.rates, drifts: layout.gradientIntegral)
  }

  static func speedsWithoutMomentum(_ model: NetworkModel) -> InvalidInput {
    InvalidInput(
      model == .standard ? "\(.uRate), \(.vRate)" : "\(.rates), \(.uRate), \(.vRate)",
      because: "gradient flow is of first order and has no initial speed",
      remedy: "leave them out, or choose \(.flow, "mgf")")
  }

  /// Up to this many weights `auto` may use dense matrices, and `radau` works with them.
  private static let denseLimits = (auto: 256, radau: 1000)

  /// The stages with which gradient flow is integrated in dual coordinates; nil where it is not: for explicit methods, and
  /// by `auto` when there are so many samples, or more of them than weights, that n × n systems are no bargain.
  private func dualStages(_ setup: Setup) -> Int? {
    guard kind == .gf, setup.model == .standard, tolerance.relative >= 1e-13 else { return nil }
    let (n, d) = (setup.problem.sampleCount, setup.problem.featureCount)
    return method.isImplicit || n <= min(512, 2 * d) ? method.stages : nil
  }

  /// A stepper at the start of `setup`; `FlowLayout` tells where the parts of its state stand.
  ///
  /// Throws `InvalidInput` for gradient flow with initial speeds, a start where the flow is not finite, or what a method cannot
  /// do for this network.
  func stepper(
    _ setup: Setup, _ network: any Network, carryingIntegrals: Bool = true
  ) throws(InvalidInput) -> any Stepper {
    if kind == .gf, setup.start.rates.contains(where: { $0 != 0 }) {
      throw Self.speedsWithoutMomentum(setup.model)
    }
    if let stages = dualStages(setup) {
      return try DualFlowStepper(
        setup.problem, from: setup.start.weights, tolerance: tolerance, method: RadauMethod(stages: stages))
    }
    let field = try field(network, carryingIntegrals: carryingIntegrals)
    if method.isImplicit, method.stages != nil, network.hasDenseStages, network.dimension > Self.denseLimits.radau {
      throw InvalidInput(
        "\(.stepper, method.name)",
        because: "for this network it works with dense matrices of all \(network.dimension) weights, and "
          + "\(Self.denseLimits.radau) are allowed", remedy: "choose taylor")
    }
    var state = setup.start.weights
    if kind.hasMomentum { state += setup.start.rates }
    state += [Double](repeating: 0, count: field.dimension - state.count)
    return try method.stepper(
      self, InitialValueProblem(field, from: state),
      !(field is any StageField) || network.hasDenseStages && network.dimension > Self.denseLimits.auto)
  }
}
