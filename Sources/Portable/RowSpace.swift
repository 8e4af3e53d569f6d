extension Twin {
  /// The row and column space of X from its singular value decomposition: R, the right singular vectors as rows. Rows whose sizes
  /// differ by more than 2²⁰ are scaled by powers of two before, which changes neither the row space nor the solutions of Xθ = y.
  struct RowSpace {
    let rank: Int
    private let problem: Problem
    private let factors: Decomposition
    /// What rows are multiplied with.
    private let scales: [Double]

    init(_ problem: Problem) {
      self.problem = problem
      let (n, d, design) = (problem.samples, problem.features, problem.design)
      let sizes = (0..<n).map { largest(Array(design[$0 * d..<($0 + 1) * d])) }
      let least = sizes.reduce(Double.infinity) { $1 > 0 && $1 < $0 ? $1 : $0 }
      let isGraded = largest(sizes) > 0x1p20 * least
      let scales = sizes.map { (size: Double) -> Double in
        isGraded && size > 0 ? Elementary.power(of2: max(-1000, min(1000, -size.bitPatternExponent))) : 1
      }
      factors = Decomposition(isGraded ? design.indices.map { design[$0] * scales[$0 / d] } : design, n, d)
      (self.scales, rank) = (scales, factors.values.count)
    }

    private var right: [Double] { factors.right }

    /// The coordinates that every θ with Xθ = y has in common.
    func coordinates(ofSolution response: [Double]) -> [Double] {
      let n = problem.samples
      return (0..<rank).map { (k: Int) -> Double in
        var sum = 0.0
        for q in 0..<n { sum += factors.left[k * n + q] * (response[q] * scales[q]) }
        return sum / factors.values[k]
      }
    }

    /// Rθ.
    func components(_ vector: [Double]) -> [Double] {
      let d = problem.features
      return (0..<rank).map { k in (0..<d).reduce(0.0) { $0 + right[k * d + $1] * vector[$1] } }
    }

    /// Rᵀζ.
    func combination(_ coordinates: [Double]) -> [Double] {
      let d = problem.features
      var result = [Double](repeating: 0, count: d)
      for k in 0..<rank { for i in 0..<d { result[i] += right[k * d + i] * coordinates[k] } }
      return result
    }

    /// What is left of d numbers after projection on the row space; projected twice.
    func outsideRows(_ vector: [Double]) -> [Double] { remainder(vector, factors.right) }

    /// What is left of n numbers after projection on the range of X.
    func outsideRange(_ vector: [Double]) -> [Double] {
      let rest = remainder(vector.indices.map { vector[$0] * scales[$0] }, factors.left)
      return rest.indices.map { rest[$0] / scales[$0] }
    }

    private func remainder(_ vector: [Double], _ basis: [Double]) -> [Double] {
      var rest = vector
      let length = vector.count
      for _ in 0..<2 {
        for k in 0..<rank {
          var dot = 0.0
          for i in 0..<length { dot += basis[k * length + i] * rest[i] }
          for i in 0..<length { rest[i] -= dot * basis[k * length + i] }
        }
      }
      return rest
    }

    /// Solves (R D Rᵀ) x = b for weights D ≥ 0 (d numbers): by Cholesky, or, where the weights span more than it resolves, by
    /// the factorisation of D^½Rᵀ; what of b is below `noise` after elimination counts as zero. Nil when nothing finite comes out.
    func solveWeighted(_ weights: [Double], _ b: [Double], noise: Double) -> [Double]? {
      let (k, d) = (rank, problem.features)
      let roots = weights.map { $0.squareRoot() }
      let top = largest(roots)
      guard k > 0 else { return [] }
      guard top > 0, top < .infinity else { return nil }
      let scaled = (0..<k * d).map { right[$0] * (roots[$0 % d] / top) }
      var gram = [Double](repeating: 0, count: k * k)
      var isSound = true
      for r in 0..<k {
        for c in 0...r { gram[r * k + c] = (0..<d).reduce(0.0) { $0 + scaled[r * d + $1] * scaled[c * d + $1] } }
      }
      for r in 0..<k where isSound {
        for c in 0..<r {
          for j in 0..<c { gram[r * k + c] -= gram[r * k + j] * gram[c * k + j] }
          gram[r * k + c] /= gram[c * k + c]
        }
        let before = gram[r * k + r]
        for j in 0..<r { gram[r * k + r] -= gram[r * k + j] * gram[r * k + j] }
        // A pivot that lost most of its digits makes the factor worthless.
        isSound = gram[r * k + r] > 1e-10 * before
        gram[r * k + r] = gram[r * k + r].squareRoot()
      }
      var x = b
      if isSound {
        for r in 0..<k {
          for j in 0..<r { x[r] -= gram[r * k + j] * x[j] }
          x[r] /= gram[r * k + r]
        }
        for r in stride(from: k - 1, through: 0, by: -1) {
          for j in r + 1..<max(k, r + 1) { x[r] -= gram[j * k + r] * x[j] }
          x[r] /= gram[r * k + r]
        }
      } else {
        x = solveGraded(graded(roots.map { $0 / top }).factors, b, noise)
      }
      x = x.map { $0 / top / top }
      return x.allSatisfy { abs($0) < .infinity } ? x : nil
    }

    /// The factors of D^½Rᵀ with its rows in the order of size.
    private func graded(_ roots: [Double]) -> (factors: PivotedFactors, order: [Int]) {
      let (k, d) = (rank, problem.features)
      var order: [Int] = []
      for j in 0..<d {
        var place = order.count
        while place > 0, roots[order[place - 1]] < roots[j] { place -= 1 }
        order.insert(j, at: place)
      }
      let matrix = (0..<d * k).map { right[$0 / d * d + order[$0 % d]] * roots[order[$0 % d]] }
      return (PivotedFactors(matrix, d, k), order)
    }

    private func solveGraded(_ factors: PivotedFactors, _ b: [Double], _ noise: Double) -> [Double] {
      let k = rank
      var x = factors.pivots.map { b[$0] }
      let live = (0..<k).first { factors.triangle($0, $0) == 0 } ?? k
      for r in 0..<k {
        var size = abs(x[r])
        for j in 0..<r {
          let term = factors.triangle(j, r) * x[j]
          x[r] -= term
          size += abs(term)
        }
        x[r] = r >= live || abs(x[r]) <= max(noise, Double(k) * 0x1p-50 * size) ? 0 : x[r] / factors.triangle(r, r)
      }
      for r in stride(from: live - 1, through: 0, by: -1) {
        for j in r + 1..<max(live, r + 1) { x[r] -= factors.triangle(r, j) * x[j] }
        x[r] /= factors.triangle(r, r)
      }
      var solution = [Double](repeating: 0, count: k)
      for (place, pivot) in factors.pivots.enumerated() { solution[pivot] = x[place] }
      return solution
    }

    /// A bound, to first order, on what rounding does to a θ = ¼(w₊² − w₋²) with ln w± = ln a± ∓ Rᵀζ that interpolates; infinite
    /// when there is none. As the library's `RowSpace.roundingError`: A = D Rᵀ(R D Rᵀ)⁻¹ says how θ answers to its coordinates.
    func roundingError(
      theta: [Double], logarithms: [Double], weights: [Double], coordinates: [Double], target: [Double],
      defect: [Double]
    ) -> Double {
      let (k, d, unit) = (rank, problem.features, 0x1p-52)
      let top = largest(weights).squareRoot()
      guard k > 0 else { return 0 }
      guard top > 0, top < .infinity else { return .infinity }
      let roots = weights.map { max($0.squareRoot() / top, 1e-140) }
      let (factors, order) = graded(roots)
      guard (0..<k).allSatisfy({ factors.triangle($0, $0) != 0 }) else { return .infinity }
      // A = D^½ Q T⁻ᵀPᵀ.
      var q = factors.orthogonal
      for r in stride(from: k - 1, through: 0, by: -1) {
        for c in r + 1..<max(k, r + 1) {
          for i in 0..<d { q[r * d + i] -= factors.triangle(r, c) * q[c * d + i] }
        }
        for i in 0..<d { q[r * d + i] /= factors.triangle(r, r) }
      }
      let amplification = (0..<k).map { self.factors.values[0] / self.factors.values[$0] }
      let length = target.reduce(0) { $0 + $1 * $1 }.squareRoot()
      let drift = (0..<k).reduce(0.0) { $0 + amplification[$1] * abs(coordinates[$1]) }
      let own = (0..<d).map { (j: Int) -> Double in
        let (a, b) = (abs(logarithms[j]), abs(logarithms[d + j]))
        let logs = (a < .infinity ? a : 0) + (b < .infinity ? b : 0)
        return weights[j] == 0 ? 0 : unit * weights[j] * (4 + logs + 2 * drift)
      }
      let errors = (0..<k).map { (r: Int) -> Double in
        var (size, moved) = (0.0, 0.0)
        for j in 0..<d {
          size += abs(right[r * d + j] * theta[j])
          moved += abs(right[r * d + j]) * own[j]
        }
        return 4 * unit * amplification[r] * (size + length) + abs(defect[r]) + moved
      }
      var worst = 0.0
      for (row, j) in order.enumerated() {
        var sum = own[j]
        for r in 0..<k { sum += abs(roots[j] * q[r * d + row]) * errors[factors.pivots[r]] }
        worst = largerOrNaN(worst, sum)
      }
      return worst == worst ? worst : .infinity
    }
  }
}
