import Dynamics
import Experiments
import ImplicitBias
import Networks
import Regression

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
  public var deltaRatioMin: Double?
  public var deltaRatioMedian: Double?
  public var deltaRatioMax: Double?
  public var deltaError: Double?
  /// ‖θ‖₁ and the test error: of θ∞ when a limit was asked for, else of θ at the end.
  public var thetaL1: Double?
  public var testError: Double?
  /// λ, where the run found it itself, with λ_cert and λ_c of the problem.
  public var lambda: Double?
  public var lambdaCertified: Double?
  public var lambdaCritical: Double?
  /// The test error at the smallest λ of a search.
  public var plainTestError: Double?
  /// How many of the largest |θᵢ| carry 99 % of ‖θ‖₁, and with a table of data the names of the ten largest.
  public var features99: Int?
  public var topFeatures: String?
  /// ‖θ − θ*‖² of a known θ*.
  public var thetaError: Double?
  /// The share of the s largest |θᵢ| that belong to the s non-zero coefficients of a known θ*.
  public var supportOverlap: Double?
  /// max|θ̃₀| of the perturbed initialisation over max|θ∞|.
  public var perturbation: Double?
  /// The largest distance in w± from the flow of the order asked for.
  public var pathError: Double?
  /// Passes over X.
  public var passes: Int?
  /// Seconds of computing.
  public var wallSeconds: Double? = 0
  /// The file of the trajectory.
  public var trajectory: String?

  /// Whether it belongs to the failures: no outcome, or one that says so.
  public var hasFailed: Bool {
    outcome == nil || failure != nil
  }

  /// The outcome by its name.
  package var outcomeName: String? {
    get { outcome?.rawValue }
    set { outcome = newValue.flatMap { Outcome(rawValue: $0) } }
  }

  package init(failure: String) { self.failure = failure }

  package init(outcome: Outcome, failure: String? = nil) {
    (self.outcome, self.failure) = (outcome, failure)
  }

  /// Takes Δ∞/Δ₀ and, if `isLimit`, what is said of θ from a limit.
  package mutating func describe(_ limit: AsymptoticLimit, error: Double, _ problem: RegressionProblem, isLimit: Bool) {
    // An error of a tenth says that the tail is not known yet.
    if error <= 0.1 {
      setRatios(zip(limit.balancedness, limit.initialBalancedness).map { $0 / $1 })
      deltaError = error
    }
    // What did not come to its limit has no θ∞.
    guard isLimit, outcome == .reached else { return }
    describe(theta: limit.theta, problem)
    perturbation = limit.perturbedStart.maximumMagnitude / limit.theta.maximumMagnitude
  }

  private mutating func setRatios(_ values: [Double]) {
    let ratios = values.filter(\.isFinite).sorted()
    guard let first = ratios.first, let last = ratios.last else { return }
    let middle = ratios.count / 2
    let median = ratios.count % 2 == 1 ? ratios[middle] : 0.5 * (ratios[middle - 1] + ratios[middle])
    (deltaRatioMin, deltaRatioMedian, deltaRatioMax) = (first, median, last)
  }

  /// A limit that is less certain than asked for is a failure, as for the command `limit`.
  package mutating func require(deltaError error: Double, _ tolerance: Double) {
    guard outcome == .reached, !(error <= tolerance) else { return }
    failure =
      error.isFinite
      ? "the error estimate of Δ∞, \(short(error)), is above delta_tolerance \(short(tolerance))"
      : "Δ∞ has no error estimate"
  }

  package mutating func describe(theta: [Double], _ problem: RegressionProblem, _ loss: Loss = .square) {
    thetaL1 = theta.reduce(0) { $0 + abs($1) }
    testError = loss.isClassification ? problem.misclassified(theta) : problem.testError(theta)
    features99 = featuresCarrying(0.99, of: theta)
    if problem.truth == nil {
      let order = theta.indices.sorted { (abs(theta[$0]), $1) > (abs(theta[$1]), $0) }
      topFeatures = order.prefix(10).map { problem.featureNames[$0] }.joined(separator: " ")
    }
    if let truth = problem.truth {
      thetaError = zip(theta, truth).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      let support = Set(truth.indices.filter { truth[$0] != 0 })
      let largest = theta.indices.sorted { abs(theta[$0]) > abs(theta[$1]) }.prefix(support.count)
      if !support.isEmpty { supportOverlap = Double(largest.filter(support.contains).count) / Double(support.count) }
    }
  }
}
