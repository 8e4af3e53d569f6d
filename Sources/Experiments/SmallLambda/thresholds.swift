import Comparison
import Descent
import Dynamics
import ImplicitBias

/// What to ask of a problem's λ.
public struct ThresholdCriteria: Sendable, Equatable {
  /// ε of the discrete method; nil for momentum gradient flow.
  public let step: Double?
  /// The discrete method.
  public let method: DescentSettings.Method
  /// The relative width to which λ_c and λ* are found.
  public let tolerance: Double
  /// Where λ* is sought; nil to leave it out.
  public let range: ClosedRange<Double>?

  /// The width where nobody says otherwise.
  public static let defaultTolerance = 1e-8

  /// Throws `InvalidInput` unless the tolerance lies in 1e-12 … 0.1 and ε and the range are positive.
  public init(
    step: Double?, method: DescentSettings.Method = .heavyBall, tolerance: Double, range: ClosedRange<Double>?
  ) throws(InvalidInput) {
    guard tolerance >= 1e-12, tolerance <= 0.1 else {
      throw InvalidInput("\(.tolerance, tolerance)", because: "it must lie between 1e-12 and 0.1")
    }
    if let step {
      guard step > 0, step.isFinite else {
        throw InvalidInput("\(.step, step)", because: "the time step ε must be positive and finite")
      }
    }
    self.step = step
    self.method = method
    self.tolerance = tolerance
    self.range = range
  }
}

/// The small-λ theorem on one problem: λ_cert, λ_c, the slope of ln Δ∞ at λ = 0, Δ∞ just below and above λ_c, and λ*: the
/// command `thresholds`.
///
/// Throws `InvalidInput` when a search cannot be made.
package func thresholds(
  _ setup: Setup, _ criteria: ThresholdCriteria, monitor: RunMonitor = RunMonitor()
) throws(InvalidInput) -> Measurements {
  try setup.requireSolvable(to: setup.smallResidual, option: "target")
  if let range = criteria.range,
    setup.problem.testError([Double](repeating: 0, count: setup.problem.featureCount)) == nil
  {
    throw InvalidInput(
      "\(.optimal, "\(short(range.lowerBound)),\(short(range.upperBound))")",
      because: "there is no test error to seek the least of",
      remedy: "hold rows out (\(.holdout)) or state θ* (\(.truth))")
  }
  let clock = ContinuousClock()
  let began = clock.now
  let motion: CriticalLambda.Motion = criteria.step.map { .descent(step: $0, criteria.method) } ?? .flow
  guard let certified = setup.certifiedLambda(lambda: 0), certified.isFinite, certified > 0 else {
    throw InvalidInput(
      "thresholds", because: "λ_cert is not defined: the initial residual or X is zero", remedy: "choose another start")
  }
  var result = Measurements("thresholds", setup, outcome: .reached)
  result.motion = criteria.step == nil ? "mgf" : criteria.method.rawValue
  result.set(\.step, criteria.step, otherwise: "a flow has none")
  result.lambdaCertified = certified
  do {
    try search(setup, criteria, motion, from: certified, monitor: monitor, into: &result)
  } catch {
    // A search that was stopped leaves what it has found.
    guard let reason = monitor.stopReason else { throw error }
    var failure: Message?
    if reason != .interrupted {
      let name: Message = reason == .maxWork ? "\(.maximumWork)" : "\(.maximumSeconds)"
      failure =
        "\(BudgetEnd.spent(reason, monitor)) during the search (\(error.subject)), after \(monitor.meter.passes) passes over X: "
        + "raise \(name), loosen \(.tolerance), or narrow the range of \(.optimal)"
    }
    result.end(reason, failure: failure)
    let stopped = "the search was stopped"
    if result.lambdaCritical == nil { result.set(\.lambdaCritical, nil, otherwise: stopped) }
    if result.lambdaPosterior == nil { result.set(\.lambdaPosterior, nil, otherwise: stopped) }
    if result.deltaSlopeAtZero == nil { result.set(\.deltaSlopeAtZero, nil, otherwise: stopped) }
  }
  result.passes = monitor.meter.passes
  result.wallSeconds = (clock.now - began).inSeconds
  return result
}

/// What there is to find beyond λ_cert, entry by entry. Throws `InvalidInput` when something cannot be found, or the search is
/// stopped.
private func search(
  _ setup: Setup, _ criteria: ThresholdCriteria, _ motion: CriticalLambda.Motion, from certified: Double,
  monitor: RunMonitor, into result: inout Measurements
) throws(InvalidInput) {
  let critical = try CriticalLambda(
    setup, motion, from: certified, tolerance: criteria.tolerance, monitor: monitor)
  result.lambdaCritical = critical.value
  result.lambdaCriticalUncertainty = critical.uncertainty
  result.lambdaCriticalResolution = CriticalLambda.resolution
  let d = setup.problem.featureCount
  result.firstSignChange = Measurements {
    $0.feature = critical.coordinate % d
    $0.name = setup.problem.featureNames[critical.coordinate % d]
    $0.coordinate = critical.coordinate < d ? "plus" : "minus"
  }
  result.runs = critical.runs
  if criteria.step == nil {
    let below = try SignedLimit(setup, lambda: critical.value * (1 - max(1e-3, criteria.tolerance)), monitor: monitor)
    // 4λ sup|g| ≤ 1 on a computed trajectory suffices as well.
    result.lambdaPosterior = 1 / (4 * below.largestGradient)
    result.deltaSlopeAtZero = try smallLambdaSlope(setup, monitor: monitor)
  }
  for factor in [0.99, 1.01] {
    let lambda = factor * critical.value
    if case .descent(let step, _) = motion, lambda < step { continue }
    let limit = try motion.limit(setup, lambda: lambda, monitor: monitor)
    let ratios = zip(limit.balancedness, limit.initialBalancedness).map { $0 / $1 }.filter(\.isFinite)
    let ratio = Measurements {
      ($0.lambda, $0.maximum, $0.minimum) = (lambda, ratios.max() ?? .nan, ratios.min() ?? .nan)
      $0.growing = ratios.count { $0 >= 1 }
    }
    if factor < 1 { result.deltaRatioBelow = ratio } else { result.deltaRatioAbove = ratio }
  }
  if let range = criteria.range {
    let best = try OptimalLambda(
      setup, motion, in: range, tolerance: max(criteria.tolerance, 1e-6), effort: .thorough, monitor: monitor)
    result.lambdaOptimal = best.value
    result.lambdaOptimalUncertainty = best.uncertainty
    result.lambdaOptimalIsAtEdge = best.isAtEdge
    result.testError = best.testError
    result.set(\.testErrorAtSmallestLambda, best.plainError, otherwise: "that run came to no limit")
    result.minima = best.minima.map { minimum in
      Measurements {
        ($0.lambda, $0.testError, $0.uncertainty) = (minimum.lambda, minimum.testError, minimum.uncertainty)
        $0.width = [minimum.width.lowerBound, minimum.width.upperBound]
        $0.kind = minimum.kind.rawValue
      }
    }
    result.resolution = best.resolution
    result.nodes = best.runs
    result.sought = best.sought
  }
}

extension CriticalLambda.Motion {
  /// The limit at some λ, with Δ∞ to 1e-6 relative. Throws `InvalidInput`.
  package func limit(
    _ setup: Setup, lambda: Double, monitor: RunMonitor
  ) throws(InvalidInput) -> AsymptoticLimit {
    let criteria = try LimitCriteria(
      route: .project, deltaTolerance: 1e-6, maximumTime: 1e15,
      maximumPasses: 20_000_000)
    switch self {
    case .flow:
      let flow = try FlowSpecification(kind: .mgf, lambda: lambda, stepper: "auto", relative: 1e-13, absolute: 0)
      return try known(LimitRun(setup, flow, criteria, monitor: monitor))
    case .descent(let step, let method):
      return try known(
        LimitRun(setup, DescentSettings(lambda: lambda, step: step, method: method), criteria, monitor: monitor))
    }
  }

  /// Throws `InvalidInput` for a run that was stopped.
  private func known(_ run: LimitRun) throws(InvalidInput) -> AsymptoticLimit {
    guard ![.interrupted, .maxWork, .maxSeconds].contains(run.outcome) else {
      throw InvalidInput("Δ∞", because: "the search was stopped")
    }
    return run.limit
  }
}
