import Descent
import Dynamics
import Foundation
import Networks
import Regression
import TestSupport
import Testing

/// The exact identity of discrete runs.
@Suite struct DiscreteIdentityTests {
  private func run(_ settings: DescentSettings, _ iterations: Int, seed: UInt64 = 1) throws -> (
    Descent, DiscreteIdentity
  ) {
    let problem = try SyntheticProblem(samples: 6, features: 10, nonzeros: 2, mean: 1, seed: seed).problem()
    let descent = try Descent(DiagonalNetwork(problem), settings, from: Initialization(alpha: 0.3, features: 10))
    var identity = DiscreteIdentity(descent)
    for _ in 0..<iterations {
      descent.advance()
      identity.observe(descent)
    }
    return (descent, identity)
  }

  /// At every length of the run, with and without minibatches, through sign changes.
  @Test(
    arguments: [DescentSettings.Method.heavyBall, .nesterov], [(0.01, 0.0), (0.01, 0.9), (0.02, 0.95)])
  func holdsExactly(_ method: DescentSettings.Method, _ pair: (Double, Double)) throws {
    for (batch, replacement) in [(6, false), (2, false), (2, true), (1, true)] {
      let batches = try DescentSettings.Batches(size: batch, of: 6, replacement: replacement, seed: 3)
      let settings = try DescentSettings(
        gamma: pair.0 / (batch == 6 ? 1 : 10), beta: pair.1, method: method, batches: batch == 6 ? nil : batches)
      for iterations in [1, 7, 3000] {
        let (descent, identity) = try run(settings, iterations)
        #expect(!descent.hasDiverged)
        #expect(identity.defect < 1e-12, "\(identity.defect) after \(iterations) with batches of \(batch)")
      }
    }
  }

  /// A long run at rest: the sums alone give Δ∞, to 1e-12 where no weight has come near zero.
  @Test func sumsGiveTheLimit() throws {
    let (descent, identity) = try run(DescentSettings(gamma: 0.005, beta: 0.5), 200_000)
    #expect(descent.residualMax() < 1e-12)
    let ratios = NetworkQuantities.balancedness(descent.weightArray).map { $0 / (2 * 0.3 * 0.3) }
    for (ratio, sum) in zip(ratios, identity.balancednessRatio) { #expect(abs(ratio / sum - 1) < 1e-12) }
    #expect(ratios.contains { $0 < 0.99 })
  }

  /// Sign changes happen, and the identity goes through them.
  @Test func throughSignChanges() throws {
    let (descent, identity) = try run(DescentSettings(gamma: 0.05, beta: 0.95), 3000)
    #expect(identity.defect < 1e-11)
    #expect(identity.sums.contains { $0 < 0 } || descent.weightArray.contains { $0 < 0 })
  }
}
