extension Twin {
  /// The sums over the iterates to come (and, for values and mixed products, the present one) of two modes of δ′ = κδ − τρ,
  /// ρ′ = ρ + δ′: Σρⱼρₗ, Σ(ρⱼδₗ + δⱼρₗ), and Σδⱼδₗ without the present one (Theory, section 6).
  struct PairSums {
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
      increments = numerator / (1 - kappaJ * kappaL + tauL * kj + tauJ * kl - tauJ * tauL * e * e / q)
      values = (base + e * increments) / q
      let b = (1 + kl) * (u + increments - tauL * values)
      let c = (1 + kj) * (x + increments - tauJ * values)
      mixed = b + c
    }
  }
}
