import DiagonalNetworks
import Dynamics
import ImplicitBias
import RealModule

/// Decides how far a run must go before its limit can be projected, and keeps the last projection.
///
/// A projection costs two decompositions, so it is tried only where the energy promises success: its error goes with a
/// power between 3 and 4 of the root of the energy, which tells from each attempt how much smaller that must become.
final class ProjectionCriterion {
  private let setup: Setup
  private let motion: LogTail.Motion
  private let tolerance: Double
  private let monitor: RunMonitor
  private var first = 0.0
  private var threshold = Double.infinity
  /// The last projection, and the time (discrete: iteration) of its state.
  private(set) var last: (limit: AsymptoticLimit, time: Double)?

  init(_ setup: Setup, _ motion: LogTail.Motion, tolerance: Double, monitor: RunMonitor) {
    self.monitor = monitor
    self.setup = setup
    self.motion = motion
    self.tolerance = tolerance
  }

  /// Whether the projection from this state meets the tolerance; looks closer only when the energy is low enough.
  func isMet(time: Double, energy: Double, _ state: () -> State) -> Bool {
    let amplitude = energy.squareRoot()
    if threshold == .infinity {
      // The start itself tells nothing: there the tail is everything.
      first = amplitude
      threshold = amplitude * min(0.3, max(0.01, .pow(tolerance, 0.25)))
    }
    if amplitude < first, threshold > 0 {
      monitor.progress(Double.log(first / amplitude) / Double.log(first / threshold), "t = \(short(time))")
    }
    guard amplitude <= threshold else { return false }
    guard let limit = try? project(time: time, state()) else { return false }
    let excess = excess(limit)
    if excess <= 1 { return true }
    threshold = amplitude * min(0.8, max(0.02, excess.isFinite ? 0.9 * .pow(excess, -1 / 3.5) : 0.3))
    return false
  }

  /// The projection's error in units of what is allowed.
  private func excess(_ limit: AsymptoticLimit) -> Double {
    let error = limit.projectionError ?? (0, 0)
    let theta = limit.theta.maximumMagnitude
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
