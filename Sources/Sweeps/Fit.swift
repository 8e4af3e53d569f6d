import Networks
import Regression

/// A θ that a run found, beside its problem: what columns say of it.
package struct Fit {
  /// The coefficients, d numbers.
  let theta: [Double]
  let problem: RegressionProblem
  var loss = Loss.square

  /// The error on rows held out or of θ*; for classification the share of them on the wrong side.
  var testError: Double? { loss.isClassification ? problem.misclassified(theta) : problem.testError(theta) }

  /// ‖θ − θ*‖², where there is a θ*.
  var error: Double? {
    problem.truth.map { truth in zip(theta, truth).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } }
  }

  /// The share of the support of θ* among as many largest |θᵢ|.
  var supportOverlap: Double? {
    guard let truth = problem.truth else { return nil }
    let support = Set(truth.indices.filter { truth[$0] != 0 })
    guard !support.isEmpty else { return nil }
    let largest = theta.indices.sorted { abs(theta[$0]) > abs(theta[$1]) }.prefix(support.count)
    return Double(largest.filter(support.contains).count) / Double(support.count)
  }

  /// The names of the ten largest |θᵢ|, of real data.
  var topFeatures: String? {
    guard problem.truth == nil else { return nil }
    let order = theta.indices.sorted { (abs(theta[$0]), $1) > (abs(theta[$1]), $0) }
    return order.prefix(10).map { problem.featureNames[$0] }.joined(separator: " ")
  }
}
