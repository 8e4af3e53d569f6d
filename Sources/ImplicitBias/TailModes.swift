import Dynamics
import LinearAlgebra
import Networks
import Regression

/// The modes of the linearised residual at T.
struct TailModes {
  let d: Int
  let count: Int
  /// hₖ.
  let curvature: [Double]
  /// ρₖ and its rate (or last increment).
  let value: [Double]
  let rate: [Double]
  /// bᵢₖ = (Xᵀuₖ)ᵢ/(n hₖ), d × count, row-major.
  let slope: [Double]
  private let problem: RegressionProblem
  /// Row k is uₖ, count × n.
  private let left: [Double]

  /// The modes at `center`, excited as at (w, v); nil when the residual has a part in a mode of X that is not resolved (yet).
  init?(
    _ problem: RegressionProblem, rank: Int, weights w: [Double], rates v: [Double], linearizedAt center: [Double]
  ) throws(InvalidInput) {
    let d = problem.featureCount
    let roots = (0..<d).map { (0.5 * (center[$0] * center[$0] + center[d + $0] * center[d + $0])).squareRoot() }
    guard roots.allSatisfy(\.isFinite) else {
      throw InvalidInput("weights", because: "they are too large for the tail to be finite")
    }
    let modes = try ResidualModes(problem.design, rootWeights: roots)
    let residual = zip(problem.design.times(NetworkQuantities.theta(w)), problem.response).map { $0 - $1 }
    let thetaRate = (0..<d).map { 0.5 * (w[$0] * v[$0] - w[d + $0] * v[d + $0]) }
    value = modes.components(residual)
    rate = modes.components(problem.design.times(thetaRate))
    if modes.count < rank {
      // Features whose weights are exactly zero take no part: then nothing may be left for them to do.
      let rest = modes.remainder(of: residual, components: value).maximumMagnitude
      guard rest <= 0x1p-44 * problem.response.maximumMagnitude else { return nil }
    }
    curvature = modes.curvatures
    slope = modes.pullback()
    left = modes.left
    self.problem = problem
    self.d = d
    count = modes.count
  }

  /// J± for all coordinates, bilinear forms in b of which the matrices are known in closed form, and what of them is
  /// uncertain.
  func missing(_ motion: LogTail.Motion, _ velocity: [Double]) -> (all: [Double], uncertain: [Double]) {
    let none = [Double](repeating: 0, count: 2 * d)
    switch motion {
    case .gradientFlow: return (none, none)
    case .momentum(let lambda):
      let free = freeVelocity(velocity)
      let gram = matrix { flowProduct($0, $1, lambda) }
      let overlap = product(
        (0..<count).map { lambda * (rate[$0] - curvature[$0] * value[$0]) / (2 + lambda * curvature[$0]) })
      let squares = bilinear(gram, slope)
      let all = (0..<2 * d).map { j in
        let (i, sign) = j < d ? (j, 1.0) : (j - d, -1.0)
        return largerOrNaN(
          0, lambda * (0.5 * lambda * free[j] * free[j] + 2 * sign * free[j] * overlap[i] + squares[i]))
      }
      return (all, none)
    case .corrected(let lambda, let step, _):
      let all = missing(.momentum(lambda: lambda - 0.5 * step), velocity).all
      // The bracket's second-order terms beside λ∫p², (ε²/12) of 1/λ² and h/λ each; twice that, to be on the safe side.
      let share = step * step / (6 * lambda) * (1 / lambda + (curvature.first ?? 0))
      return (all, all.map { share * $0 })
    case .heavyBall(let gamma, let beta, let scatter):
      return discreteMissing(gamma, beta, scatter, isNesterov: false, velocity)
    case .nesterov(let gamma, let beta, let scatter):
      return discreteMissing(gamma, beta, scatter, isNesterov: true, velocity)
    }
  }

  /// C± = velocity ∓ Σ b·rate, what of the velocity belongs to no mode.
  private func freeVelocity(_ velocity: [Double]) -> [Double] {
    let forced = product(rate)
    return (0..<2 * d).map { $0 < d ? velocity[$0] - forced[$0] : velocity[$0] + forced[$0 - d] }
  }

  private func discreteMissing(
    _ gamma: Double, _ beta: Double, _ scatter: Double, isNesterov: Bool, _ velocity: [Double]
  ) -> (all: [Double], uncertain: [Double]) {
    func kappa(_ j: Int) -> Double { isNesterov ? beta * (1 - gamma * curvature[j]) : beta }
    /// The sums of two modes from the products of their values and increments now.
    func sums(_ j: Int, _ l: Int, _ s: Double, _ v: Double, _ u: Double, _ x: Double) -> PairSums {
      PairSums(s, v, u, x, kappa(j), kappa(l), gamma * curvature[j], gamma * curvature[l])
    }
    func own(_ j: Int, _ l: Int) -> PairSums {
      sums(j, l, value[j] * value[l], rate[j] * rate[l], value[j] * rate[l], rate[j] * value[l])
    }
    /// Σ of the products of residuals where gradients are taken, r + βδ for Nesterov.
    func seen(_ sums: PairSums, now: Double) -> Double {
      isNesterov ? sums.values + beta * sums.mixed + beta * beta * (sums.increments + now) : sums.values
    }
    let free = freeVelocity(velocity)
    let gram = matrix { own($0, $1).increments }
    let overlap = product(
      (0..<count).map { j in
        let tau = gamma * curvature[j]
        let total =
          (rate[j] - beta * tau * (value[j] - rate[j]) / (1 - beta))
          / (1 - beta * kappa(j) + beta * tau / (1 - beta))
        return total - rate[j]
      })
    // Σ q² over the increments after the last one.
    let squares = bilinear(gram, slope)
    let later = (0..<2 * d).map { j in
      let (i, sign) = j < d ? (j, 1.0) : (j - d, -1.0)
      return beta * beta / (1 - beta * beta) * free[j] * free[j] + 2 * sign * free[j] * overlap[i] + squares[i]
    }
    let seenProducts = isNesterov || scatter > 0 ? matrix { seen(own($0, $1), now: rate[$0] * rate[$1]) } : []
    // Nesterov: ½[Σγ²g² + (β² + β) Σq²] with g at the extrapolated points, heavy ball: ½(1 + β) Σq².
    func total(_ increments: [Double], _ present: (Int) -> Double, _ gradients: [Double]) -> [Double] {
      (0..<2 * d).map { j in
        let now = present(j)
        let sum =
          isNesterov
          ? gamma * gamma * gradients[j % d] + (beta * beta + beta) * (increments[j] + now)
          : (1 + beta) * increments[j] + beta * now
        return largerOrNaN(0, 0.5 / (1 - beta) * sum)
      }
    }
    func gradientSquares(_ products: [Double]) -> [Double] {
      bilinear(matrix { curvature[$0] * curvature[$1] * products[$0 * count + $1] }, slope)
    }
    let mean = total(later, { velocity[$0] * velocity[$0] }, isNesterov ? gradientSquares(seenProducts) : [])
    guard scatter > 0, count > 0 else { return (mean, [Double](repeating: 0, count: 2 * d)) }

    // A batch kicks residual and increment alike, by modes −γhₖ·uₖᵀζ, E ζζᵀ = scatter·diag(r²).
    let kicked = matrix { seen(sums($0, $1, 1, 1, 1, 1), now: 1) }
    guard let squared = squaredResiduals(seenProducts, kicked, strength: scatter * gamma * gamma) else {
      let infinite = [Double](repeating: Double.infinity, count: 2 * d)
      return (infinite, infinite)
    }
    let kicks = kickProducts(squared, strength: scatter * gamma * gamma)
    let increments = bilinear(matrix { kicks[$0 * count + $1] * (sums($0, $1, 1, 1, 1, 1).increments + 1) }, slope)
    var gradients: [Double] = []
    if isNesterov {
      gradients = gradientSquares(zip(kicks, kicked).map { $0 * $1 })
      let n = problem.sampleCount
      for q in 0..<n {
        let weight = scatter * squared[q] / Double(n * n)
        for i in 0..<d { gradients[i] += weight * problem.design[q, i] * problem.design[q, i] }
      }
    }
    let scattered = total(increments + increments, { _ in 0 }, gradients)
    return (zip(mean, scattered).map { $0 + $1 }, scattered)
  }

  /// c = E Σ r² of each sample (n numbers) under kicks that the residuals themselves bring about: the fixed point of
  /// c = diag(Uᵀ[S + kicked ∘ H U diag(strength·c) Uᵀ H]U); nil where it has none, the mean square growing.
  private func squaredResiduals(_ products: [Double], _ kicked: [Double], strength: Double) -> [Double]? {
    let start = sampleSquares(products)
    var squared = start
    for _ in 0..<400 {
      let kicks = kickProducts(squared, strength: strength)
      let next = zip(start, sampleSquares(zip(kicks, kicked).map { $0 * $1 })).map { $0 + $1 }
      let change = zip(next, squared).map { $0 - $1 }.maximumMagnitude
      squared = next
      guard change.isFinite else { return nil }
      if change <= 1e-3 * next.maximumMagnitude { return next }
    }
    return nil
  }

  /// strength·hⱼhₗ Σ_q c_q uⱼq uₗq, count × count.
  private func kickProducts(_ squared: [Double], strength: Double) -> [Double] {
    let n = problem.sampleCount
    var scaled = left
    for j in 0..<count { for q in 0..<n { scaled[j * n + q] *= squared[q] } }
    var result = [Double](repeating: 0, count: count * count)
    Dense.multiply(scaled, left, transposed: true, count, n, count, scale: strength, into: &result)
    for j in 0..<count { for l in 0..<count { result[j * count + l] *= curvature[j] * curvature[l] } }
    return result
  }

  /// The diagonal of Uᵀ M U, n numbers.
  private func sampleSquares(_ m: [Double]) -> [Double] {
    let n = problem.sampleCount
    var image = [Double](repeating: 0, count: count * n)
    Dense.multiply(m, left, count, count, n, into: &image)
    return (0..<n).map { q in (0..<count).reduce(0) { $0 + image[$1 * n + q] * left[$1 * n + q] } }
  }

  /// Half the total variation of ln|w±| that modes which oscillate (complex roots) or alternate (a negative root) still
  /// bring about, as the root of the sum of squares over the modes: the largest over the coordinates.
  func variation(_ motion: LogTail.Motion) -> Double {
    let sizes = (0..<count).map { (k: Int) -> Double in
      let h = curvature[k]
      switch motion {
      case .gradientFlow: return 0
      case .corrected(let lambda, let step, _):
        let inertia = lambda - 0.5 * step
        return 4 * inertia * h > 1 ? inertia * envelope(k, h / inertia) : 0
      case .momentum(let lambda):
        // The envelope √(ρ̇² + hρ²/λ) falls like e^{−t/2λ}; its integral is 2λ times its size.
        return 4 * lambda * h > 1 ? lambda * envelope(k, h / lambda) : 0
      case .heavyBall(let gamma, let beta, _):
        return discreteVariation(k, gamma * h, sum: 1 + beta - gamma * h, product: beta)
      case .nesterov(let gamma, let beta, _):
        let rest = 1 - gamma * h
        return discreteVariation(k, gamma * h, sum: (1 + beta) * rest, product: beta * rest)
      }
    }
    return (0..<d).map { i in
      (0..<count).reduce(0) {
        let term = slope[i * count + $1] * sizes[$1]
        return $0 + term * term
      }.squareRoot()
    }.maximumMagnitude
  }

  /// Whether some mode of a discrete method would grow with `margin` times its curvature: however small it is now, the run
  /// will leave the point that it seems to tend to.
  func mayGrow(_ motion: LogTail.Motion, margin: Double) -> Bool {
    let h = margin * (curvature.first ?? 0)
    switch motion {
    case .gradientFlow, .momentum, .corrected: return false
    case .heavyBall(let gamma, let beta, _): return gamma * h >= 2 * (1 + beta)
    case .nesterov(let gamma, let beta, _): return gamma * h >= 2 * (1 + beta) / (1 + 2 * beta)
    }
  }

  private func envelope(_ k: Int, _ factor: Double) -> Double {
    (rate[k] * rate[k] + factor * value[k] * value[k]).squareRoot()
  }

  /// The same of one mode whose roots have this sum and product, τ = γh. A mode that alternates drives the slow ones by
  /// its square: 32 times as much, by experience.
  private func discreteVariation(_ k: Int, _ tau: Double, sum: Double, product: Double) -> Double {
    let discriminant = sum * sum - 4 * product
    if discriminant < 0 { return 0.5 * envelope(k, tau) / (1 - product.squareRoot()) }
    let smallest = 0.5 * (sum - discriminant.squareRoot())
    return smallest < 0 ? 16 * envelope(k, tau) / (1 + smallest) : 0
  }

  /// ∫ρ̇ⱼρ̇ₗ of two modes of λρ̈ + ρ̇ + hρ = 0, from the four identities that the derivatives of ρⱼρₗ, ρⱼρ̇ₗ, ρ̇ⱼρₗ and ρ̇ⱼρ̇ₗ give.
  private func flowProduct(_ j: Int, _ l: Int, _ lambda: Double) -> Double {
    let (hj, hl) = (curvature[j], curvature[l])
    let (sum, difference) = (hj + hl, hl - hj)
    let mixed = hj * value[j] * rate[l] - hl * rate[j] * value[l]
    let numerator =
      lambda * rate[j] * rate[l] + 2 * hj * hl / sum * value[j] * value[l] + lambda * difference / sum * mixed
    return numerator / (2 + lambda * difference * difference / sum)
  }

  private func matrix(_ entry: (Int, Int) -> Double) -> [Double] {
    var result = [Double](repeating: 0, count: count * count)
    for j in 0..<count {
      for l in 0...j {
        result[j * count + l] = entry(j, l)
        result[l * count + j] = result[j * count + l]
      }
    }
    return result
  }

  /// b·x, d numbers.
  private func product(_ x: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: d)
    if count > 0 { Dense.image(of: x, by: slope, d, count, into: &result) }
    return result
  }

  /// bᵢᵀ M bᵢ for each row of `b`.
  private func bilinear(_ m: [Double], _ b: [Double]) -> [Double] {
    guard count > 0 else { return [Double](repeating: 0, count: d) }
    var image = [Double](repeating: 0, count: d * count)
    Dense.multiply(b, m, d, count, count, into: &image)
    return (0..<d).map { i in
      (0..<count).reduce(0) { $0 + image[i * count + $1] * b[i * count + $1] }
    }
  }
}

/// The sums over the iterates to come (and, for values and mixed products, the present one) of two modes of
/// δ′ = κδ − τρ, ρ′ = ρ + δ′: Σρⱼρₗ, Σ(ρⱼδₗ + δⱼρₗ), and Σδⱼδₗ without the present one; by the same identities as for a flow.
private struct PairSums {
  let values: Double
  let mixed: Double
  let increments: Double

  /// From s = ρⱼρₗ, v = δⱼδₗ, u = ρⱼδₗ and x = δⱼρₗ now, and κ, τ of both.
  init(
    _ s: Double, _ v: Double, _ u: Double, _ x: Double, _ kappaJ: Double, _ kappaL: Double, _ tauJ: Double,
    _ tauL: Double
  ) {
    let (kj, kl) = (kappaJ / (1 - kappaJ), kappaL / (1 - kappaL))
    let e = 1 + kj + kl
    let q = tauL * (1 + kl) + tauJ * (1 + kj)
    let base = s + kl * u + kj * x
    let numerator = kappaJ * kappaL * v - tauL * kj * x - tauJ * kl * u + tauJ * tauL * e * base / q
    let denominator = 1 - kappaJ * kappaL + tauL * kj + tauJ * kl - tauJ * tauL * e * e / q
    increments = numerator / denominator
    values = (base + e * increments) / q
    let b = (1 + kl) * (u + increments - tauL * values)
    let c = (1 + kj) * (x + increments - tauJ * values)
    mixed = b + c
  }
}
