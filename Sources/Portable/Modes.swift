extension Twin {
  /// The modes of the linearised residual: eigenvectors uₖ and eigenvalues hₖ of K = X D Xᵀ/n, D = diag((w₊² + w₋²)/2), and what
  /// they bring about beside the drift ∓G, J± (Theory, section 6, second order).
  struct Modes {
    private let d: Int
    private let count: Int
    /// hₖ, decreasing.
    let curvature: [Double]
    /// ρₖ and its rate (or last increment).
    private let (value, rate): ([Double], [Double])
    /// bᵢₖ = (Xᵀuₖ)ᵢ/(n hₖ), d × count.
    private let slope: [Double]

    /// The largest hₖ at w; not a number when a weight is not finite.
    static func largest(_ problem: Problem, at w: [Double]) -> Double {
      guard let factors = factors(problem, w) else { return .nan }
      let s = factors.values.first ?? 0
      return s * s / Double(problem.samples)
    }

    private static func factors(_ problem: Problem, _ w: [Double]) -> Decomposition? {
      let (n, d) = (problem.samples, problem.features)
      let roots = (0..<d).map { (0.5 * (w[$0] * w[$0] + w[d + $0] * w[d + $0])).squareRoot() }
      guard Twin.largest(roots) < .infinity else { return nil }
      return Decomposition((0..<n * d).map { problem.entry($0 / d, $0 % d) * roots[$0 % d] }, n, d)
    }

    /// The modes at `center`, excited as at (w, v); nil when the residual has a part in a mode of X that is not resolved (yet).
    init?(_ problem: Problem, rank: Int, weights w: [Double], rates v: [Double], at center: [Double]) {
      let (n, d) = (problem.samples, problem.features)
      guard let factors = Self.factors(problem, center) else { return nil }
      (self.d, count) = (d, factors.values.count)
      let count = count
      func components(_ x: [Double]) -> [Double] {
        (0..<count).map { k in (0..<n).reduce(0.0) { $0 + factors.left[k * n + $1] * x[$1] } }
      }
      let residual = problem.image(of: Twin.theta(w), lessTarget: true)
      value = components(residual)
      let thetaRate = (0..<d).map { 0.5 * (w[$0] * v[$0] - w[d + $0] * v[d + $0]) }
      rate = components(problem.image(of: thetaRate, lessTarget: false))
      if count < rank {
        var rest = residual
        for k in 0..<count { for q in 0..<n { rest[q] -= value[k] * factors.left[k * n + q] } }
        guard Twin.largest(rest) <= 0x1p-44 * Twin.largest(problem.response) else { return nil }
      }
      curvature = factors.values.map { $0 * $0 / Double(n) }
      var slope = [Double](repeating: 0, count: d * count)
      for k in 0..<count {
        let inverse = 1 / (factors.values[k] * factors.values[k])
        for q in 0..<n {
          let factor = factors.left[k * n + q] * inverse
          for i in 0..<d { slope[i * count + k] += problem.entry(q, i) * factor }
        }
      }
      self.slope = slope
    }

    /// J±, 2d numbers, from the logarithmic velocities.
    func missing(_ motion: Motion, _ velocity: [Double]) -> [Double] {
      let forced = product(rate)
      // What of the velocity belongs to no mode.
      let free = (0..<2 * d).map { $0 < d ? velocity[$0] - forced[$0] : velocity[$0] + forced[$0 - d] }
      switch motion {
      case .gradientFlow: return [Double](repeating: 0, count: 2 * d)
      case .momentum(let lambda):
        let squares = bilinear { flowProduct($0, $1, lambda) }
        let overlap = product(
          (0..<count).map { lambda * (rate[$0] - curvature[$0] * value[$0]) / (2 + lambda * curvature[$0]) })
        return (0..<2 * d).map { j in
          let (i, sign) = j < d ? (j, 1.0) : (j - d, -1.0)
          return largerOrNaN(
            0, lambda * (0.5 * lambda * free[j] * free[j] + 2 * sign * free[j] * overlap[i] + squares[i]))
        }
      case .discrete(let method): return discreteMissing(method, velocity, free)
      }
    }

    private func discreteMissing(_ method: DescentMethod, _ velocity: [Double], _ free: [Double]) -> [Double] {
      let (gamma, beta) = (method.gamma, method.beta)
      func kappa(_ j: Int) -> Double { method.isNesterov ? beta * (1 - gamma * curvature[j]) : beta }
      func sums(_ j: Int, _ l: Int) -> PairSums {
        PairSums(
          value[j] * value[l], rate[j] * rate[l], value[j] * rate[l], rate[j] * value[l], kappa(j), kappa(l),
          gamma * curvature[j], gamma * curvature[l])
      }
      let squares = bilinear { sums($0, $1).increments }
      let overlap = product(
        (0..<count).map { j in
          let tau = gamma * curvature[j]
          let total =
            (rate[j] - beta * tau * (value[j] - rate[j]) / (1 - beta))
            / (1 - beta * kappa(j) + beta * tau / (1 - beta))
          return total - rate[j]
        })
      // Σ of the residuals' products where Nesterov's gradients are taken, r + βδ.
      let gradients =
        method.isNesterov
        ? bilinear { j, l in
          let all = sums(j, l)
          let seen = all.values + beta * all.mixed + beta * beta * (all.increments + rate[j] * rate[l])
          return curvature[j] * curvature[l] * seen
        } : []
      return (0..<2 * d).map { j in
        let (i, sign) = j < d ? (j, 1.0) : (j - d, -1.0)
        let later =
          beta * beta / (1 - beta * beta) * free[j] * free[j] + 2 * sign * free[j] * overlap[i] + squares[i]
        let now = velocity[j] * velocity[j]
        let sum =
          method.isNesterov
          ? gamma * gamma * gradients[i] + (beta * beta + beta) * (later + now) : (1 + beta) * later + beta * now
        return largerOrNaN(0, 0.5 / (1 - beta) * sum)
      }
    }

    /// Half the total variation of ln|w±| that modes which oscillate or alternate still bring about.
    func variation(_ motion: Motion) -> Double {
      let sizes = (0..<count).map { (k: Int) -> Double in
        let h = curvature[k]
        switch motion {
        case .gradientFlow: return 0
        case .momentum(let lambda): return 4 * lambda * h > 1 ? lambda * envelope(k, h / lambda) : 0
        case .discrete(let method):
          let (tau, beta) = (method.gamma * h, method.beta)
          let sum = method.isNesterov ? (1 + beta) * (1 - tau) : 1 + beta - tau
          let product = method.isNesterov ? beta * (1 - tau) : beta
          let discriminant = sum * sum - 4 * product
          if discriminant < 0 { return 0.5 * envelope(k, tau) / (1 - product.squareRoot()) }
          // A mode that alternates drives the slow ones by its square: 32 times as much, by experience.
          let smallest = 0.5 * (sum - discriminant.squareRoot())
          return smallest < 0 ? 16 * envelope(k, tau) / (1 + smallest) : 0
        }
      }
      var result = 0.0
      for i in 0..<d {
        var sum = 0.0
        for k in 0..<count { sum += slope[i * count + k] * sizes[k] * (slope[i * count + k] * sizes[k]) }
        result = largerOrNaN(result, sum.squareRoot())
      }
      return result
    }

    private func envelope(_ k: Int, _ factor: Double) -> Double {
      (rate[k] * rate[k] + factor * value[k] * value[k]).squareRoot()
    }

    /// ∫ρ̇ⱼρ̇ₗ of two modes of λρ̈ + ρ̇ + hρ = 0.
    private func flowProduct(_ j: Int, _ l: Int, _ lambda: Double) -> Double {
      let (hj, hl) = (curvature[j], curvature[l])
      let (sum, difference) = (hj + hl, hl - hj)
      let mixed = hj * value[j] * rate[l] - hl * rate[j] * value[l]
      let numerator =
        lambda * rate[j] * rate[l] + 2 * hj * hl / sum * value[j] * value[l] + lambda * difference / sum * mixed
      return numerator / (2 + lambda * difference * difference / sum)
    }

    /// b·x, d numbers.
    private func product(_ x: [Double]) -> [Double] {
      (0..<d).map { i in (0..<count).reduce(0.0) { $0 + slope[i * count + $1] * x[$1] } }
    }

    /// bᵢᵀ M bᵢ for each feature, M symmetric.
    private func bilinear(_ entry: (Int, Int) -> Double) -> [Double] {
      var m = [Double](repeating: 0, count: count * count)
      for j in 0..<count {
        for l in 0...j {
          m[j * count + l] = entry(j, l)
          m[l * count + j] = m[j * count + l]
        }
      }
      return (0..<d).map { i in
        var sum = 0.0
        for j in 0..<count {
          var inner = 0.0
          for l in 0..<count { inner += m[j * count + l] * slope[i * count + l] }
          sum += slope[i * count + j] * inner
        }
        return sum
      }
    }
  }
}
