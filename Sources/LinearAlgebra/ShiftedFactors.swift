import COpenBLAS
import Dynamics

/// LU factors of one real and several complex symmetric n × n matrices, those of the systems of an implicit method.
package final class ShiftedFactors {
  package let n: Int
  /// The real matrix, then its factors, n × n.
  package let real: UnsafeMutablePointer<Double>
  /// The complex ones: real and imaginary parts alternate.
  package let complex: [UnsafeMutablePointer<Double>]
  private let pair: UnsafeMutablePointer<Double>
  private var realPivots: [CInt]
  private var complexPivots: [[CInt]]
  private let workspace = Workspace()

  package init(size n: Int, complexCount: Int) {
    self.n = n
    let workspace = workspace
    real = workspace.zeros(n * n)
    complex = (0..<complexCount).map { _ in workspace.zeros(2 * n * n) }
    pair = workspace.zeros(2 * n)
    realPivots = [CInt](repeating: 0, count: n)
    complexPivots = [[CInt]](repeating: realPivots, count: complexCount)
  }

  /// Multiply-adds of a factorisation.
  package var work: Double { (1 + 4 * Double(complex.count)) * Double(n * n) * Double(n) / 3 }

  /// Factors the real matrix; false when it is singular or not finite.
  package func factorReal() -> Bool {
    guard isFinite(real, n * n) else { return false }
    var (size, info) = (CInt(n), CInt(0))
    dgetrf_(&size, &size, real, &size, &realPivots, &info)
    return info == 0
  }

  /// Factors the k-th complex matrix; false likewise.
  package func factorComplex(_ k: Int) -> Bool {
    guard isFinite(complex[k], 2 * n * n) else { return false }
    var (size, info) = (CInt(n), CInt(0))
    zgetrf_(&size, &size, complex[k], &size, &complexPivots[k], &info)
    return info == 0
  }

  /// Solves for the real matrix, n numbers in place.
  package func solveReal(_ u: UnsafeMutablePointer<Double>) {
    var (size, one, info) = (CInt(n), CInt(1), CInt(0))
    // Symmetric: row- or column-major is the same.
    dgetrs_("N", &size, &one, real, &size, realPivots, u, &size, &info)
  }

  /// Solves for the k-th complex matrix, real and imaginary part in place.
  package func solve(_ k: Int, real re: UnsafeMutablePointer<Double>, imaginary im: UnsafeMutablePointer<Double>) {
    var (size, one, info) = (CInt(n), CInt(1), CInt(0))
    for q in 0..<n { (pair[2 * q], pair[2 * q + 1]) = (re[q], im[q]) }
    zgetrs_("N", &size, &one, complex[k], &size, complexPivots[k], pair, &size, &info)
    for q in 0..<n { (re[q], im[q]) = (pair[2 * q], pair[2 * q + 1]) }
  }
}
