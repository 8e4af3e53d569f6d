import COpenBLAS
import Dynamics

extension RowSpace {
  /// A basis of the row space in doubled precision, rank × d, with the rows T (rank × n) that make it and the coordinates of
  /// solutions alike: [basis | z] = T [X | y].
  struct Basis {
    var rows: [DoubleDouble]
    var transform: [DoubleDouble]
  }

  /// Makes the basis anew from X itself.
  ///
  /// The computed singular vectors are those of some X + E with ‖E‖ ~ 2⁻⁵²s₁, so that vₖ lies outside the row space of X by
  /// 2⁻⁵²s₁/sₖ and uₖᵀy/sₖ errs as much. But uₖᵀX/sₖ in doubled precision lies in the row space whatever uₖ is, and is nearly
  /// orthonormal: Gram and Schmidt's method, from the strongest to the weakest, with uₖᵀ/sₖ carried along, leaves errors of
  /// 2⁻¹⁰⁴s₁/sₖ. Complexity: O(rank·d·(n + rank)) operations of some twenty each.
  func refined(_ design: DesignMatrix) -> Basis {
    let (n, d) = (rows, columns)
    var basis = Basis(rows: [], transform: [])
    for k in 0..<rank {
      var t = (0..<n).map { DoubleDouble(left[k * n + $0] * (rowScale?[$0] ?? 1)) }
      var v = Self.combine(t.map(\.high), design)
      orthonormalize(&v, &t, against: basis)
      basis.rows += v
      basis.transform += t
    }
    precondition(basis.rows.count == rank * d)
    return basis
  }

  /// The largest of the given left singular vectors' images (rows of `vectors`, n numbers each) outside the row space,
  /// relative to `first`; nil when none exceeds the rounding of doubled precision. The images are at the rounding of X: taken
  /// in doubled precision, their parts in the row space can be removed in single.
  func largestOutside(_ design: DesignMatrix, of vectors: [Double], relativeTo first: Double) -> Double? {
    let n = rows
    var largest = 0.0
    for k in 0..<vectors.count / n {
      let image = Self.combine((0..<n).map { vectors[k * n + $0] * (rowScale?[$0] ?? 1) }, design)
      let rest = residualOutsideRowSpace(image.map(\.high))
      largest = max(largest, rest.reduce(0) { $0 + $1 * $1 }.squareRoot() / first)
    }
    return largest > 0x1p-90 ? largest : nil
  }

  /// Takes the basis' parts out of v, twice, and divides it by its length; t along with it.
  private func orthonormalize(_ v: inout [DoubleDouble], _ t: inout [DoubleDouble], against basis: Basis) {
    let (n, d) = (rows, columns)
    for _ in 0..<2 {
      for j in 0..<basis.rows.count / d {
        let row = basis.rows[j * d..<(j + 1) * d]
        let share = Self.dot(row, v[...])
        for i in 0..<d { v[i] = v[i] - basis.rows[j * d + i] * share }
        for q in 0..<n { t[q] = t[q] - basis.transform[j * n + q] * share }
      }
    }
    let length = Self.dot(v[...], v[...]).squareRoot()
    guard length.high > 0 else { return }
    for i in 0..<d { v[i] = v[i] / length }
    for q in 0..<n { t[q] = t[q] / length }
  }

  private static func dot(_ a: ArraySlice<DoubleDouble>, _ b: ArraySlice<DoubleDouble>) -> DoubleDouble {
    zip(a, b).reduce(DoubleDouble(0)) { $0 + $1.0 * $1.1 }
  }

  /// tᵀX, d numbers.
  private static func combine(_ t: [Double], _ design: DesignMatrix) -> [DoubleDouble] {
    var sum = [DoubleDouble](repeating: DoubleDouble(0), count: design.columns)
    for q in 0..<design.rows where t[q] != 0 {
      let row = design[row: q]
      for i in 0..<design.columns { sum[i] = sum[i] + DoubleDouble(product: t[q], row[i]) }
    }
    return sum
  }
}

extension DesignMatrix {
  /// All min(n, d) singular values, decreasing. Throws `InvalidInput` when LAPACK does not converge. Complexity:
  /// O(nd·min(n, d)).
  func singularValues() throws(InvalidInput) -> [Double] {
    let k = min(rows, columns)
    var (a, s) = (elements, [Double](repeating: 0, count: k))
    var (m32, n32, one, info) = (CInt(columns), CInt(rows), CInt(1), CInt(0))
    var (query, noLeft, noRight, length) = (0.0, 0.0, 0.0, CInt(-1))
    dgesvd_("N", "N", &m32, &n32, &a, &m32, &s, &noLeft, &one, &noRight, &one, &query, &length, &info)
    length = CInt(query)
    var work = [Double](repeating: 0, count: max(Int(query), 1))
    dgesvd_("N", "N", &m32, &n32, &a, &m32, &s, &noLeft, &one, &noRight, &one, &work, &length, &info)
    guard info == 0 else {
      throw InvalidInput(
        "design matrix", because: "its singular values failed (LAPACK dgesvd, info \(info))")
    }
    return s
  }
}
