import Descent

/// What is asked of a problem, with all that decides the answer.
public enum Goal: Sendable, Equatable {
  /// A flow followed to an end: the command `solve`.
  case solve(FlowSpecification, until: StopRule, recording: RecordedStates)
  /// Iterates of a discrete method: the command `descend`. `identity` checks the exact identity of balancedness on the way.
  case descend(DescentSettings, until: IterationRule, recording: RecordedStates, identity: Bool)
  /// A flow beside iterates at matched λ: the command `compare`.
  case compare(FlowSpecification, ComparisonCriteria)
  /// Δ∞ and θ∞ of a flow or a discrete method: the command `limit`.
  case limit(LimitSubject, LimitCriteria, sensitivity: Bool)
  /// The limit, certified: the command `certify`.
  case certify(LimitSubject, LimitCriteria)
  /// λ_c and λ*: the command `thresholds`.
  case thresholds(ThresholdCriteria)

  /// The command that asks it.
  public var command: String {
    switch self {
    case .solve: "solve"
    case .descend: "descend"
    case .compare: "compare"
    case .limit: "limit"
    case .certify: "certify"
    case .thresholds: "thresholds"
    }
  }

  /// Whether a trajectory is asked for: what is recorded, written to files and shared among processes.
  public var hasTrajectory: Bool {
    switch self {
    case .solve, .descend: true
    case .compare, .limit, .certify, .thresholds: false
    }
  }

  /// The motion, when there is a single one.
  package var motion: LimitSubject? {
    switch self {
    case .solve(let flow, _, _): .flow(flow)
    case .descend(let settings, _, _, _): .descent(settings)
    case .limit(let motion, _, _), .certify(let motion, _): motion
    case .compare, .thresholds: nil
    }
  }
}

/// With what a flow is compared, and how far.
public struct ComparisonCriteria: Sendable, Equatable {
  /// The discrete method.
  public var method: DescentSettings.Method
  /// The order in ε of the flow compared with.
  public var order: Int
  /// The time steps ε of the iterates.
  public var steps: [Double]
  /// The time T up to which they are compared.
  public var end: Double
  /// What the runs to both limits may cost.
  public var gap: GapCriteria
  /// Minibatches drawn with replacement, whose expectations are compared with those of the stochastic flow.
  public var batches: DescentSettings.Batches?
  /// Paths to average over, where there are minibatches.
  public var paths: Int

  /// The paths averaged over where nobody says otherwise.
  public static let defaultPaths = 10_000

  /// Criteria from their parts.
  public init(
    method: DescentSettings.Method = .heavyBall, order: Int = 1, steps: [Double], until end: Double,
    gap: GapCriteria = GapCriteria(work: GapCriteria.defaultWork), batches: DescentSettings.Batches? = nil,
    paths: Int = defaultPaths
  ) {
    (self.method, self.order, self.steps, self.end) = (method, order, steps, end)
    (self.gap, self.batches, self.paths) = (gap, batches, paths)
  }
}
