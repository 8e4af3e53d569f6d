import Dynamics
import Experiments
import ImplicitBias
import Networks
import Regression

/// What a study keeps of a run: measurements of the quantities that are columns of its store.
extension Measurements {
  /// Of a run that ended, or of one that could not be made.
  package init(_ outcome: Outcome?, failure: Message? = nil) {
    self.init()
    (self.outcome, self.failure, self.wallSeconds) = (outcome, failure, 0)
  }

  /// Of a run that could not be made.
  package init(failure: Message) { self.init(nil, failure: failure) }

  /// Whether it belongs to the failures: no outcome, or one that says so.
  package var hasFailed: Bool { self.outcome == nil || failure != nil }

  /// Takes Δ∞/Δ₀ and, if `isLimit`, what is said of θ from a limit.
  package mutating func describe(_ limit: AsymptoticLimit, error: Double, _ problem: RegressionProblem, isLimit: Bool) {
    // An error of a tenth says that the tail is not known yet.
    if error <= 0.1 {
      setRatios(zip(limit.balancedness, limit.initialBalancedness).map { $0 / $1 })
      self.deltaError = error
    }
    // What did not come to its limit has no θ∞.
    guard isLimit, self.outcome == .reached else { return }
    describe(Fit(theta: limit.theta, problem: problem))
    self.perturbation = limit.perturbedStart.maximumMagnitude / limit.theta.maximumMagnitude
  }

  private mutating func setRatios(_ values: [Double]) {
    let ratios = values.filter(\.isFinite).sorted()
    guard let first = ratios.first, let last = ratios.last else { return }
    let middle = ratios.count / 2
    let median = ratios.count % 2 == 1 ? ratios[middle] : 0.5 * (ratios[middle - 1] + ratios[middle])
    (self.deltaRatioMin, self.deltaRatioMedian, self.deltaRatioMax) = (first, median, last)
  }

  /// A limit that is less certain than asked for is a failure, as for the command `limit`.
  package mutating func require(deltaError error: Double, _ tolerance: Double) {
    guard self.outcome == .reached, !(error <= tolerance) else { return }
    failure =
      error.isFinite
      ? "the error estimate of Δ∞, \(short(error)), is above delta_tolerance \(short(tolerance))"
      : "Δ∞ has no error estimate"
  }

  /// Takes what the columns say of θ.
  package mutating func describe(_ fit: Fit) {
    for column in StoreColumn.all {
      if case .theta(let value) = column.source, let value = value(fit) { take(value, named: column.name) }
    }
  }
}
