import Descent
import DiagonalNetworks
import Dynamics
import ImplicitBias
import RealModule

/// ln E as a function of ln λ, with its slope: E the test error at the limit θ∞(λ).
///
/// Flows: E′ = ∇E·dθ∞/dλ from their variational equations; where those are stiff (more than `sensitivityPasses` passes,
/// and from there on for every smaller λ), and for discrete methods, which have none here, central differences of two
/// limits a small step apart in ln λ, whose mean is then the value.
package final class TestErrorCurve {
  /// The most passes that sensitivities may take at one λ.
  static let sensitivityPasses = 200_000
  /// ln of the ratio of two λ whose limits are subtracted, at most.
  static let differenceStep = 3e-4
  /// The relative error of Δ∞ allowed for each limit.
  static let deltaTolerance = 1e-9

  private let setup: Setup
  private let motion: CriticalLambda.Motion
  private let range: ClosedRange<Double>
  private let monitor: RunMonitor
  private let step: Double
  /// The largest λ at which the sensitivities took too long.
  private var stiffBelow = 0.0
  /// θ∞ at the λ that were asked for.
  private(set) var thetas: [Double: [Double]] = [:]
  /// Runs to a limit.
  private(set) var runs = 0
  /// Slopes by differences.
  private(set) var differences = 0
  /// Passes over X.
  private(set) var passes = 0

  /// Throws `InvalidInput` when the problem has no test error.
  ///
  /// - Parameter resolution: in ln λ; differences are taken over a third of it or less.
  package init(
    _ setup: Setup, _ motion: CriticalLambda.Motion, in range: ClosedRange<Double>, resolution: Double,
    monitor: RunMonitor
  ) throws(InvalidInput) {
    let zero = [Double](repeating: 0, count: setup.problem.featureCount)
    guard setup.problem.testError(zero) != nil else {
      throw InvalidInput(
        "λ*", because: "there is neither a known θ* nor a held-out row", remedy: "give --holdout F or --truth")
    }
    self.setup = setup
    self.motion = motion
    self.range = range
    step = min(Self.differenceStep, resolution / 3)
    // Runs of the search say nothing of how far it is.
    self.monitor = RunMonitor(isInterrupted: monitor.isInterrupted)
  }

  /// What does not come to a limit recovers nothing.
  private static let none = Minima.Sample(value: .infinity, slope: .nan)

  /// ln E and d ln E/d ln λ at x = ln λ. Throws `InvalidInput` when interrupted, or a run cannot be made.
  package func sample(_ x: Double) throws(InvalidInput) -> Minima.Sample {
    let lambda = min(max(Double.exp(x), range.lowerBound), range.upperBound)
    if motion == .flow, lambda > stiffBelow {
      let found = try LimitSensitivity(
        setup, lambda: lambda, deltaTolerance: Self.deltaTolerance, maximumPasses: Self.sensitivityPasses,
        monitor: monitor)
      runs += 1
      passes += found.passes
      try refuseInterruption(found.outcome)
      if found.outcome == .reached {
        thetas[x] = found.limit.theta
        return logarithmic(found.limit.theta, found.theta.map { lambda * $0 }, error: Self.deltaTolerance)
      }
      stiffBelow = lambda
    }
    let half = 0.5 * step
    // The ends of the range may not be passed: ε ≤ λ.
    let low = max(lambda * .exp(-half), range.lowerBound)
    let high = min(lambda * .exp(half), range.upperBound)
    guard let a = try theta(low), let b = try theta(high) else { return Self.none }
    differences += 1
    let width = Double.log(high / low)
    let middle = zip(a.theta, b.theta).map { 0.5 * ($0 + $1) }
    thetas[x] = middle
    let scale = zip(a.theta, b.theta).map { $1 - $0 }.maximumMagnitude
    let error = scale > 0 ? (a.error + b.error) / scale : 0
    return logarithmic(middle, zip(a.theta, b.theta).map { ($1 - $0) / width }, error: error)
  }

  /// θ∞ at λ and its error; nil when there is none.
  private func theta(_ lambda: Double) throws(InvalidInput) -> (theta: [Double], error: Double)? {
    runs += 1
    let criteria = try LimitCriteria(
      route: .project, deltaTolerance: Self.deltaTolerance, residualTolerance: 1e-10 * setup.responseScale,
      maximumTime: 1e15, maximumPasses: 20_000_000)
    let run: LimitRun
    switch motion {
    case .flow:
      let flow = try FlowSpecification(kind: .mgf, lambda: lambda, stepper: "auto", relative: 1e-13, absolute: 0)
      run = try LimitRun(setup, flow, criteria, monitor: monitor)
    case .descent(let step, let method):
      run = try LimitRun(
        setup, DescentSettings(lambda: lambda, step: step, method: method), criteria, monitor: monitor)
    }
    if case .integer(let count)? = run.cost["gradient_evaluations"] { passes += count }
    try refuseInterruption(run.outcome)
    guard run.outcome == .reached, run.limit.theta.allSatisfy(\.isFinite) else { return nil }
    return (run.limit.theta, run.limit.thetaError)
  }

  private func refuseInterruption(_ outcome: Outcome) throws(InvalidInput) {
    if outcome == .interrupted { throw InvalidInput("λ*", because: "the search was interrupted") }
  }

  /// ln E with its slope along dθ/d ln λ, of which a relative error is given.
  private func logarithmic(_ theta: [Double], _ direction: [Double], error: Double) -> Minima.Sample {
    guard let value = setup.problem.testError(theta), value.isFinite,
      let terms = setup.problem.testErrorTerms(theta, along: direction), terms.slope.isFinite
    else { return Self.none }
    // E may be zero but for rounding.
    let bounded = max(value, .leastNormalMagnitude)
    // By Cauchy's inequality |slope along t| ≤ 2√(E·square of t).
    return Minima.Sample(
      value: .log(bounded), slope: terms.slope / bounded, slopeError: 2 * error * (terms.square / bounded).squareRoot())
  }
}
