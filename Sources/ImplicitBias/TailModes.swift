import COpenBLAS
import DiagonalNetworks
import Dynamics
import RealModule

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
    self.d = d
    count = modes.count
  }

  /// J± for all coordinates: bilinear forms in b, of which the matrices are known in closed form.
  func missing(_ motion: LogTail.Motion, _ velocity: [Double]) -> [Double] {
    let k = count
    // The homogeneous part: C± = velocity ∓ Σ b·rate.
    let forced = product(rate)
    let free = (0..<2 * d).map { $0 < d ? velocity[$0] - forced[$0] : velocity[$0] + forced[$0 - d] }
    switch motion {
    case .gradientFlow:
      return [Double](repeating: 0, count: 2 * d)
    case .momentum(let lambda):
      let gram = matrix { flowProduct($0, $1, lambda) }
      let overlap = product(
        (0..<k).map { lambda * (rate[$0] - curvature[$0] * value[$0]) / (2 + lambda * curvature[$0]) })
      let squares = bilinear(gram, slope)
      return (0..<2 * d).map { j in
        let (i, sign) = j < d ? (j, 1.0) : (j - d, -1.0)
        return largerOrNaN(
          0, lambda * (0.5 * lambda * free[j] * free[j] + 2 * sign * free[j] * overlap[i] + squares[i]))
      }
    case .heavyBall(let gamma, let beta), .nesterov(let gamma, let beta):
      var isNesterov = false
      if case .nesterov = motion { isNesterov = true }
      func kappa(_ j: Int) -> Double { isNesterov ? beta * (1 - gamma * curvature[j]) : beta }
      func sums(_ j: Int, _ l: Int) -> (values: Double, mixed: Double, increments: Double) {
        discreteSums(j, l, kappa(j), kappa(l), gamma * curvature[j], gamma * curvature[l])
      }
      let gram = matrix { sums($0, $1).increments }
      let overlap = product(
        (0..<k).map { j in
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
      guard isNesterov else {
        return (0..<2 * d).map { j in
          largerOrNaN(0, 0.5 / (1 - beta) * ((1 + beta) * later[j] + beta * velocity[j] * velocity[j]))
        }
      }
      // Nesterov: ½[Σγ²g² + (β² + β) Σq²] with g at the extrapolated points.
      let gradients = bilinear(
        matrix { j, l in
          let s = sums(j, l)
          return curvature[j] * curvature[l]
            * (s.values + beta * s.mixed + beta * beta * (s.increments + rate[j] * rate[l]))
        }, slope)
      return (0..<2 * d).map { j in
        let all = later[j] + velocity[j] * velocity[j]
        return largerOrNaN(0, 0.5 / (1 - beta) * (gamma * gamma * gradients[j % d] + (beta * beta + beta) * all))
      }
    }
  }

  /// Half the total variation of ln|w±| that modes which oscillate (complex roots) or alternate (a negative root) still
  /// bring about, as the root of the sum of squares over the modes: the largest over the coordinates.
  func variation(_ motion: LogTail.Motion) -> Double {
    let sizes = (0..<count).map { (k: Int) -> Double in
      let h = curvature[k]
      switch motion {
      case .gradientFlow: return 0
      case .momentum(let lambda):
        // The envelope √(ρ̇² + hρ²/λ) falls like e^{−t/2λ}; its integral is 2λ times its size.
        return 4 * lambda * h > 1 ? lambda * envelope(k, h / lambda) : 0
      case .heavyBall(let gamma, let beta):
        return discreteVariation(k, gamma * h, sum: 1 + beta - gamma * h, product: beta)
      case .nesterov(let gamma, let beta):
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
    case .gradientFlow, .momentum: return false
    case .heavyBall(let gamma, let beta): return gamma * h >= 2 * (1 + beta)
    case .nesterov(let gamma, let beta): return gamma * h >= 2 * (1 + beta) / (1 + 2 * beta)
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

  /// The sums over the iterates to come (and, for values and mixed products, the present one) of two modes of
  /// δ′ = κδ − τρ, ρ′ = ρ + δ′: Σρⱼρₗ, Σ(ρⱼδₗ + δⱼρₗ), and Σδⱼδₗ without the present one; by the same identities.
  private func discreteSums(
    _ j: Int, _ l: Int, _ kappaJ: Double, _ kappaL: Double, _ tauJ: Double, _ tauL: Double
  ) -> (values: Double, mixed: Double, increments: Double) {
    let (s, v) = (value[j] * value[l], rate[j] * rate[l])
    let (u, x) = (value[j] * rate[l], rate[j] * value[l])
    let (kj, kl) = (kappaJ / (1 - kappaJ), kappaL / (1 - kappaL))
    let e = 1 + kj + kl
    let q = tauL * (1 + kl) + tauJ * (1 + kj)
    let base = s + kl * u + kj * x
    let numerator = kappaJ * kappaL * v - tauL * kj * x - tauJ * kl * u + tauJ * tauL * e * base / q
    let denominator = 1 - kappaJ * kappaL + tauL * kj + tauJ * kl - tauJ * tauL * e * e / q
    let increments = numerator / denominator
    let values = (base + e * increments) / q
    let b = (1 + kl) * (u + increments - tauL * values)
    let c = (1 + kj) * (x + increments - tauJ * values)
    return (values, b + c, increments)
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
    if count > 0 {
      cblas_dgemv(CblasRowMajor, CblasNoTrans, CInt(d), CInt(count), 1, slope, CInt(count), x, 1, 0, &result, 1)
    }
    return result
  }

  /// bᵢᵀ M bᵢ for each row of `b`.
  private func bilinear(_ m: [Double], _ b: [Double]) -> [Double] {
    guard count > 0 else { return [Double](repeating: 0, count: d) }
    var image = [Double](repeating: 0, count: d * count)
    cblas_dgemm(
      CblasRowMajor, CblasNoTrans, CblasNoTrans, CInt(d), CInt(count), CInt(count), 1, b, CInt(count), m,
      CInt(count), 0, &image, CInt(count))
    return (0..<d).map { i in
      (0..<count).reduce(0) { $0 + image[i * count + $1] * b[i * count + $1] }
    }
  }
}
