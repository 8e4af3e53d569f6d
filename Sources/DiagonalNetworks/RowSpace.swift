import COpenBLAS
import Dynamics

/// The row and column space of a design matrix, from its thin singular value decomposition X = U S Vᵀ.
///
/// Singular values below max(n, d)·2⁻⁵²·s₁ count as zero. Complexity: O(nd·min(n, d)) once, O(rank·(n + d)) a use.
public struct RowSpace: Sendable {
  /// The singular values above the threshold, decreasing; their number is the rank.
  public let singularValues: [Double]
  private let rows: Int
  private let columns: Int
  /// Row k is the k-th right singular vector, rank × d.
  private let right: [Double]
  /// Row k is the k-th left singular vector, rank × n.
  private let left: [Double]

  /// Decomposes `design`, with its columns multiplied by `columnWeights` if given. Throws `InvalidInput` when LAPACK does
  /// not converge.
  public init(_ design: DesignMatrix, columnWeights: [Double]? = nil) throws(InvalidInput) {
    let n = design.rows
    let d = design.columns
    let k = min(n, d)
    // Row-major X is column-major Xᵀ (d × n) = V S Uᵀ: LAPACK's left vectors are the right ones of X.
    var a = design.elements
    if let columnWeights {
      for i in 0..<n {
        for j in 0..<d { a[i * d + j] *= columnWeights[j] }
      }
    }
    var s = [Double](repeating: 0, count: k)
    var v = [Double](repeating: 0, count: d * k)
    var ut = [Double](repeating: 0, count: k * n)
    var integers = [CInt](repeating: 0, count: 8 * k)
    var (m32, n32, k32, info) = (CInt(d), CInt(n), CInt(k), CInt(0))
    var query = 0.0
    var length = CInt(-1)
    dgesdd_("S", &m32, &n32, &a, &m32, &s, &v, &m32, &ut, &k32, &query, &length, &integers, &info)
    length = CInt(query)
    var work = [Double](repeating: 0, count: max(Int(query), 1))
    dgesdd_("S", &m32, &n32, &a, &m32, &s, &v, &m32, &ut, &k32, &work, &length, &integers, &info)
    guard info == 0 else {
      throw InvalidInput(
        "design matrix", because: "its singular value decomposition failed (LAPACK dgesdd, info \(info))")
    }
    let threshold = (s.first ?? 0) * Double(max(n, d)) * 0x1p-52
    let rank = s.firstIndex { $0 <= threshold } ?? k
    singularValues = Array(s.prefix(rank))
    rows = n
    columns = d
    right = Array(v.prefix(rank * d))
    // LAPACK's third factor is k × n column-major: its row r holds the left singular vector r.
    left = (0..<rank).flatMap { r in (0..<n).map { ut[$0 * k + r] } }
  }

  /// The rank of X.
  public var rank: Int { singularValues.count }

  /// What is left of `vector` (d numbers) after projection on the row space.
  public func residualOutsideRowSpace(_ vector: [Double]) -> [Double] {
    Self.remainder(vector, basis: right, count: rank)
  }

  /// What is left of `response` (n numbers) after projection on the range of X: zero when Xθ = y is solvable.
  public func residualOutsideRange(_ response: [Double]) -> [Double] {
    Self.remainder(response, basis: left, count: rank)
  }

  /// The components of `vector` (n numbers) along the left singular vectors, rank numbers.
  public func modes(of vector: [Double]) -> [Double] {
    (0..<rank).map { k in (0..<rows).reduce(0) { $0 + left[k * rows + $1] * vector[$1] } }
  }

  /// Right singular vector number `k`, d numbers.
  public func rightVector(_ k: Int) -> [Double] { Array(right[k * columns..<(k + 1) * columns]) }

  /// The vector θ of least Euclidean norm among those that minimise ‖Xθ − `response`‖, d numbers.
  public func minimumNormSolution(_ response: [Double]) -> [Double] {
    var solution = [Double](repeating: 0, count: columns)
    for k in 0..<rank {
      var dot = 0.0
      for i in 0..<rows { dot += left[k * rows + i] * response[i] }
      dot /= singularValues[k]
      for j in 0..<columns { solution[j] += dot * right[k * columns + j] }
    }
    return solution
  }

  // MARK: Coordinates in the row space, rank numbers

  /// The coordinates that every θ with Xθ = `response` has in common.
  public func coordinates(ofSolution response: [Double]) -> [Double] {
    zip(modes(of: response), singularValues).map { $0 / $1 }
  }

  /// Rθ: the coordinates of `vector` (d numbers), R the right singular vectors as rows.
  public func components(_ vector: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: rank)
    if rank > 0 {
      cblas_dgemv(
        CblasRowMajor, CblasNoTrans, CInt(rank), CInt(columns), 1, right, CInt(columns), vector, 1, 0, &result, 1)
    }
    return result
  }

  /// Rᵀζ: the vector (d numbers) with the given coordinates.
  public func combination(_ coordinates: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: columns)
    if rank > 0 {
      cblas_dgemv(
        CblasRowMajor, CblasTrans, CInt(rank), CInt(columns), 1, right, CInt(columns), coordinates, 1, 0, &result, 1)
    }
    return result
  }

  /// Solves (R D Rᵀ) x = b for non-negative weights D (d numbers); nil when nothing finite comes out.
  ///
  /// - Parameter noise: the rounding error of b: what is no larger, after elimination, counts as zero. Weights that span
  ///   more than the digits of b would blow it up.
  ///
  /// By Cholesky's factorisation; where the weights span more than it can resolve, by an orthogonal factorisation of
  /// D^½Rᵀ with rows sorted by size and column pivoting, which keeps graded rows accurate (Cox and Higham, BIT 38, 1998).
  /// Complexity: O(d·rank²).
  public func solveWeighted(_ weights: [Double], _ b: [Double], noise: Double) -> [Double]? {
    let k = rank
    guard k > 0 else { return [] }
    let roots = weights.map { $0.squareRoot() }
    let largest = roots.max() ?? 0
    guard largest > 0, largest.isFinite else { return nil }
    var scaled = [Double](unsafeUninitializedCapacity: k * columns) { buffer, count in
      for r in 0..<k {
        for j in 0..<columns { buffer[r * columns + j] = right[r * columns + j] * (roots[j] / largest) }
      }
      count = k * columns
    }
    var gram = [Double](repeating: 0, count: k * k)
    // Row-major R D^½ is column-major D^½Rᵀ (d × rank).
    cblas_dsyrk(
      CblasColMajor, CblasUpper, CblasTrans, CInt(k), CInt(columns), 1, scaled, CInt(columns), 0, &gram, CInt(k))
    let diagonal = (0..<k).map { gram[$0 * k + $0] }
    var x = b
    var (size, one, info) = (CInt(k), CInt(1), CInt(0))
    dpotrf_("U", &size, &gram, &size, &info)
    // A pivot that lost most of its digits makes the factor worthless.
    let isSound = info == 0 && (0..<k).allSatisfy { gram[$0 * k + $0] * gram[$0 * k + $0] > 1e-10 * diagonal[$0] }
    if isSound {
      dpotrs_("U", &size, &one, &gram, &size, &x, &size, &info)
    } else {
      guard let solution = solveGraded(&scaled, roots, x, noise) else { return nil }
      x = solution
    }
    let result = x.map { $0 / largest / largest }
    return result.allSatisfy(\.isFinite) ? result : nil
  }

  private func solveGraded(_ scaled: inout [Double], _ roots: [Double], _ b: [Double], _ noise: Double) -> [Double]? {
    let k = rank
    let order = roots.indices.sorted { roots[$0] > roots[$1] }
    var a = [Double](repeating: 0, count: columns * k)
    for (row, j) in order.enumerated() {
      for r in 0..<k { a[r * columns + row] = scaled[r * columns + j] }
    }
    var (m32, k32, info, length) = (CInt(columns), CInt(k), CInt(0), CInt(-1))
    var pivots = [CInt](repeating: 0, count: k)
    var tau = [Double](repeating: 0, count: k)
    var query = 0.0
    dgeqp3_(&m32, &k32, &a, &m32, &pivots, &tau, &query, &length, &info)
    length = CInt(query)
    var work = [Double](repeating: 0, count: max(Int(query), 1))
    dgeqp3_(&m32, &k32, &a, &m32, &pivots, &tau, &work, &length, &info)
    guard info == 0 else { return nil }
    var x = pivots.map { b[Int($0) - 1] }
    // Rᵀ then R, both upper triangular in `a`.
    for r in 0..<k {
      var size = abs(x[r])
      for j in 0..<r {
        let term = a[r * columns + j] * x[j]
        x[r] -= term
        size += abs(term)
      }
      x[r] =
        abs(x[r]) <= max(noise, Double(k) * 0x1p-50 * size) || a[r * columns + r] == 0 ? 0 : x[r] / a[r * columns + r]
    }
    // Weights of zero leave a block of zeros at the end, in which there is nothing to solve.
    let live = CInt((0..<k).firstIndex { a[$0 * columns + $0] == 0 } ?? k)
    for r in Int(live)..<k { x[r] = 0 }
    if live > 0 { cblas_dtrsv(CblasColMajor, CblasUpper, CblasNoTrans, CblasNonUnit, live, a, m32, &x, 1) }
    var solution = [Double](repeating: 0, count: k)
    for (place, pivot) in pivots.enumerated() { solution[Int(pivot) - 1] = x[place] }
    return solution
  }

  /// Projects twice, so that what is left is orthogonal to the basis up to rounding.
  private static func remainder(_ vector: [Double], basis: [Double], count: Int) -> [Double] {
    let length = vector.count
    var rest = vector
    for _ in 0..<2 {
      for k in 0..<count {
        var dot = 0.0
        for i in 0..<length { dot += basis[k * length + i] * rest[i] }
        for i in 0..<length { rest[i] -= dot * basis[k * length + i] }
      }
    }
    return rest
  }
}
