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

  /// Decomposes `design`. Throws `InvalidInput` when LAPACK does not converge.
  public init(_ design: DesignMatrix) throws(InvalidInput) {
    let n = design.rows
    let d = design.columns
    let k = min(n, d)
    // Row-major X is column-major Xᵀ (d × n) = V S Uᵀ: LAPACK's left vectors are the right ones of X.
    var a = design.elements
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
