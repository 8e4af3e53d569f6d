extension Twin {
  /// The Taylor series of λẅ± + ẇ± ± g w± = 0 (λ = 0: gradient flow) with its integrals (Theory, section 2).
  ///
  /// θ_k = ¼ Σⱼ (w₊,ⱼ w₊,ₖ₋ⱼ − w₋,ⱼ w₋,ₖ₋ⱼ), g_k = Xᵀ(Xθ_k − δ_{k0} y)/n and (k+1)(k+2) λ w±,ₖ₊₂ = −(k+1) w±,ₖ₊₁ ∓ Σⱼ gⱼ w±,ₖ₋ⱼ,
  /// in a unit of time of the caller's choice. State: w (2d) | ẇ (2d, with momentum) | 2λ∫ẇ₊ẇ₋ (d) | ∫g (d) | ∫‖ẇ‖²/2 (1).
  final class Series {
    let degree: Int
    private let problem: Problem
    private let lambda: Double
    private let d: Int
    /// The degree of the weights' series; with momentum that of the rates is one less.
    private let top: Int
    private var unit = 1.0
    /// Order k of w± is row k of 2d numbers, of g row k of d numbers.
    private let weights: Memory
    private let gradients: Memory
    private let theta: Memory
    private let residual: Memory
    private let scratch: Memory

    private var hasMomentum: Bool { lambda > 0 }

    init(_ problem: Problem, degree: Int, lambda: Double) {
      (self.problem, self.lambda, d) = (problem, lambda, problem.features)
      top = lambda > 0 ? (degree + 1) | 1 : degree
      self.degree = lambda > 0 ? top - 1 : top
      (weights, gradients) = (Memory((top + 1) * 2 * d), Memory((top + 1) * d))
      (theta, residual, scratch) = (Memory(d), Memory(problem.samples), Memory(2 * d))
    }

    private func row(_ k: Int) -> UnsafeMutablePointer<Double> { weights.base + k * 2 * d }

    /// With momentum the gradient is known two orders less far than the weights.
    private var gradientOrders: Int { hasMomentum ? top - 1 : top }

    func expand(_ y: UnsafePointer<Double>, unit: Double) {
      self.unit = unit
      for i in 0..<2 * d { row(0)[i] = y[i] }
      if hasMomentum { for i in 0..<2 * d { row(1)[i] = unit * y[2 * d + i] } }
      for k in 0..<gradientOrders {
        let (p, g) = (theta.base, gradients.base + k * d)
        computeTheta(k, into: p)
        problem.image(of: p, lessTarget: k == 0, into: residual.base)
        problem.pull(residual.base, into: g)
        let sum = scratch.base
        for i in 0..<2 * d { sum[i] = 0 }
        for j in 0...k {
          let (g, w) = (gradients.base + j * d, row(k - j))
          for i in 0..<d { sum[i] += g[i] * w[i] }
          for i in 0..<d { sum[d + i] += g[i] * w[d + i] }
        }
        let order = Double(k)
        if hasMomentum {
          let (a, b) = (-unit / (lambda * (order + 2)), -unit * unit / (lambda * (order + 1) * (order + 2)))
          let (next, w) = (row(k + 2), row(k + 1))
          for i in 0..<d { next[i] = a * w[i] + b * sum[i] }
          for i in 0..<d { next[d + i] = a * w[d + i] - b * sum[d + i] }
        } else {
          let (b, next) = (-unit / (order + 1), row(k + 1))
          for i in 0..<d { next[i] = b * sum[i] }
          for i in 0..<d { next[d + i] = -b * sum[d + i] }
        }
      }
    }

    /// A Cauchy square is symmetric: half of its products, doubled; its middle vanishes exactly where w₊ = w₋.
    private func computeTheta(_ k: Int, into p: UnsafeMutablePointer<Double>) {
      for i in 0..<d { p[i] = 0 }
      for j in 0..<(k + 1) / 2 {
        let (a, b) = (row(j), row(k - j))
        for i in 0..<d { p[i] += a[i] * b[i] - a[d + i] * b[d + i] }
      }
      for i in 0..<d { p[i] *= 0.5 }
      guard k % 2 == 0 else { return }
      let w = row(k / 2)
      for i in 0..<d { p[i] += 0.25 * ((w[i] - w[d + i]) * (w[i] + w[d + i])) }
    }

    /// The largest coefficients of orders N − 1 and N in units of the error allowed, w and λẇ together; not a number when one
    /// is not finite.
    func lastOrders(_ relative: Double, _ absolute: Double) -> (before: Double, last: Double) {
      var (first, second, third, poison) = (0.0, 0.0, 0.0, 0.0)
      let scaled = lambda / unit
      for i in 0..<2 * d {
        let bound = absolute + relative * (abs(row(0)[i]) + scaled * abs(row(1)[i]))
        let inverse = 1 / (bound > 0x1p-1000 ? bound : 0x1p-1000)
        let (a, b, c) = (
          abs(row(top - 2)[i]) * inverse, abs(row(top - 1)[i]) * inverse, abs(row(top)[i]) * inverse
        )
        poison += (a - a) + (b - b) + (c - c)
        if a > first { first = a }
        if b > second { second = b }
        if c > third { third = c }
      }
      guard poison == 0 else { return (.nan, .nan) }
      guard hasMomentum else { return (second, third) }
      // Order k of λẇ is (k + 1) λ/unit times order k + 1 of w.
      let n = Double(degree)
      return (max(first, n * scaled * second), max(second, (n + 1) * scaled * third))
    }

    /// Whether weight i may have changed sign between 0 and s; false is certain.
    func mayChangeSign(_ i: Int, within s: Double) -> Bool {
      var sum = 0.0
      for k in stride(from: top, to: 0, by: -1) { sum = (sum + abs(row(k)[i])) * s }
      let size = abs(row(0)[i])
      return !(sum < size) && !(size == 0 && sum == 0)
    }

    /// The polynomial of weight i for an argument that runs from 0 to 1 as time runs to s.
    func polynomial(_ i: Int, upTo s: Double) -> [Double] {
      var power = 1.0
      return (0...degree).map { k in
        defer { power *= s }
        return power * row(k)[i]
      }
    }

    /// Writes how far w and ẇ at s are from those at 0, and, if wanted, the integrals.
    func increment(to s: Double, into change: UnsafeMutablePointer<Double>, withIntegrals: Bool = true) {
      for i in 0..<2 * d { change[i] = row(top)[i] }
      let rate = scratch.base
      for i in 0..<2 * d { rate[i] = 0 }
      for k in stride(from: top - 1, to: 0, by: -1) {
        let c = row(k)
        for i in 0..<2 * d {
          rate[i] = rate[i] * s + change[i]
          change[i] = change[i] * s + c[i]
        }
      }
      for i in 0..<2 * d {
        rate[i] = rate[i] * s + change[i]
        change[i] *= s
      }
      if hasMomentum { for i in 0..<2 * d { change[2 * d + i] = (rate[i] - row(1)[i]) / unit } }
      if withIntegrals { incrementIntegrals(to: s, into: change + (hasMomentum ? 4 * d : 2 * d)) }
    }

    /// Horner's rule over the orders m of the integrands ẇ₊ẇ₋, g and (ẇ₊² + ẇ₋²)/2, each divided by m + 1.
    private func incrementIntegrals(to s: Double, into change: UnsafeMutablePointer<Double>) {
      let (balance, drift) = (change, change + d)
      for i in 0..<2 * d { change[i] = 0 }
      var friction = 0.0
      for m in stride(from: top - 1, through: 0, by: -1) {
        let product = theta.base
        for i in 0..<d { product[i] = 0 }
        var square = 0.0
        for j in 0...m {
          let (a, b, factor) = (row(j + 1), row(m - j + 1), Double(j + 1) * Double(m - j + 1))
          for i in 0..<d { product[i] += factor * (a[i] * b[d + i]) }
          // Symmetric: half of the products, doubled, and the middle one.
          guard 2 * j <= m else { continue }
          var sum = 0.0
          for i in 0..<2 * d { sum += a[i] * b[i] }
          square += (2 * j == m ? 0.5 : 1) * factor * sum
        }
        let weight = 1 / Double(m + 1)
        for i in 0..<d { balance[i] = balance[i] * s + weight * product[i] }
        friction = friction * s + weight * square
        guard m < gradientOrders else { continue }
        let g = gradients.base + m * d
        for i in 0..<d { drift[i] = drift[i] * s + weight * g[i] }
      }
      let factor = 2 * lambda / unit
      for i in 0..<d { balance[i] *= factor * s }
      for i in 0..<d { drift[i] *= unit * s }
      change[2 * d] = friction * s / unit
    }
  }
}
