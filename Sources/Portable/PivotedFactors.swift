extension Twin {
  /// Householder's factorisation A P = Q T with column pivoting, rows sorted by size before: graded rows keep their accuracy.
  ///
  /// Source: Cox and Higham, "Stability of Householder QR factorization for weighted least squares", BIT 38 (1998).
  struct PivotedFactors {
    /// Column by column: T in the upper triangle, Householder's vectors below.
    private(set) var a: [Double]
    /// The column of A that each column of T is.
    private(set) var pivots: [Int]
    private var tau: [Double]
    private let m: Int
    private let k: Int

    /// Of an m × k matrix, column by column, m ≥ k.
    init(_ matrix: [Double], _ m: Int, _ k: Int) {
      (a, self.m, self.k) = (matrix, m, k)
      (pivots, tau) = (Array(0..<k), [Double](repeating: 0, count: k))
      for step in 0..<k {
        var (best, size) = (step, -1.0)
        for column in step..<k {
          var sum = 0.0
          for i in step..<m { sum += a[column * m + i] * a[column * m + i] }
          if sum > size { (best, size) = (column, sum) }
        }
        if best != step {
          for i in 0..<m { a.swapAt(step * m + i, best * m + i) }
          pivots.swapAt(step, best)
        }
        guard size > 0 else { continue }
        let first = a[step * m + step]
        let beta = first > 0 ? -size.squareRoot() : size.squareRoot()
        tau[step] = (beta - first) / beta
        for i in step + 1..<max(m, step + 1) { a[step * m + i] /= first - beta }
        a[step * m + step] = beta
        for column in step + 1..<max(k, step + 1) { reflect(&a, column, step) }
      }
    }

    /// Applies reflection `step` to a column of `b`.
    private func reflect(_ b: inout [Double], _ column: Int, _ step: Int) {
      var sum = b[column * m + step]
      for i in step + 1..<max(m, step + 1) { sum += a[step * m + i] * b[column * m + i] }
      sum *= tau[step]
      b[column * m + step] -= sum
      for i in step + 1..<max(m, step + 1) { b[column * m + i] -= sum * a[step * m + i] }
    }

    /// Entry (r, c) of T, r ≤ c.
    func triangle(_ r: Int, _ c: Int) -> Double { a[c * m + r] }

    /// Q, m × k, column by column.
    var orthogonal: [Double] {
      var q = [Double](repeating: 0, count: m * k)
      for column in 0..<k { q[column * m + column] = 1 }
      for column in 0..<k { for step in stride(from: k - 1, through: 0, by: -1) { reflect(&q, column, step) } }
      return q
    }
  }
}
