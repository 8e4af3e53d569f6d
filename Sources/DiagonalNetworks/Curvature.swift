import CKernels
import COpenBLAS
import Dynamics

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
    var scaled = problem.design.elements
    for i in 0..<n {
      for j in 0..<d { scaled[i * d + j] *= roots[j] }
    }
    // The smaller of A Aᵀ and Aᵀ A, which share their non-zero eigenvalues; row-major A is column-major Aᵀ (d × n).
    let k = min(n, d)
    var gram = [Double](repeating: 0, count: k * k)
    cblas_dsyrk(
      CblasColMajor, CblasUpper, n <= d ? CblasTrans : CblasNoTrans, CInt(k), CInt(max(n, d)), 1 / Double(n), scaled,
      CInt(d), 0, &gram, CInt(k))
    var values = [Double](repeating: 0, count: k)
    var (size, info) = (CInt(k), CInt(0))
    var work = [Double](repeating: 0, count: 2 * k + 1)
    var integers = [CInt](repeating: 0, count: 1)
    var (length, integerLength) = (CInt(2 * k + 1), CInt(1))
    dsyevd_("N", "U", &size, &gram, &size, &values, &work, &length, &integers, &integerLength, &info)
    guard info == 0 else {
      throw InvalidInput("weights", because: "the curvature's eigenvalues failed (LAPACK dsyevd, info \(info))")
    }
    return values
  }

  /// The largest eigenvalue h of K. Throws and costs as `spectrum`.
  public static func largest(_ problem: RegressionProblem, at w: [Double]) throws(InvalidInput) -> Double {
    try spectrum(problem, at: w).last ?? 0
  }
}

/// Process-wide settings of the linear algebra library.
public enum LinearAlgebra {
  /// One thread, so that results do not depend on the number of cores.
  public static func useOneThread() { openblas_set_num_threads(1) }

  /// The instruction set that the kernels of this package use: bits depend on it.
  public static var instructionSet: String { ["baseline", "avx2", "avx512"][Int(mgf_instruction_level())] }

  /// The version and configuration of OpenBLAS.
  public static var libraryVersion: String {
    openblas_get_config().map { String(cString: $0) } ?? "unknown"
  }
}
