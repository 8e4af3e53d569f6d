import COpenBLAS

extension PackedMatrix {
  /// Writes Xθ + keep·result for `count` rows θ.
  func image(
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
  func pull(
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
}
