import DiagonalNetworks
import Dynamics
import Experiments
import ImplicitBias

/// What a study keeps of a run.
public struct RunResult: Sendable {
  /// How it ended; nil when it could not be made or failed on the way.
  public var outcome: Outcome?
  /// Why it failed.
  public var failure: String?
  /// Iterations of a discrete method.
  public var iterations: Int?
  /// The time reached; discrete: kε.
  public var time: Double?
  /// The loss and the largest residual where it ended.
  public var loss: Double?
  public var residualMax: Double?
  /// Δ∞/Δ₀ over the features, and the estimated relative error of Δ∞; nil where the limit cannot be projected.
  public var deltaRatio: (min: Double, median: Double, max: Double)?
  public var deltaError: Double?
  /// ‖θ‖₁ and the test error: of θ∞ when a limit was asked for, else of θ at the end.
  public var thetaL1: Double?
  public var testError: Double?
  /// Passes over X.
  public var passes: Int?
  /// Seconds of computing.
  public var wallSeconds = 0.0
  /// The file of the trajectory.
  public var trajectory: String?

  /// Whether it belongs to the failures: no outcome, or one that says so.
  public var hasFailed: Bool {
    switch outcome {
    case nil, .nonFinite, .stepTooSmall: true
    default: false
    }
  }

  init(failure: String) { self.failure = failure }

  init(outcome: Outcome, failure: String? = nil) {
    (self.outcome, self.failure) = (outcome, failure)
  }

  /// Takes Δ∞/Δ₀ and, if `isLimit`, what is said of θ from a limit.
  mutating func describe(_ limit: AsymptoticLimit, error: Double, _ problem: RegressionProblem, isLimit: Bool) {
    let ratios = zip(limit.balancedness, limit.initialBalancedness).map { $0 / $1 }.filter(\.isFinite).sorted()
    // An error of a tenth says that the tail is not known yet.
    if error <= 0.1, let first = ratios.first, let last = ratios.last {
      let middle = ratios.count / 2
      let median = ratios.count % 2 == 1 ? ratios[middle] : 0.5 * (ratios[middle - 1] + ratios[middle])
      deltaRatio = (first, median, last)
      deltaError = error
    }
    if isLimit { describe(theta: limit.theta, problem) }
  }

  mutating func describe(theta: [Double], _ problem: RegressionProblem) {
    thetaL1 = theta.reduce(0) { $0 + abs($1) }
    testError = problem.testError(theta)
  }
}
