import Dynamics
import ImplicitBias
import RealModule

/// Decides how far a run must go before its limit can be projected, and keeps the last projection.
///
/// A projection costs two decompositions, so it is tried only where the energy promises success: its error goes with a
/// power between 3 and 4 of the root of the energy, which tells from each attempt how much smaller that must become.
package final class ProjectionCriterion {
  private let setup: Setup
  private let motion: LogTail.Motion
  private let tolerance: Double
  private let monitor: RunMonitor
  private var first = 0.0
  private var threshold = Double.infinity
  /// The last projection, and the number of its state.
  private var last: (limit: AsymptoticLimit, key: Double)?

  package init(_ setup: Setup, _ motion: LogTail.Motion, tolerance: Double, monitor: RunMonitor) {
    self.monitor = monitor
    self.setup = setup
    self.motion = motion
    // The other half is for the error of the state.
    self.tolerance = 0.5 * tolerance
  }

  /// Whether the projection from this state meets the tolerance; looks closer only when the energy is low enough.
  ///
  /// - Parameter key: the number of the state, so that it is projected once only.
  package func isMet(_ key: Double, time: Double, energy: Double, _ state: () -> State) -> Bool {
    let amplitude = energy.squareRoot()
    if threshold == .infinity {
      first = amplitude
      // An ordinary start tells nothing: there the tail is everything. One that nearly interpolates may be enough.
      threshold =
        amplitude <= 1e-3 * setup.responseScale ? amplitude : amplitude * min(0.3, max(0.01, .pow(tolerance, 0.25)))
    }
    if amplitude < first, threshold > 0 {
      monitor.progress(Double.log(first / amplitude) / Double.log(first / threshold), "t = \(short(time))")
    }
    guard amplitude <= threshold else { return false }
    guard let limit = try? project(key, state()) else {
      threshold = 0.3 * amplitude
      return false
    }
    let excess = excess(limit)
    if excess <= 1 { return true }
    threshold = amplitude * min(0.8, max(0.02, excess.isFinite ? 0.9 * .pow(excess, -1 / 3.5) : 0.3))
    return false
  }

  /// Whether this projection is good enough.
  package func accepts(_ limit: AsymptoticLimit) -> Bool { excess(limit) <= 1 }

  /// The projection's error in units of what is allowed.
  private func excess(_ limit: AsymptoticLimit) -> Double {
    guard let error = limit.projectionError else { return .infinity }
    // θ∞ may be zero but for rounding: the weights' own scale counts, too.
    let scale = largerOrNaN(limit.theta.maximumMagnitude, limit.balancedness.maximumMagnitude)
    return largerOrNaN(error.delta, scale > 0 ? error.theta / scale : 0) / tolerance
  }

  /// The weights, rates (discrete: increments) and integrals of a run.
  package struct State {
    let weights: [Double]
    let rates: [Double]
    let gradientIntegral: [Double]
    let stateError: Double
    let balanceCheck: Double?
    /// Whether the error of the state has to be found by a second run.
    let needsSecondRun: Bool
    /// Weights and rates are those above times 2 to these powers (2d); nil where they are what they seem.
    let exponents: [Int]?

    package init(
      weights: [Double], rates: [Double], gradientIntegral: [Double], stateError: Double, balanceCheck: Double?,
      needsSecondRun: Bool, exponents: [Int]? = nil
    ) {
      self.exponents = exponents
      self.weights = weights
      self.rates = rates
      self.gradientIntegral = gradientIntegral
      self.stateError = stateError
      self.balanceCheck = balanceCheck
      self.needsSecondRun = needsSecondRun
    }
  }

  /// The limit from this state, whatever its error.
  package func project(_ key: Double, _ state: State) throws(InvalidInput) -> AsymptoticLimit {
    if let last, last.key == key { return last.limit }
    let limit = try AsymptoticLimit(
      projecting: setup.problem, setup.rowSpace, start: setup.start, weights: state.weights, rates: state.rates,
      motion: motion, gradientIntegral: state.gradientIntegral, stateError: state.stateError,
      balanceCheck: state.balanceCheck, exponents: state.exponents)
    last = (limit, key)
    return limit
  }
}
