import Comparison
import Descent
import Dynamics
import ImplicitBias
import Networks
import Regression

/// Hands the slow tail of a discrete run over to `SlowTail`, where that is slow enough and its error allows.
///
/// It is tried at iterations 2ʲ, each time for at most a quarter of the work done so far. A tail found from iterate k is
/// compared with the tail from iterate 5k/4 of the same run with a tenth of the tolerance: both lead to the same limit, and
/// have neither the hand-over nor the integration in common. Four times their distance is the error estimate: it holds if
/// the first errs by a quarter more than the second, ten times its tolerance notwithstanding. Unless that leaves the limit
/// within what is allowed the run goes on as if nothing had been tried. Minibatches never become slow: they are left to the
/// iteration.
package final class TailHandOver {
  private let setup: Setup
  private let settings: DescentSettings
  private let criteria: LimitCriteria
  private let monitor: RunMonitor
  private var next = 1 << 12
  private var first: (tail: SlowTail, iteration: Int)?
  /// Passes over X of the attempts that led to nothing.
  private var lostPasses = 0

  /// What was found.
  package struct Result {
    /// The limit, its error without that of the tail.
    package let limit: AsymptoticLimit
    /// What the tail adds to the errors of Δ∞ (relative) and of θ∞ (absolute).
    package let error: (delta: Double, theta: Double)
    /// The last iterate before it.
    package let iteration: Int
    /// The time reached, and the iteration nearest to it.
    package let time: Double
    package let iterations: Int
    /// What it cost in passes over X, unsuccessful attempts included, and in steps of the last tail.
    package let passes: Int
    package let steps: Int
    let end: SlowTail

    var measurement: Measurements {
      var tail = Measurements()
      (tail.fromIteration, tail.standsForIterations) = (iteration, iterations - iteration)
      (tail.steps, tail.passes) = (steps, passes)
      (tail.errorDelta, tail.errorTheta) = (error.delta, error.theta)
      return tail
    }

    /// The loss and ‖Xθ − y‖∞ where it ended.
    package func end(_ problem: RegressionProblem) -> (loss: Double, residualMax: Double) {
      let network = DiagonalNetwork(problem)
      return (network.value(end.weights), network.residualMax)
    }
  }

  /// The limit, once it is found.
  package private(set) var result: Result?

  package init?(_ setup: Setup, _ settings: DescentSettings, _ criteria: LimitCriteria, monitor: RunMonitor) {
    guard criteria.tail == .auto, criteria.route == .project, settings.batches == nil, setup.problem.reduction == nil
    else { return nil }
    self.setup = setup
    self.settings = settings
    self.criteria = criteria
    self.monitor = monitor
  }

  /// Whether the run may end at iterate k; `iterate` is asked for only where something is tried. A run is to be looked at
  /// at the iterations 2ʲ and 5·2ʲ.
  package func isFound(_ k: Int, _ iterate: () -> SlowTail.Iterate) -> Bool {
    if let first {
      guard k >= first.iteration + first.iteration / 4 else { return false }
      self.first = nil
      guard let second = tail(from: iterate(), tolerance: tolerance) else {
        lostPasses += first.tail.passes
        return false
      }
      let gap = AsymptoticGap(second.limit, first.tail.limit)
      let error = (delta: 4 * gap.balancedness, theta: 4 * gap.theta * second.limit.theta.maximumMagnitude)
      let passes = lostPasses + first.tail.passes + second.passes
      guard second.limit.balancednessError + error.delta <= criteria.deltaTolerance, error.theta.isFinite else {
        lostPasses = passes
        return false
      }
      result = Result(
        limit: second.limit, error: error, iteration: k, time: second.time,
        iterations: Int(min((second.time / settings.step).rounded(), 1e18)), passes: passes, steps: second.steps,
        end: second)
      return true
    }
    guard k >= next else { return false }
    while next <= k { next *= 2 }
    if let tail = tail(from: iterate(), tolerance: 10 * tolerance) { first = (tail, k) }
    return false
  }

  /// The local error allowed: three digits beyond the limit's, as far as doubles carry Newton's method.
  private var tolerance: Double { min(1e-9, max(1e-12, 1e-3 * criteria.deltaTolerance)) }

  private func tail(from iterate: SlowTail.Iterate, tolerance: Double) -> SlowTail? {
    try? SlowTail(
      setup, settings, from: iterate, relative: tolerance, deltaTolerance: criteria.deltaTolerance,
      maximumTime: criteria.maximumTailTime,
      work: 0.25 * Double(iterate.iteration) * SlowTail.iterationWork(setup.problem), monitor: monitor)
  }
}
