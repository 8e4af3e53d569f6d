import Regression

/// The network's gradient by the definition, loop by loop: the plain-Swift twin of the C kernel.
public enum NaiveNetwork {
  /// r = Xθ − y and g = Xᵀr/n with two passes and no reordering.
  public static func residualAndGradient(
    _ problem: RegressionProblem, theta: [Double], rows: [Int]? = nil
  ) -> (residual: [Double], gradient: [Double]) {
    let rows = rows ?? Array(0..<problem.sampleCount)
    var residual: [Double] = []
    for i in rows {
      var sum = -problem.response[i]
      for j in 0..<problem.featureCount { sum += problem.design[i, j] * theta[j] }
      residual.append(sum)
    }
    var gradient = [Double](repeating: 0, count: problem.featureCount)
    for j in 0..<problem.featureCount {
      for (k, i) in rows.enumerated() { gradient[j] += problem.design[i, j] * residual[k] }
      gradient[j] /= Double(rows.count)
    }
    return (residual, gradient)
  }

  /// f(w) = (g⊙w₊, −g⊙w₋).
  public static func field(_ problem: RegressionProblem, _ w: [Double]) -> [Double] {
    let d = problem.featureCount
    let theta = (0..<d).map { (w[$0] * w[$0] - w[d + $0] * w[d + $0]) / 4 }
    let g = residualAndGradient(problem, theta: theta).gradient
    return (0..<d).map { g[$0] * w[$0] } + (0..<d).map { -g[$0] * w[d + $0] }
  }
}
