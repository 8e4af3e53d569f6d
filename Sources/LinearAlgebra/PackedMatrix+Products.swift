import COpenBLAS

extension PackedMatrix {
  /// Writes Xθ + keep·result for `count` rows θ.
  package func image(
    of theta: UnsafePointer<Double>, count: Int = 1, keeping keep: Double = 0, into result: UnsafeMutablePointer<Double>
  ) {
    let (n, d, stride) = (CInt(rows), CInt(columns), CInt(stride))
    if count == 1 {
      cblas_dgemv(CblasRowMajor, CblasNoTrans, n, d, 1, base, stride, theta, 1, keep, result, 1)
    } else {
      cblas_dgemm(
        CblasRowMajor, CblasNoTrans, CblasTrans, CInt(count), n, d, 1, theta, d, base, stride, keep, result, n)
    }
  }

  /// Writes scale·Xᵀr for `count` rows r.
  package func pull(
    _ r: UnsafePointer<Double>, count: Int = 1, scale: Double = 1, into result: UnsafeMutablePointer<Double>
  ) {
    let (n, d, stride) = (CInt(rows), CInt(columns), CInt(stride))
    if count == 1 {
      cblas_dgemv(CblasRowMajor, CblasTrans, n, d, scale, base, stride, r, 1, 0, result, 1)
    } else {
      cblas_dgemm(
        CblasRowMajor, CblasNoTrans, CblasNoTrans, CInt(count), d, n, scale, r, n, base, stride, 0, result, d)
    }
  }

  /// Adds scale·Xᵀr of some rows to `result`, or writes it anew.
  func addPull(
    rows range: Range<Int>, _ r: UnsafePointer<Double>, scale: Double, to result: UnsafeMutablePointer<Double>,
    anew: Bool
  ) {
    cblas_dgemv(
      CblasRowMajor, CblasTrans, CInt(range.count), CInt(columns), scale, base + range.lowerBound * stride,
      CInt(stride),
      r, 1, anew ? 0 : 1, result, 1)
  }
}
