import Foundation
import ImplicitBias
import LinearAlgebra
import Regression
import TestSupport
import Testing

@Suite struct EntropyTests {
  @Test func gradientIsTheDerivative() {
    let entropy = HyperbolicEntropy([0.02, 1, 3])
    let theta = [0.7, -1.2, 0]
    let gradient = entropy.gradient(theta)
    for i in 0..<3 {
      var (up, down) = (theta, theta)
      up[i] += 1e-6
      down[i] -= 1e-6
      #expect(abs((entropy.value(up) - entropy.value(down)) / 2e-6 - gradient[i]) < 1e-8)
    }
    #expect(entropy.value([0, 0, 0]) == 0)
  }

  /// A point built to satisfy the optimality conditions passes, a perturbed one does not.
  @Test func certificate() throws {
    let (n, d) = (3, 6)
    let x = try Instances.problem(n, d, seed: 40).design
    let delta = (0..<d).map { 0.1 + 0.2 * Double($0) }
    let start = Instances.normals(d, seed: 41).map { 0.05 * $0 }
    // ∇ψ(θ) = ∇ψ(θ̃₀) + Xᵀν for some ν, and y := Xθ.
    let nu = Instances.normals(n, seed: 42)
    let slope = zip(
      HyperbolicEntropy(delta).gradient(start),
      (0..<d).map { j in (0..<n).reduce(0) { $0 + x[$1, j] * nu[$1] } }
    ).map { $0 + $1 }
    let theta = zip(delta, slope).map { 0.5 * $0 * sinh(2 * $1) }
    let problem = try RegressionProblem(name: "t", design: x, response: x.times(theta))
    let space = try RowSpace(x)
    let good = ImplicitBiasCertificate(
      problem, rowSpace: space, theta: theta, perturbedStart: start, balancedness: delta)
    #expect(good.interpolation < 1e-13)
    #expect((good.rowSpace ?? 1) < 1e-13)
    let bad = ImplicitBiasCertificate(
      problem, rowSpace: space, theta: theta.map { $0 + 0.01 }, perturbedStart: start, balancedness: delta)
    #expect(bad.interpolation > 1e-4 && (bad.rowSpace ?? 0) > 1e-4)
    let none = ImplicitBiasCertificate(
      problem, rowSpace: space, theta: theta, perturbedStart: start, balancedness: delta.map { _ in 0 })
    #expect(none.rowSpace == nil)
  }

  /// With a tail that is known exactly: the estimates are never below the true errors, and not far above.
  @Test func errorEstimatesOfAKnownTail() throws {
    // n = d = 1 gradient flow near its limit: θ∞ = y, Δ∞ = Δ₀.
    let problem = try RegressionProblem(
      name: "1", design: DesignMatrix(rows: 1, columns: 1, elements: [1]), response: [1])
    let start = try Initialization(alpha: 0.1, features: 1)
    let theta = 1 - 1e-4
    let xi = 0.5 * asinh(theta / 0.01)
    let w = [start.weights[0] * exp(xi), start.weights[1] * exp(-xi)]
    let g = theta - 1
    let limit = try AsymptoticLimit(
      problem, start: start, weights: w, rates: [-g * w[0], g * w[1]], lambda: 0, gradientIntegral: [-xi],
      balanceIntegral: [0], tailLambda: 0)
    #expect(abs(limit.theta[0] - theta) < 1e-14)
    #expect(limit.thetaError >= 1e-4 && limit.thetaError < 3e-4)
    #expect(limit.balancednessError < 1e-13)
    #expect(abs(limit.perturbedStart[0]) < 1e-15)
  }
}
