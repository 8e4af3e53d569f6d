import COpenBLAS
import Dynamics

/// The row and column space of a design matrix, from its thin singular value decomposition X = U S Vᵀ.
///
/// Singular values below max(n, d)·2⁻⁵²·s₁ count as zero. Rows whose sizes differ by more than 2²⁰ are first scaled by
/// powers of two, which changes neither the row space nor the solutions of Xθ = y. Where the values above the threshold
/// still span more than 2¹⁰, the basis of the row space is made anew in doubled precision (`refined`; up to n·d·rank = 2²⁴), so
/// that neither it nor the coordinates of solutions lose digits to the condition of X. Complexity: O(nd·min(n, d)) once, O(rank·(n + d)) a use.
public struct RowSpace: Sendable {
  /// The singular values above the threshold, decreasing; their number is the rank.
  public let singularValues: [Double]
  let rows: Int
  let columns: Int
  /// Row k is the k-th right singular vector, or what is left of it after refinement, rank × d.
  private(set) var right: [Double]
  /// Row k is the k-th left singular vector of the scaled rows, rank × n.
  let left: [Double]
  /// What rows are multiplied with, n powers of two; nil where that is one.
  let rowScale: [Double]?
  /// The singular values of the scaled rows.
  let scaledValues: [Double]
  /// The rows that turn y into the coordinates of solutions, rank × n; nil where no refinement was needed.
  private(set) var transform: [DoubleDouble]?
  /// Whether the basis was made anew in doubled precision.
  public var isRefined: Bool { transform != nil }
  /// The largest singular value that counts as zero though it is none, relative to the largest of all: what X has there is
  /// no more than its own rounding could be. Nil when X as stored has exactly this rank, as far as doubled precision tells.
  public private(set) var neglectedValue: Double?

  /// By how much rounding of X, y and θ is blown up in coordinate k: s₁/sₖ, or 1 after refinement.
  func amplification(_ k: Int) -> Double { transform == nil ? scaledValues[0] / scaledValues[k] : 1 }

  /// Rows whose sizes differ by more are scaled, and bases whose singular values differ by more are refined.
  private static let (widestRows, widestValues) = (0x1p20, 0x1p10)
  /// Refinement is left out where n·d·rank is more than this: it would take longer than what it is for.
  private static let mostWork = 1 << 24

  /// Decomposes `design`, with its columns multiplied by `columnWeights` if given: then as it is, neither scaled nor refined.
  /// Throws `InvalidInput` when LAPACK does not converge.
  public init(_ design: DesignMatrix, columnWeights: [Double]? = nil) throws(InvalidInput) {
    let n = design.rows
    let d = design.columns
    let k = min(n, d)
    let scale = columnWeights == nil ? Self.scale(design) : nil
    // Row-major X is column-major Xᵀ (d × n) = V S Uᵀ: LAPACK's left vectors are the right ones of X.
    var a = design.elements
    if let columnWeights {
      for i in 0..<n {
        for j in 0..<d { a[i * d + j] *= columnWeights[j] }
      }
    }
    if let scale {
      for i in 0..<n {
        for j in 0..<d { a[i * d + j] *= scale[i] }
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
    scaledValues = Array(s.prefix(rank))
    rowScale = scale
    rows = n
    columns = d
    right = Array(v.prefix(rank * d))
    // LAPACK's third factor is k × n column-major: its row r holds the left singular vector r.
    left = (0..<rank).flatMap { r in (0..<n).map { ut[$0 * k + r] } }
    singularValues = scale == nil ? scaledValues : Array(try design.singularValues().prefix(rank))
    guard columnWeights == nil, let first = s.first, let last = scaledValues.last else { return }
    if last * Self.widestValues < first, n * rank * d <= Self.mostWork {
      let basis = refined(design)
      (right, transform) = (basis.rows.map(\.high), basis.transform)
    }
    if rank < k {
      let rest = (rank..<k).flatMap { r in (0..<n).map { ut[$0 * k + r] } }
      neglectedValue = largestOutside(design, of: rest, relativeTo: first)
    }
  }

  /// Powers of two that bring the rows' largest entries between 1 and 2; nil where they are alike enough.
  private static func scale(_ design: DesignMatrix) -> [Double]? {
    let sizes = (0..<design.rows).map { design[row: $0].maximumMagnitude }.filter { $0 > 0 }
    guard let least = sizes.min(), let most = sizes.max(), most > widestRows * least else { return nil }
    return (0..<design.rows).map {
      let size = design[row: $0].maximumMagnitude
      return size > 0 ? Double(sign: .plus, exponent: max(-1000, min(1000, -size.exponent)), significand: 1) : 1
    }
  }

  /// The rank of X.
  public var rank: Int { scaledValues.count }

  /// What is left of `vector` (d numbers) after projection on the row space.
  public func residualOutsideRowSpace(_ vector: [Double]) -> [Double] {
    Self.remainder(vector, basis: right, count: rank)
  }

  /// What is left of `response` (n numbers) after projection on the range of X (in the metric of the scaled rows): zero when
  /// Xθ = y is solvable.
  public func residualOutsideRange(_ response: [Double]) -> [Double] {
    guard let rowScale else { return Self.remainder(response, basis: left, count: rank) }
    let rest = Self.remainder(zip(response, rowScale).map { $0 * $1 }, basis: left, count: rank)
    return zip(rest, rowScale).map { $0 / $1 }
  }

  /// The components of `vector` (n numbers, rows scaled) along the left singular vectors, rank numbers.
  public func modes(of vector: [Double]) -> [Double] {
    let vector = rowScale.map { zip(vector, $0).map { $0 * $1 } } ?? vector
    return (0..<rank).map { k in (0..<rows).reduce(0) { $0 + left[k * rows + $1] * vector[$1] } }
  }

  /// Right singular vector number `k`, d numbers.
  public func rightVector(_ k: Int) -> [Double] { Array(right[k * columns..<(k + 1) * columns]) }

  /// The vector θ of least Euclidean norm among those that minimise ‖Xθ − `response`‖, d numbers.
  public func minimumNormSolution(_ response: [Double]) -> [Double] {
    if transform != nil || rowScale != nil { return combination(coordinates(ofSolution: response)) }
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
    if let transform {
      return (0..<rank).map { k in
        (0..<rows).reduce(DoubleDouble(0)) { $0 + transform[k * rows + $1] * response[$1] }.high
      }
    }
    return zip(modes(of: response), scaledValues).map { $0 / $1 }
  }

  /// Rθ: the coordinates of `vector` (d numbers), R the right singular vectors as rows.
  public func components(_ vector: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: rank)
    if rank > 0 { Dense.image(of: vector, by: right, rank, columns, into: &result) }
    return result
  }

  /// Rᵀζ: the vector (d numbers) with the given coordinates.
  public func combination(_ coordinates: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: columns)
    if rank > 0 { Dense.pull(coordinates, by: right, rank, columns, into: &result) }
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
