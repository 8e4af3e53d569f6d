import Descent
import Dynamics
import ImplicitBias

/// The test error of the limit as a function of λ, with its slope on ln λ where sensitivities are within reach.
final class LimitSamples {
  /// The lowest so far, with θ∞.
  private(set) var best: (error: Double, theta: [Double])?
  /// Runs to a limit.
  private(set) var count = 0
  /// Those with a slope.
  private(set) var slopes = 0

  private let setup: Setup
  private let motion: CriticalLambda.Motion
  private let seeksSlopes: Bool
  private let monitor: RunMonitor
  private let announcer: Announcer
  /// Each run is one of many: the search speaks for it.
  private let quiet: RunMonitor
  private let deltaTolerance = 1e-8
  /// E(θ + 1) − E(θ) − E′(θ; 1): by how much E bends along (1, …, 1).
  private let bend: Double

  init(_ setup: Setup, _ motion: CriticalLambda.Motion, monitor: RunMonitor) {
    self.setup = setup
    self.motion = motion
    seeksSlopes = motion == .flow
    self.monitor = monitor
    announcer = Announcer(monitor)
    quiet = RunMonitor(isInterrupted: monitor.isInterrupted, meter: monitor.meter)
    let (origin, ones) = (
      [Double](repeating: 0, count: setup.problem.featureCount),
      [Double](repeating: 1, count: setup.problem.featureCount)
    )
    bend =
      (setup.problem.testError(ones) ?? 0) - (setup.problem.testError(origin) ?? 0)
      - (setup.problem.testErrorSlope(origin, along: ones) ?? 0)
  }

  /// E at λ, one of about `expected` runs. Throws `InvalidInput` when there is no test error, or the run cannot be made or is stopped.
  func sample(_ lambda: Double, of expected: Int) throws(InvalidInput) -> MinimumFinder.Sample {
    count += 1
    announcer.tell { "λ*: run \(count) at λ = \(short(lambda)), \(duration($0)) so far" }
    monitor.progress(Double(count) / Double(count + expected), "λ* by λ = \(short(lambda))")
    let criteria = try LimitCriteria(
      route: .project, deltaTolerance: deltaTolerance,
      maximumTime: 1e15, maximumPasses: 20_000_000)
    let run: LimitRun
    switch motion {
    case .flow:
      let flow = try FlowSpecification(kind: .mgf, lambda: lambda, stepper: "auto", relative: 1e-12, absolute: 0)
      run = try LimitRun(setup, flow, criteria, monitor: quiet)
    case .descent(let step, let method):
      run = try LimitRun(setup, DescentSettings(lambda: lambda, step: step, method: method), criteria, monitor: quiet)
    }
    guard ![.interrupted, .maxWork, .maxSeconds].contains(run.outcome) else {
      throw InvalidInput("λ*", because: "the search was stopped")
    }
    guard let error = setup.problem.testError(run.limit.theta) else {
      throw InvalidInput(
        "λ*", because: "there is neither a known θ* nor a held-out row", remedy: "give \(.holdout, "F") or \(.truth)")
    }
    // What does not come to a limit recovers nothing.
    guard run.outcome == .reached, error.isFinite else { return MinimumFinder.Sample(value: .infinity, slope: nil) }
    let noise = self.noise(error, run.limit)
    if seeksSlopes, !run.isStiff, let found = try sensitivity(lambda, run) {
      slopes += 1
      keep(found.error, found.limit.limit.theta)
      // Two integrations of unlike tolerances: what they differ by beyond the error of their projections is their own.
      let own = self.noise(found.error, found.limit.limit)
      return MinimumFinder.Sample(
        value: found.error, slope: found.slope * lambda, noise: max(own, abs(found.error - error) - noise))
    }
    keep(error, run.limit.theta)
    return MinimumFinder.Sample(value: error, slope: nil, noise: noise)
  }

  /// E and dE/dλ; nil when the sensitivities do not come to their limit within some passes, counted by those of the run.
  private func sensitivity(
    _ lambda: Double, _ run: LimitRun
  ) throws(InvalidInput) -> (error: Double, slope: Double, limit: LimitSensitivity)? {
    let passes = max(20_000, 4 * (run.cost.passes ?? 0))
    do throws(InvalidInput) {
      let found = try LimitSensitivity(
        setup, lambda: lambda, deltaTolerance: deltaTolerance, maximumPasses: passes, monitor: quiet)
      if [.interrupted, .maxWork, .maxSeconds].contains(found.outcome) {
        throw InvalidInput("λ*", because: "the search was stopped")
      }
      guard found.outcome == .reached, let error = setup.problem.testError(found.limit.theta), error.isFinite,
        let slope = setup.problem.testErrorSlope(found.limit.theta, along: found.theta), slope.isFinite
      else { return nil }
      return (error, slope, found)
    } catch {
      guard monitor.stopReason == nil else { throw error }
      return nil
    }
  }

  /// By how much E may be off: |E(θ + δ) − E(θ)| ≤ 2√(E Q) + Q with Q = E's quadratic form of δ.
  private func noise(_ error: Double, _ limit: AsymptoticLimit) -> Double {
    let q = bend * limit.thetaError * limit.thetaError
    guard q.isFinite, q >= 0 else { return 0 }
    return 2 * (error * q).squareRoot() + q
  }

  private func keep(_ error: Double, _ theta: [Double]) {
    if error < best?.error ?? .infinity { best = (error, theta) }
  }
}
