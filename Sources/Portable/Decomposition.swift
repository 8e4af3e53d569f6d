extension Twin {
  /// The singular value decomposition A = Σ σₖ uₖ vₖᵀ by one-sided Jacobi rotations of the shorter side, which keeps small values
  /// accurate. Complexity: O(m·l·min(m, l)) a sweep, some eight sweeps.
  struct Decomposition {
    /// σₖ > 0, decreasing; those below max(m, l)·2⁻⁵²·σ₁ are left out.
    private(set) var values: [Double] = []
    /// Row k is uₖ, m numbers.
    private(set) var left: [Double] = []
    /// Row k is vₖ, l numbers.
    private(set) var right: [Double] = []

    /// Of an m × l matrix, row by row.
    init(_ a: [Double], _ m: Int, _ l: Int) {
      guard m <= l else {
        let turned = (0..<m * l).map { a[$0 % m * l + $0 / m] }
        let other = Decomposition(turned, l, m)
        (values, left, right) = (other.values, other.right, other.left)
        return
      }
      let size = largest(a)
      guard size > 0, size < .infinity else { return }
      // A power of two, so that squares neither overflow nor vanish.
      let scale = Elementary.power(of2: -min(max(size.bitPatternExponent, -1000), 1000))
      let (rows, turns) = (Memory(a.map { $0 * scale }), Memory(m * m))
      for k in 0..<m { turns.base[k * m + k] = 1 }
      let floor = Double(l) * 0x1p-52
      for _ in 0..<40 where !Self.sweep(rows.base, turns.base, m, l, floor) {}
      let norms = (0..<m).map { Self.dot(rows.base + $0 * l, rows.base + $0 * l, l).squareRoot() }
      var order: [Int] = []
      for k in 0..<m {
        var place = order.count
        while place > 0, norms[order[place - 1]] < norms[k] { place -= 1 }
        order.insert(k, at: place)
      }
      for k in order where norms[k] > floor * norms[order[0]] {
        values.append(norms[k] / scale)
        left += turns.array(k * m..<(k + 1) * m)
        right += (0..<l).map { rows.base[k * l + $0] / norms[k] }
      }
    }

    /// Makes all pairs of rows orthogonal once; true when they were.
    private static func sweep(
      _ b: UnsafeMutablePointer<Double>, _ u: UnsafeMutablePointer<Double>, _ m: Int, _ l: Int, _ floor: Double
    ) -> Bool {
      var isDone = true
      var top = 0.0
      for p in 0..<m { top = max(top, dot(b + p * l, b + p * l, l)) }
      for p in 0..<m {
        for q in p + 1..<max(m, p + 1) {
          let (x, y) = (b + p * l, b + q * l)
          let (first, second, mixed) = (dot(x, x, l), dot(y, y, l), dot(x, y, l))
          // Rows that are rounding of the largest one have no direction of their own.
          guard min(first, second) > floor * floor * top, abs(mixed) > 0x1p-50 * (first * second).squareRoot() else {
            continue
          }
          isDone = false
          let zeta = (second - first) / (2 * mixed)
          let t = (zeta < 0 ? -1 : 1) / (abs(zeta) + (1 + zeta * zeta).squareRoot())
          let c = 1 / (1 + t * t).squareRoot()
          rotate(x, y, l, c, c * t)
          rotate(u + p * m, u + q * m, m, c, c * t)
        }
      }
      return isDone
    }

    private static func dot(_ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>, _ n: Int) -> Double {
      var sum = 0.0
      for i in 0..<n { sum += x[i] * y[i] }
      return sum
    }

    private static func rotate(
      _ x: UnsafeMutablePointer<Double>, _ y: UnsafeMutablePointer<Double>, _ n: Int, _ c: Double, _ s: Double
    ) {
      for i in 0..<n { (x[i], y[i]) = (c * x[i] - s * y[i], s * x[i] + c * y[i]) }
    }
  }
}

extension Double {
  /// e of x = m·2ᵉ, 1 ≤ m < 2, for normal x.
  var bitPatternExponent: Int { Int(bitPattern >> 52 & 0x7ff) - 1023 }
}
