import COpenBLAS
import Dynamics

extension RowSpace {
  /// How θ answers to its coordinates when the weights D share the change among the features: A = D Rᵀ(R D Rᵀ)⁻¹, d × rank,
  /// row-major; nil when nothing finite comes out.
  ///
  /// A is bounded whatever D > 0 is: D^½ Q T⁻ᵀPᵀ from D^½RᵀP = Q T with rows sorted by size and column pivoting, which keeps
  /// graded rows accurate (Cox and Higham, BIT 38, 1998). Weights below 10⁻²⁸⁰ of the largest count as that.
  /// Complexity: O(d·rank²).
  public func response(weights: [Double]) -> [Double]? {
    let (k, d) = (rank, columns)
    guard k > 0 else { return [] }
    let largest = (weights.max() ?? 0).squareRoot()
    guard largest > 0, largest.isFinite else { return nil }
    let roots = weights.map { max($0.squareRoot() / largest, 1e-140) }
    let order = roots.indices.sorted { (roots[$0], $1) > (roots[$1], $0) }
    var a = [Double](repeating: 0, count: d * k)
    for (row, j) in order.enumerated() {
      for r in 0..<k { a[r * d + row] = right[r * d + j] * roots[j] }
    }
    var (m32, k32, info, length) = (CInt(d), CInt(k), CInt(0), CInt(-1))
    var pivots = [CInt](repeating: 0, count: k)
    var tau = [Double](repeating: 0, count: k)
    var (query, other) = (0.0, 0.0)
    dgeqp3_(&m32, &k32, &a, &m32, &pivots, &tau, &query, &length, &info)
    var q = a
    dorgqr_(&m32, &k32, &k32, &q, &m32, &tau, &other, &length, &info)
    length = CInt(max(query, other))
    var work = [Double](repeating: 0, count: max(Int(length), 1))
    dgeqp3_(&m32, &k32, &a, &m32, &pivots, &tau, &work, &length, &info)
    guard info == 0, (0..<k).allSatisfy({ a[$0 * d + $0] != 0 }) else { return nil }
    q = a
    dorgqr_(&m32, &k32, &k32, &q, &m32, &tau, &work, &length, &info)
    guard info == 0 else { return nil }
    cblas_dtrsm(
      CblasColMajor, CblasRight, CblasUpper, CblasTrans, CblasNonUnit, m32, k32, 1, a, m32, &q, m32)
    var result = [Double](repeating: 0, count: d * k)
    for (row, j) in order.enumerated() {
      for r in 0..<k { result[j * k + Int(pivots[r]) - 1] = roots[j] * q[r * d + row] }
    }
    return result.allSatisfy(\.isFinite) ? result : nil
  }

  /// A bound, to first order, on what rounding does to a θ = ¼(w₊² − w₋²) with ln w± = ln a± ∓ Rᵀζ that interpolates, the
  /// largest over the features; infinite when there is none.
  ///
  /// Coordinate k of Rθ = z is known to eₖ = 4·2⁻⁵²κₖ(|Rₖ|·|θ| + ‖z‖₂) + its defect, κₖ = s₁/sₖ for the computed singular
  /// vectors and 1 for a refined basis, and moves θ by A e; the logarithms are known to δ = 2⁻⁵²(4 + |ln a±| + 2 Σ κ|ζ|), and
  /// move θ by (1 − A R) D δ.
  ///
  /// - Parameters:
  ///   - logarithms: ln|a±|, 2d numbers; infinite where a weight is zero.
  ///   - weights: D = (w₊² + w₋²)/2 at θ, d numbers.
  ///   - coordinates, target, defect: ζ, z and Rθ − z.
  /// Complexity: O(d·rank²).
  public func roundingError(
    theta: [Double], logarithms: [Double], weights: [Double], coordinates: [Double], target: [Double], defect: [Double]
  ) -> Double {
    let (k, d) = (rank, columns)
    guard k > 0 else { return 0 }
    guard let a = response(weights: weights) else { return .infinity }
    let unit = 0x1p-52
    let amplifications = (0..<k).map(amplification)
    let length = target.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let drift = zip(amplifications, coordinates).reduce(0) { $0 + $1.0 * abs($1.1) }
    let own = (0..<d).map { j -> Double in
      let logs = [logarithms[j], logarithms[d + j]].reduce(0) { $0 + ($1.isFinite ? abs($1) : 0) }
      return weights[j] == 0 ? 0 : unit * weights[j] * (4 + logs + 2 * drift)
    }
    let errors = (0..<k).map { r -> Double in
      var (size, moved) = (0.0, 0.0)
      for j in 0..<d {
        size += abs(right[r * d + j] * theta[j])
        moved += abs(right[r * d + j]) * own[j]
      }
      return 4 * unit * amplifications[r] * (size + length) + abs(defect[r]) + moved
    }
    var worst = 0.0
    for j in 0..<d {
      var sum = own[j]
      for r in 0..<k { sum += abs(a[j * k + r]) * errors[r] }
      worst = largerOrNaN(worst, sum)
    }
    return worst.isNaN ? .infinity : worst
  }
}
