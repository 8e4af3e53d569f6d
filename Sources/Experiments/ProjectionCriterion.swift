import DiagonalNetworks
import Dynamics
import ImplicitBias
import RealModule

/// Decides how far a run must go before its limit can be projected, and keeps the last projection.
///
/// A projection costs a decomposition, so it is tried only where the energy promises success: its error is cubic in the
/// square root of the energy, which tells from each attempt how much smaller that must become.
final class ProjectionCriterion {
  private let setup: Setup
  private let motion: LogTail.Motion
  private let tolerance: Double
  private var threshold = Double.infinity
  private var failure: InvalidInput?
  /// The last projection, and the time (discrete: iteration) of its state.
  private(set) var last: (limit: AsymptoticLimit, time: Double)?

  /// The error of θ∞ is asked to be this much smaller, relative to max|θ|: it usually is.
  private static let thetaShare = 0.01

  init(_ setup: Setup, _ motion: LogTail.Motion, tolerance: Double) {
    self.setup = setup
    self.motion = motion
    self.tolerance = tolerance
  }

  /// Whether the projection from this state meets the tolerance; looks closer only when the energy is low enough.
  func isMet(time: Double, energy: Double, _ state: () -> State) -> Bool {
    let amplitude = energy.squareRoot()
    // The start itself tells nothing: there the tail is everything.
    if threshold == .infinity { threshold = 0.3 * amplitude }
    guard amplitude <= threshold else { return false }
    guard let limit = try? project(time: time, state()) else { return false }
    let excess = excess(limit)
    if excess <= 1 { return true }
    threshold = amplitude * min(0.7, max(0.02, excess.isFinite ? 0.8 * .pow(excess, -1.0 / 3) : 0.3))
    return false
  }

  /// The projection's error in units of what is allowed.
  private func excess(_ limit: AsymptoticLimit) -> Double {
    let error = limit.projectionError ?? (0, 0)
    let theta = Self.thetaShare * limit.theta.maximumMagnitude
    return largerOrNaN(error.delta, theta > 0 ? error.theta / theta : 0) / tolerance
  }

  /// The weights, rates (discrete: increments) and integrals of a run.
  struct State {
    let weights: [Double]
    let rates: [Double]
    let gradientIntegral: [Double]
    let stateError: Double
    let balanceCheck: Double?
  }

  /// The limit from this state, whatever its error.
  @discardableResult
  func project(time: Double, _ state: State) throws(InvalidInput) -> AsymptoticLimit {
    if let last, last.time == time { return last.limit }
    let limit = try AsymptoticLimit(
      projecting: setup.problem, setup.rowSpace, start: setup.start, weights: state.weights, rates: state.rates,
      motion: motion, gradientIntegral: state.gradientIntegral, stateError: state.stateError,
      balanceCheck: state.balanceCheck)
    last = (limit, time)
    return limit
  }
}
