import Dynamics
import LinearAlgebra
import Regression

/// The spectrum of K = X D Xᵀ/n with D = diag((w₊² + w₋²)/2): the curvatures of the modes of the residual near w.
public enum Curvature {
  /// All min(n, d) largest eigenvalues of K, increasing, at w (2d numbers).
  ///
  /// Throws `InvalidInput` when a weight is not finite or LAPACK fails. Complexity: O(nd·min(n, d)).
  public static func spectrum(_ problem: RegressionProblem, at w: [Double]) throws(InvalidInput) -> [Double] {
    let n = problem.sampleCount
    let d = problem.featureCount
    let roots = (0..<d).map { (0.5 * (w[$0] * w[$0] + w[d + $0] * w[d + $0])).squareRoot() }
    guard roots.allSatisfy(\.isFinite) else {
      throw InvalidInput("weights", because: "they are too large for the curvature to be finite")
    }
    var gram = problem.design.gram(roots: roots, scale: 1 / Double(n))
    return try symmetricEigenvalues(&gram, min(n, d), withVectors: false, of: "weights")
  }

  /// The largest eigenvalue h of K. Throws and costs as `spectrum`.
  public static func largest(_ problem: RegressionProblem, at w: [Double]) throws(InvalidInput) -> Double {
    try spectrum(problem, at: w).last ?? 0
  }
}
