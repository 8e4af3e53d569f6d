extension Twin {
  /// The θ of least ‖θ‖₁ with Rθ = z, by the simplex method on a tableau of d columns: θⱼ⁻ has minus the column of θⱼ⁺.
  struct SparsestInterpolator {
    /// θ, d numbers; nil when the programme was not solved.
    private(set) var theta: [Double]?
    private let d: Int
    private let k: Int
    /// B⁻¹R and B⁻¹z, k × (d + 1).
    private var table: [Double] = []
    /// The feature and sign of each basic variable; −1 for an artificial one.
    private var basis: [(feature: Int, sign: Double)]

    init(_ space: RowSpace, _ z: [Double]) {
      k = z.count
      d = space.combination(z).count
      basis = [(feature: Int, sign: Double)](repeating: (-1, 0), count: k)
      for r in 0..<k {
        let row = space.combination((0..<k).map { $0 == r ? 1 : 0 })
        let sign = z[r] < 0 ? -1.0 : 1.0
        table += row.map { sign * $0 } + [sign * z[r]]
      }
      guard minimise(artificial: 1, real: 0) else { return }
      // What is left of artificial variables is zero: they make room for real ones.
      for r in 0..<k where basis[r].feature < 0 {
        var best = 0
        for j in 0..<d where abs(entry(r, j)) > abs(entry(r, best)) { best = j }
        guard abs(entry(r, d)) < 1e-8, abs(entry(r, best)) > 1e-9 else { return }
        pivot(r, best, entry(r, best) > 0 ? 1 : -1)
      }
      guard minimise(artificial: 0, real: 1) else { return }
      var result = [Double](repeating: 0, count: d)
      for r in 0..<k where basis[r].feature >= 0 { result[basis[r].feature] = basis[r].sign * entry(r, d) }
      theta = result
    }

    private func entry(_ r: Int, _ j: Int) -> Double { table[r * (d + 1) + j] }

    private mutating func minimise(artificial: Double, real: Double) -> Bool {
      for iteration in 0..<200 * (k + 10) {
        let costs = basis.map { $0.feature < 0 ? artificial : real }
        var (best, sign, gain) = (-1, 1.0, 1e-10)
        for j in 0..<d {
          var price = 0.0
          for r in 0..<k { price += costs[r] * entry(r, j) }
          // By the largest gain; by the first one, when that has gone on for long and may go round in a circle.
          if abs(price) - real > gain {
            (best, sign) = (j, price > 0 ? 1 : -1)
            if iteration > 50 * (k + 10) { break }
            gain = abs(price) - real
          }
        }
        guard best >= 0 else { return true }
        var (row, ratio) = (-1, Double.infinity)
        for r in 0..<k where sign * entry(r, best) > 1e-9 {
          let reach = max(entry(r, d), 0) / (sign * entry(r, best))
          if reach < ratio { (row, ratio) = (r, reach) }
        }
        guard row >= 0 else { return false }
        pivot(row, best, sign)
      }
      return false
    }

    /// A basic variable's own column is plus or minus a unit vector by its sign.
    private mutating func pivot(_ row: Int, _ column: Int, _ sign: Double) {
      let width = d + 1
      let inverse = 1 / (sign * entry(row, column))
      for j in 0...d { table[row * width + j] *= inverse }
      for r in 0..<k where r != row {
        let factor = sign * entry(r, column)
        guard factor != 0 else { continue }
        for j in 0...d { table[r * width + j] -= factor * table[row * width + j] }
      }
      basis[row] = (column, sign)
    }
  }
}
