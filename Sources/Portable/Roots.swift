extension Twin {
  /// The sign changes in (0, 1] of a polynomial Σ cₖ sᵏ, increasing: isolation by Descartes' rule in the Bernstein basis, then
  /// bisection with the polynomial's own sign.
  ///
  /// Source: Mourrain, Rouillier, Roy, "The Bernstein basis and real root isolation", 2005, algorithm 1.
  struct Roots {
    private(set) var all: [Double] = []
    private let c: [Double]

    init(_ c: [Double]) {
      self.c = c
      let n = c.count - 1
      guard n > 0 else { return }
      var bernstein = [Double](repeating: 0, count: n + 1)
      for j in 0...n {
        var weight = 1.0
        for k in 0...j {
          bernstein[j] += weight * c[k]
          if k < n { weight *= Double(j - k) / Double(n - k) }
        }
      }
      isolate(bernstein, 0, 1, depth: 0)
    }

    private mutating func isolate(_ b: [Double], _ low: Double, _ high: Double, depth: Int) {
      var (variations, last) = (0, 0.0)
      for value in b where value != 0 {
        if last != 0, (value < 0) != (last < 0) { variations += 1 }
        last = value
      }
      if variations == 0 { return }
      if variations == 1 { return all.append(bisected(low, high, risesFromNegative: last > 0)) }
      if depth == 48 {
        if variations % 2 == 1 { all.append(0.5 * (low + high)) }
        return
      }
      // de Casteljau near the middle: not at it, where roots of simple polynomials like to be.
      let part = 0.48828125
      var (left, right, n) = (b, b, b.count - 1)
      for level in 1...n {
        for j in stride(from: n, through: level, by: -1) { left[j] = (1 - part) * left[j - 1] + part * left[j] }
        right[n - level] = left[n]
      }
      n = depth + 1
      let middle = low + part * (high - low)
      isolate(left, low, middle, depth: n)
      isolate(right, middle, high, depth: n)
    }

    private func bisected(_ low: Double, _ high: Double, risesFromNegative: Bool) -> Double {
      var (low, high) = (low, high)
      while true {
        let middle = 0.5 * (low + high)
        if middle <= low || middle >= high { return high }
        var value = 0.0
        for k in stride(from: c.count - 1, through: 0, by: -1) { value = value * middle + c[k] }
        if (value > 0) == risesFromNegative && value != 0 { high = middle } else { low = middle }
      }
    }

    /// Takes away the root that lies at `end` (0 or 1), or adds it where there is none: lost or gained by rounding.
    mutating func mend(at end: Double) {
      if let index = all.firstIndex(where: { abs($0 - end) < 1e-9 }) {
        all.remove(at: index)
      } else {
        all.insert(end, at: end == 0 ? 0 : all.count)
      }
    }
  }
}
