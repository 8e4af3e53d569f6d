import LinearAlgebra

// Here, where the closures are, since they are called for every entry and must be inlined.
extension ShiftedFactors {
  /// Factors the matrices of the entries (q, r), r ≤ q, that the closures give; false when one is singular or not finite.
  func factor(
    real entry: (Int, Int) -> Double, complex complexEntry: (Int, Int, Int) -> (real: Double, imaginary: Double)
  ) -> Bool {
    for q in 0..<n {
      for r in 0...q {
        let value = entry(q, r)
        real[q * n + r] = value
        real[r * n + q] = value
      }
    }
    guard factorReal() else { return false }
    for (k, matrix) in complex.enumerated() {
      for q in 0..<n {
        for r in 0...q {
          let value = complexEntry(k, q, r)
          let (below, above) = (matrix + 2 * (q * n + r), matrix + 2 * (r * n + q))
          (below[0], below[1]) = value
          (above[0], above[1]) = value
        }
      }
      guard factorComplex(k) else { return false }
    }
    return true
  }
}
