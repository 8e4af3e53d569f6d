import COpenBLAS
import Dynamics

/// The modes of the residual near a state: the left singular vectors uₖ and singular values sₖ of X D^½, D the weights of
/// the features, so that K = X D Xᵀ/n has the eigenvalues hₖ = sₖ²/n.
///
/// Singular values below max(n, d)·2⁻⁵²·s₁ count as zero, as in `RowSpace`, whose right vectors nobody needs here.
public struct ResidualModes: Sendable {
  /// hₖ > 0, decreasing.
  public let curvatures: [Double]
  private let design: DesignMatrix
  private let singularValues: [Double]
  /// Row k is uₖ, count × n.
  public let left: [Double]

  /// The number of modes.
  public var count: Int { singularValues.count }

  /// The modes for `roots` = D^½ (d numbers). Throws `InvalidInput` when LAPACK does not converge. Complexity:
  /// O(nd·min(n, d)).
  public init(_ design: DesignMatrix, rootWeights roots: [Double]) throws(InvalidInput) {
    let (n, d) = (design.rows, design.columns)
    let k = min(n, d)
    // Row-major A = X D^½ is column-major Aᵀ (d × n) = V S Uᵀ: LAPACK's right vectors are the left ones of A.
    var a = [Double](unsafeUninitializedCapacity: n * d) { buffer, count in
      for i in 0..<n {
        let row = design[row: i]
        for j in 0..<d { buffer[i * d + j] = row[j] * roots[j] }
      }
      count = n * d
    }
    var s = [Double](repeating: 0, count: k)
    var ut = [Double](repeating: 0, count: k * n)
    var (m32, n32, k32, one, info) = (CInt(d), CInt(n), CInt(k), CInt(1), CInt(0))
    var (query, none, length) = (0.0, 0.0, CInt(-1))
    dgesvd_("N", "S", &m32, &n32, &a, &m32, &s, &none, &one, &ut, &k32, &query, &length, &info)
    length = CInt(query)
    var work = [Double](repeating: 0, count: max(Int(query), 1))
    dgesvd_("N", "S", &m32, &n32, &a, &m32, &s, &none, &one, &ut, &k32, &work, &length, &info)
    guard info == 0 else {
      throw InvalidInput(
        "residual modes", because: "the singular value decomposition failed (LAPACK dgesvd, info \(info))")
    }
    let threshold = (s.first ?? 0) * Double(max(n, d)) * 0x1p-52
    let rank = s.firstIndex { $0 <= threshold } ?? k
    self.design = design
    singularValues = Array(s.prefix(rank))
    curvatures = singularValues.map { $0 * $0 / Double(n) }
    left = (0..<rank).flatMap { r in (0..<n).map { ut[$0 * k + r] } }
  }

  /// The components of `vector` (n numbers) along the modes, `count` numbers.
  public func components(_ vector: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: count)
    if count > 0 {
      cblas_dgemv(
        CblasRowMajor, CblasNoTrans, CInt(count), CInt(design.rows), 1, left, CInt(design.rows), vector, 1, 0, &result,
        1)
    }
    return result
  }

  /// What is left of `vector` after its components along the modes, n numbers.
  public func remainder(of vector: [Double], components: [Double]) -> [Double] {
    var rest = vector
    if count > 0 {
      cblas_dgemv(
        CblasRowMajor, CblasTrans, CInt(count), CInt(design.rows), -1, left, CInt(design.rows), components, 1, 1, &rest,
        1)
    }
    return rest
  }

  /// Xᵀuₖ/(n hₖ): d × count, row-major.
  public func pullback() -> [Double] {
    let (d, k) = (design.columns, count)
    var result = [Double](repeating: 0, count: d * k)
    guard k > 0 else { return result }
    let x = design.packed
    cblas_dgemm(
      CblasRowMajor, CblasTrans, CblasTrans, CInt(d), CInt(k), CInt(x.rows), 1, x.base, CInt(x.stride), left,
      CInt(x.rows), 0, &result, CInt(k))
    let inverses = singularValues.map { 1 / ($0 * $0) }
    for i in 0..<d {
      for j in 0..<k { result[i * k + j] *= inverses[j] }
    }
    return result
  }
}
