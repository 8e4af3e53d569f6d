import Dynamics
import Networks
import Regression

/// The steepest mode of the residual at given weights, K = X D Xᵀ/n with D = diag((w₊² + w₋²)/2), and the feature that
/// carries most of it: what bounds steps.
///
/// By power iteration from a fixed start, without a copy of X: a curvature that is never above the largest one. Columns are
/// scaled, so that entries of any size do not overflow on the way.
package struct SteepestMode {
  /// h, the curvature (per unit of time); infinite when it leaves the range of doubles.
  package let curvature: Double
  /// The feature with the largest share in the mode.
  package let feature: Int
  /// The largest |gᵢ|, and its feature.
  package let gradient: Double
  package let gradientFeature: Int
  /// Largest |entry| of each of the two columns.
  package let sizes: (mode: Double, gradient: Double)

  private static let iterations = 24

  /// Nil when no weight is finite and not zero, for a block of features, and for an X so large that many passes over it
  /// would be felt. Complexity: O(nd).
  package init?(_ problem: RegressionProblem, at w: [Double]) {
    let (n, d) = (problem.sampleCount, problem.featureCount)
    guard problem.reduction == nil, n * d < Setup.largeProblem, w.count == 2 * d, w.allSatisfy(\.isFinite) else {
      return nil
    }
    let x = problem.design
    var largest = [Double](repeating: 0, count: d)
    for i in 0..<n {
      let row = x[row: i]
      for j in 0..<d { largest[j] = max(largest[j], abs(row[j])) }
    }
    let roots = (0..<d).map { (0.5 * (w[$0] * w[$0] + w[d + $0] * w[d + $0])).squareRoot() }
    let scale = (0..<d).map { largest[$0] * roots[$0] }.max() ?? 0
    guard scale > 0, scale.isFinite else { return nil }
    let factors = roots.map { $0 / scale }
    var u = (0..<n).map { 1 + 0.5 * Double($0 & 3) }
    var (v, value) = ([Double](repeating: 0, count: d), 0.0)
    for _ in 0..<Self.iterations {
      let length = u.reduce(0) { $0 + $1 * $1 }.squareRoot()
      guard length > 0 else { break }
      for i in 0..<n { u[i] /= length }
      for j in 0..<d { v[j] = 0 }
      for i in 0..<n {
        let row = x[row: i]
        for j in 0..<d { v[j] += u[i] * (row[j] * factors[j]) }
      }
      for i in 0..<n {
        let row = x[row: i]
        var sum = 0.0
        for j in 0..<d { sum += (row[j] * factors[j]) * v[j] }
        u[i] = sum
      }
      // Rayleigh's quotient, from below.
      value = v.reduce(0) { $0 + $1 * $1 }
    }
    curvature = value / Double(n) * scale * scale
    let mode = v.indices.max { abs(v[$0]) < abs(v[$1]) } ?? 0
    feature = mode
    let network = DiagonalNetwork(problem)
    network.evaluate(w)
    let g = (0..<d).map { abs(network.lossGradient[$0]) }
    let steepest = g.indices.max { !(g[$1] <= g[$0]) } ?? 0
    (gradientFeature, gradient) = (steepest, g.isEmpty ? 0 : g[steepest])
    sizes = (largest[mode], largest[steepest])
  }
}

extension SteepestMode {
  /// That of a setup with the diagonal network and the square loss; nil for others.
  init?(_ setup: Setup, at w: [Double]) {
    guard setup.model == .standard else { return nil }
    self.init(setup.problem, at: w)
  }
}
