import DiagonalNetworks
import Dynamics
import Experiments
import Foundation
import ImplicitBias
import TestSupport
import Testing

/// All minima of the test error over λ, and what may hide below λ_c.
@Suite struct OptimalLambdaTests {
  private func twoMinima() throws -> Setup {
    let folder = checkout + "data/cases/two-minima/"
    return try Setup(
      problem: RegressionProblem(
        designAt: folder + "X.csv", responseAt: folder + "y.csv", truthAt: folder + "theta.csv"),
      start: Initialization(alpha: 0.3, features: 10))
  }

  private func error(_ setup: Setup, _ lambda: Double) throws -> Double {
    let limit = try CriticalLambda.Motion.flow.limit(setup, lambda: lambda, monitor: RunMonitor())
    return try #require(setup.problem.testError(limit.theta))
  }

  /// Two minima, of which the deeper lies far above λ_c.
  @Test func bothMinima() throws {
    let setup = try twoMinima()
    let found = try OptimalLambda(setup, .flow, in: 1e-3...3, tolerance: 1e-8, resolution: 1e-3)
    #expect(found.minima.map(\.kind) == [.smooth, .smooth] && found.unresolved.isEmpty && found.differences == 0)
    #expect(abs(found.minima[0].lambda - 0.07419) < 1e-5 && abs(found.minima[0].testError - 0.43725) < 1e-5)
    #expect(abs(found.value - 2.664) < 1e-3 && abs(found.best.testError - 0.21427) < 1e-5)
    #expect(found.best.uncertainty < 1e-6 && found.nodes < 200 && !found.isAtEdge)
    for minimum in found.minima {
      // Within its uncertainty by values alone: they rise to both sides. At the ends of its width they are 1 % higher.
      for factor in [0.999, 1.001] {
        #expect(try error(setup, factor * minimum.lambda) > minimum.testError)
      }
      for end in [minimum.basin.lowerBound, minimum.basin.upperBound] {
        #expect(abs(try error(setup, end) / minimum.testError - 1.01) < 2e-3)
      }
    }
  }

  /// Heavy ball has no sensitivities here: differences find the same two, to first order in ε.
  @Test func bothMinimaOfDescent() throws {
    let setup = try twoMinima()
    let found = try OptimalLambda(
      setup, .descent(step: 0.005, .heavyBall), in: 0.01...3, tolerance: 1e-4, resolution: 1e-2)
    #expect(found.differences == found.nodes)
    let inner = found.minima.filter { $0.kind == .smooth }
    #expect(inner.count == 2, "\(found.minima)")
    #expect(abs(found.value - 2.664) < 0.05 && abs(found.best.testError - 0.214) < 0.02, "\(found.best)")
  }

  /// Slopes by sensitivities and by differences of values.
  @Test(arguments: [0.01, 0.3, 1.7])
  func slopesEqualDifferences(_ lambda: Double) throws {
    let setup = try twoMinima()
    let curve = try TestErrorCurve(setup, .flow, in: 1e-3...3, resolution: 1e-3, monitor: RunMonitor())
    let sample = try curve.sample(log(lambda))
    let h = 1e-4
    let difference = try (log(error(setup, lambda * exp(h))) - log(error(setup, lambda * exp(-h)))) / (2 * h)
    // The values of the second route are known to 1e-6.
    #expect(abs(sample.value - log(try error(setup, lambda))) < 1e-6)
    #expect(abs(sample.slope - difference) < 1e-5 * max(1, abs(difference)), "\(sample.slope), \(difference)")
  }

  /// No point of a dense grid is below λ*, and every dip of the grid has its minimum, but where it says so.
  @Test(arguments: 1...5)
  func denseGridsHaveNoOther(_ seed: Int) throws {
    let problem = try SyntheticProblem(
      samples: 4 + seed % 3, features: 9, nonzeros: 2, mean: Double(seed % 3), seed: UInt64(seed)
    ).problem()
    let setup = try Setup(problem: problem, start: Initialization(alpha: 0.1, features: 9))
    let found = try OptimalLambda(setup, .flow, in: 0.02...5, tolerance: 1e-6, resolution: 1e-3)
    let count = 400
    let grid = try (0...count).map { k in
      let lambda = min(max(0.02 * pow(250, Double(k) / Double(count)), 0.02), 5)
      return (lambda: lambda, error: try error(setup, lambda))
    }
    func isTold(_ lambda: Double) -> Bool { found.unresolved.contains { $0.contains(lambda) } }
    for (lambda, error) in grid {
      #expect(error >= found.best.testError * (1 - 1e-6) || isTold(lambda), "λ = \(lambda)")
    }
    for k in 1..<count where grid[k].error < min(grid[k - 1].error, grid[k + 1].error) / 1.01 {
      #expect(
        found.minima.contains { $0.lambda > grid[k - 1].lambda && $0.lambda < grid[k + 1].lambda }
          || isTold(grid[k].lambda),
        "λ = \(grid[k].lambda)")
    }
  }

  /// Signed limits that vanish twice between two nodes are looked at more closely, others not.
  @Test func doubtfulIntervals() {
    func path(_ offset: Double, slopes: Bool) -> SignedLimitPath {
      var path = SignedLimitPath()
      for k in 0...6 {
        let x = 1 + 0.1 * Double(k)
        let values = [pow(x - 1.25, 2) + offset, 3 - x]
        path.insert(x, SignedLimit(values: values, slopes: slopes ? [2 * (x - 1.25), -1] : nil))
      }
      return path
    }
    for slopes in [true, false] {
      #expect(path(-1e-3, slopes: slopes).doubtful(1e-3).contains { $0.contains(1.25) })
      #expect(path(0.1, slopes: slopes).doubtful(1e-3).isEmpty)
    }
    // No longer than the resolution.
    #expect(path(-1e-3, slopes: true).doubtful(0.2).isEmpty)
  }

  /// No change below λ_c on a grid ten times as fine as the steps of the search.
  @Test(arguments: [UInt64(3), 8, 21])
  func nothingChangesBelowCritical(_ seed: UInt64) throws {
    let problem = try SyntheticProblem(samples: 4, features: 7, nonzeros: 2, mean: 1, seed: seed).problem()
    let setup = try Setup(problem: problem, start: Initialization(alpha: 0.2, features: 7))
    let certified = try #require(setup.certifiedLambda(lambda: 0))
    let critical = try CriticalLambda(setup, .flow, from: certified, tolerance: 1e-8)
    #expect(critical.unresolved == 0)
    var lambda = certified
    while lambda < critical.value {
      #expect(try !SignedLimit(setup, lambda: lambda, monitor: RunMonitor()).hasChange, "\(lambda), \(critical)")
      lambda *= 1.01
    }
  }
}
