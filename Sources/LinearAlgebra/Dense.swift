import COpenBLAS

/// Products and factorisations of dense matrices that lie anywhere in memory, row-major without gaps, by OpenBLAS. Nothing is
/// checked, and products allocate nothing.
package enum Dense {
  // MARK: Products

  /// Writes scale·AB + keep·C into C, m × n, with A of m × k and B of k × n, or of n × k when it is `transposed`.
  package static func multiply(
    _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, transposed: Bool = false, _ m: Int, _ k: Int, _ n: Int,
    scale: Double = 1, keeping keep: Double = 0, into c: UnsafeMutablePointer<Double>
  ) {
    cblas_dgemm(
      CblasRowMajor, CblasNoTrans, transposed ? CblasTrans : CblasNoTrans, CInt(m), CInt(n), CInt(k), scale, a, CInt(k),
      b, CInt(transposed ? k : n), keep, c, CInt(n))
  }

  /// Writes scale·Ax + keep·result, m numbers, with A of m × n.
  package static func image(
    of x: UnsafePointer<Double>, by a: UnsafePointer<Double>, _ m: Int, _ n: Int, scale: Double = 1,
    keeping keep: Double = 0, into result: UnsafeMutablePointer<Double>
  ) {
    cblas_dgemv(CblasRowMajor, CblasNoTrans, CInt(m), CInt(n), scale, a, CInt(n), x, 1, keep, result, 1)
  }

  /// Writes scale·Aᵀx, n numbers, with A of m × n.
  package static func pull(
    _ x: UnsafePointer<Double>, by a: UnsafePointer<Double>, _ m: Int, _ n: Int, scale: Double = 1,
    into result: UnsafeMutablePointer<Double>
  ) {
    cblas_dgemv(CblasRowMajor, CblasTrans, CInt(m), CInt(n), scale, a, CInt(n), x, 1, 0, result, 1)
  }

  /// Writes the upper triangle of scale·AᵀA, n × n, with A of m × n, its rows `stride` numbers apart (n when nil).
  package static func gram(
    _ a: UnsafePointer<Double>, _ m: Int, _ n: Int, stride: Int? = nil, scale: Double,
    into result: UnsafeMutablePointer<Double>
  ) {
    cblas_dsyrk(
      CblasRowMajor, CblasUpper, CblasTrans, CInt(n), CInt(m), scale, a, CInt(stride ?? n), 0, result, CInt(n))
  }

  /// aᵀb of n numbers each.
  package static func dot(_ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, _ n: Int) -> Double {
    cblas_ddot(CInt(n), a, 1, b, 1)
  }

  /// Adds scale·a to `result`, n numbers.
  package static func add(
    _ a: UnsafePointer<Double>, scale: Double, _ n: Int, to result: UnsafeMutablePointer<Double>
  ) {
    cblas_daxpy(CInt(n), scale, a, 1, result, 1)
  }

  // MARK: Factorisations of small matrices

  /// A⁻¹, n × n; nil for a singular matrix. O(n³).
  package static func inverse(_ a: [Double], _ n: Int) -> [Double]? {
    // The transpose of the inverse is the inverse of the transpose: row- or column-major is the same.
    var (a, result) = (a, (0..<n * n).map { $0 / n == $0 % n ? 1.0 : 0 })
    var (size, columns, info) = (CInt(n), CInt(n), CInt(0))
    var pivots = [CInt](repeating: 0, count: n)
    dgetrf_(&size, &size, &a, &size, &pivots, &info)
    guard info == 0 else { return nil }
    dgetrs_("N", &size, &columns, &a, &size, &pivots, &result, &size, &info)
    return info == 0 ? result : nil
  }

  /// The eigenvalues of A, n × n, and the eigenvectors of both sides, row by row, of unit length: those of a complex pair are
  /// x ± iy with x in its first row and y in its second. Nil when LAPACK does not converge. O(n³).
  package static func eigenvectors(
    _ a: [Double], _ n: Int
  ) -> (real: [Double], imaginary: [Double], left: [Double], right: [Double])? {
    // Column-major.
    var columns = [Double](repeating: 0, count: n * n)
    for i in 0..<n {
      for j in 0..<n { columns[j * n + i] = a[i * n + j] }
    }
    var (re, im) = ([Double](repeating: 0, count: n), [Double](repeating: 0, count: n))
    var (left, right) = ([Double](repeating: 0, count: n * n), [Double](repeating: 0, count: n * n))
    var work = [Double](repeating: 0, count: 64 * n)
    var (size, length, info) = (CInt(n), CInt(64 * n), CInt(0))
    dgeev_("V", "V", &size, &columns, &size, &re, &im, &left, &size, &right, &size, &work, &length, &info)
    return info == 0 ? (re, im, left, right) : nil
  }
}
