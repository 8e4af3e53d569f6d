import COpenBLAS
import Dynamics

extension DesignMatrix {
  /// X·diag(c)·Xᵀ for n ≤ d, else diag(√c)·XᵀX·diag(√c), which has the same non-zero eigenvalues: the upper triangle
  /// (column-major), min(n, d)², times `scale`. `roots` = √c, d numbers.
  ///
  /// Made of slices of X small enough to be copied, shared among threads by the shape alone: no second X is in memory.
  /// Complexity: O(nd·min(n, d)) time, O(min(n, d)²) memory.
  package func gram(roots: [Double], scale: Double) -> [Double] {
    let (n, d) = (rows, columns)
    let k = min(n, d)
    let long = max(n, d)
    let entries = max(Self.sliceLimit, k)
    // One slice for whatever is small.
    let width = n * d <= 4 * Self.sliceLimit ? long : max(entries / k, 1)
    let slices = (long + width - 1) / width
    // Their sums together take an eighth of X at most.
    let parts = min(slices, 8, max(1, long / (8 * k)))
    var gram = [Double](repeating: 0, count: parts * k * k)
    gram.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      let (sums, matrix) = (Shared(base), packed)
      Parallelism.perform(parts) { part in
        var copy: [Double] = []
        for slice in part * slices / parts..<(part + 1) * slices / parts {
          let range = slice * width..<min((slice + 1) * width, long)
          let (rows, columns) = n <= d ? (0..<n, range) : (range, 0..<d)
          copy.removeAll(keepingCapacity: true)
          copy.reserveCapacity(rows.count * columns.count)
          for i in rows {
            let row = matrix.base + i * matrix.stride
            for j in columns { copy.append(row[j] * roots[j]) }
          }
          // Row-major A is column-major Aᵀ.
          let lead = CInt(columns.count)
          cblas_dsyrk(
            CblasColMajor, CblasUpper, n <= d ? CblasTrans : CblasNoTrans, CInt(k), CInt(range.count), scale, copy,
            lead, 1, sums.pointer + part * k * k, CInt(k))
        }
      }
      for part in 1..<max(parts, 1) {
        for index in 0..<k * k { base[index] += base[part * k * k + index] }
      }
    }
    return Array(gram.prefix(k * k))
  }

  /// Entries of a slice: 8 MB.
  private static let sliceLimit = 1 << 20

  /// What is left of `response` (n numbers) after projection on the range of X, by the eigenvectors of XXᵀ (n × n): for
  /// a wide X whose singular value decomposition would take several times its memory.
  ///
  /// Singular values below √(n·2⁻⁵²) of the largest count as zero: squares resolve no more.
  /// Throws `InvalidInput` when LAPACK fails. Complexity: O(n²d).
  package func residualOutsideRange(_ response: [Double]) throws(InvalidInput) -> [Double] {
    let n = rows
    precondition(n <= columns && response.count == n)
    var vectors = gram(roots: [Double](repeating: 1, count: columns), scale: 1)
    let values = try symmetricEigenvalues(&vectors, n, withVectors: true, of: "design matrix")
    let threshold = (values.last ?? 0) * Double(n) * 0x1p-52
    let first = values.firstIndex { $0 > threshold } ?? n
    var rest = response
    // Twice, so that what is left is orthogonal to the range up to rounding.
    for _ in 0..<2 {
      for k in first..<n {
        var dot = 0.0
        for i in 0..<n { dot += vectors[k * n + i] * rest[i] }
        for i in 0..<n { rest[i] -= dot * vectors[k * n + i] }
      }
    }
    return rest
  }
}

/// The eigenvalues, increasing, of a symmetric matrix given by its upper triangle (column-major, n × n); with vectors,
/// column k of `matrix` becomes the k-th one. Throws `InvalidInput` on `subject` when LAPACK fails.
package func symmetricEigenvalues(
  _ matrix: inout [Double], _ n: Int, withVectors: Bool, of subject: String
) throws(InvalidInput) -> [Double] {
  var values = [Double](repeating: 0, count: n)
  var (size, info) = (CInt(n), CInt(0))
  let (reals, integers) = withVectors ? (1 + 6 * n + 2 * n * n, 3 + 5 * n) : (2 * n + 1, 1)
  var work = [Double](repeating: 0, count: reals)
  var integerWork = [CInt](repeating: 0, count: integers)
  var (length, integerLength) = (CInt(reals), CInt(integers))
  dsyevd_(
    withVectors ? "V" : "N", "U", &size, &matrix, &size, &values, &work, &length, &integerWork, &integerLength, &info)
  guard info == 0 else {
    throw InvalidInput(subject, because: "its eigenvalues failed (LAPACK dsyevd, info \(info))")
  }
  return values
}
