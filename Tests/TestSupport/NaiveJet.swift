import Regression

/// The Taylor coefficients of a network's flow by the definition, sum by sum: the plain-Swift twin of the C kernels.
public enum NaiveJet {
  /// Coefficients 0 … degree of w (2d numbers each) and of g (d numbers each), in units of time `unit`, for
  /// λẅ + ẇ + f(w) = 0 from (w, v); λ = 0 for gradient flow, which needs no v.
  public static func coefficients(
    _ problem: RegressionProblem, _ w: [Double], _ v: [Double], lambda: Double, degree: Int, unit: Double
  ) -> (weights: [[Double]], gradients: [[Double]]) {
    let d = problem.featureCount
    var weights = [w]
    if lambda > 0 { weights.append(v.map { unit * $0 }) }
    var gradients: [[Double]] = []
    while weights.count <= degree {
      let k = gradients.count
      var theta = [Double](repeating: 0, count: d)
      for i in 0..<d {
        for j in 0...k {
          theta[i] += 0.25 * (weights[j][i] * weights[k - j][i] - weights[j][d + i] * weights[k - j][d + i])
        }
      }
      var g = NaiveNetwork.residualAndGradient(problem, theta: theta).gradient
      if k > 0 {
        // The target belongs to order 0 alone.
        let atZero = NaiveNetwork.residualAndGradient(problem, theta: theta.map { _ in 0 }).gradient
        g = zip(g, atZero).map { $0 - $1 }
      }
      gradients.append(g)
      var next = [Double](repeating: 0, count: 2 * d)
      for i in 0..<d {
        for j in 0...k {
          next[i] += gradients[j][i] * weights[k - j][i]
          next[d + i] -= gradients[j][i] * weights[k - j][d + i]
        }
      }
      let order = Double(k)
      weights.append(
        (0..<2 * d).map {
          lambda > 0
            ? -(unit * (order + 1) * weights[k + 1][$0] + unit * unit * next[$0])
              / (lambda * (order + 1) * (order + 2))
            : -unit * next[$0] / (order + 1)
        })
    }
    return (weights, gradients)
  }
}
