import ImplicitBias
import LinearAlgebra
import Regression
import TestSupport
import Testing

@Suite struct LogTailTests {
  /// n = d = 1, x = 1: the one mode's curvature is h = (w₊² + w₋²)/2.
  private func tail(_ motion: LogTail.Motion, miss: Double = 1e-6, speed: Double = 0) throws -> LogTail {
    let problem = try RegressionProblem(
      name: "1", design: DesignMatrix(rows: 1, columns: 1, elements: [1]), response: [0.75 + miss])
    // θ = (4 − 1)/4, h = 2.5.
    return try LogTail(problem, rank: 1, weights: [2, 1], rates: [speed, 0], motion: motion)
  }

  /// A mode that grows leaves the point that it seems to tend to, however small it is: never a limit.
  @Test(arguments: [0, 0.5, 0.9])
  func unstableModesAreNoLimits(_ beta: Double) throws {
    for share in [0.5, 0.99] {
      #expect(try tail(.heavyBall(gamma: share * 2 * (1 + beta) / 2.5, beta: beta)).swing < 0.01)
      #expect(try tail(.nesterov(gamma: share * 2 * (1 + beta) / (1 + 2 * beta) / 2.5, beta: beta)).swing < 0.01)
    }
    #expect(try tail(.heavyBall(gamma: 1.001 * 2 * (1 + beta) / 2.5, beta: beta)).swing == .infinity)
    #expect(try tail(.nesterov(gamma: 1.001 * 2 * (1 + beta) / (1 + 2 * beta) / 2.5, beta: beta)).swing == .infinity)
  }

  /// One mode of λρ̈ + ρ̇ + hρ = 0 in closed form: J± = λ∫p² for p = ±g-driven log-velocities, by Simpson's rule on the
  /// exact solution, over- and underdamped, from rest and from a speed of its own.
  @Test(arguments: [0.03, 0.5, 4], [0, 1e-6])
  func flowTailInClosedForm(_ lambda: Double, _ speed: Double) throws {
    let (h, miss, steps) = (2.5, 1e-6, 400_000)
    let found = try tail(.momentum(lambda: lambda), miss: miss, speed: speed).missing
    // ρ, ρ̇ and p± by fourth-order Runge–Kutta on the linear system λρ̈ = −ρ̇ − hρ, λṗ± = −p± ∓ ρ.
    var y = [-miss, 0.5 * 2 * speed, speed / 2, 0]
    func rate(_ y: [Double]) -> [Double] {
      [y[1], -(y[1] + h * y[0]) / lambda, -(y[2] + y[0]) / lambda, -(y[3] - y[0]) / lambda]
    }
    func moved(_ y: [Double], _ k: [Double], _ s: Double) -> [Double] { zip(y, k).map { $0 + s * $1 } }
    let dt = 40 * max(2 * lambda, 1 / h) / Double(steps)
    var integrals = [0.0, 0.0]
    for step in 0...steps {
      let weight = (step == 0 || step == steps ? 1.0 : step % 2 == 1 ? 4 : 2) * dt / 3
      for j in 0..<2 { integrals[j] += weight * lambda * y[2 + j] * y[2 + j] }
      let a = rate(y)
      let b = rate(moved(y, a, dt / 2))
      let c = rate(moved(y, b, dt / 2))
      let d = rate(moved(y, c, dt))
      for j in 0..<4 { y[j] += dt / 6 * (a[j] + 2 * b[j] + 2 * c[j] + d[j]) }
    }
    for j in 0..<2 { #expect(abs(found[j] / integrals[j] - 1) < 1e-6, "\(found) against \(integrals)") }
  }

  /// The discrete tails against the linear recursions themselves.
  @Test(arguments: [0, 0.5, 0.95], [0.05, 1])
  func discreteTailsInClosedForm(_ beta: Double, _ gamma: Double) throws {
    let (h, miss) = (2.5, 1e-6)
    for nesterov in [false, true] {
      guard gamma * h < 0.95 * (nesterov ? 2 * (1 + beta) / (1 + 2 * beta) : 2 * (1 + beta)) else { continue }
      let motion: LogTail.Motion =
        nesterov ? .nesterov(gamma: gamma, beta: beta) : .heavyBall(gamma: gamma, beta: beta)
      let found = try tail(motion, miss: miss).missing
      // δ′ = βδ − γg, ρ′ = ρ + hδ′ in logarithms: q± = ∓ …; J± = Σ ½[(1 + β)q²]/(1 − β), Nesterov ½[γ²g² + (β² + β)q²].
      var (rho, q, sum) = (-miss, 0.0, 0.0)
      for _ in 0..<200_000 {
        let g = nesterov ? rho + beta * h * q : rho
        let next = beta * q - gamma * g
        sum +=
          nesterov ? 0.5 * (gamma * gamma * g * g + (beta * beta + beta) * q * q) : 0.5 * (next * next + beta * q * q)
        // The row's own term pairs each increment with the one before it.
        q = next
        rho += h * q
      }
      for j in 0..<2 { #expect(abs(found[j] * (1 - beta) / sum - 1) < 1e-5, "\(found[j] * (1 - beta)) against \(sum)") }
    }
  }
}
