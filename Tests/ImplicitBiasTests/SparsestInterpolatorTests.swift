import Dynamics
import ImplicitBias
import LinearAlgebra
import Regression
import TestSupport
import Testing

@Suite struct SparsestInterpolatorTests {
  /// One sample: all weight on the largest |xᵢ|.
  @Test func oneSample() throws {
    let x = [0.5, -3, 2, 0.1]
    let problem = try RegressionProblem(
      name: "1", design: DesignMatrix(rows: 1, columns: 4, elements: x), response: [6])
    let found = try #require(SparsestInterpolator(problem))
    #expect(distance(found.theta, [0, -2, 0, 0]) < 1e-12 && abs(found.norm - 2) < 1e-12)
  }

  /// Enough samples for few non-zeros: θ* itself. It interpolates, and no θ* + null vector is shorter.
  @Test(arguments: [1, 2, 3] as [UInt64])
  func recoversSparseCoefficients(_ seed: UInt64) throws {
    let problem = try SyntheticProblem(samples: 20, features: 30, nonzeros: 3, seed: seed).problem()
    let found = try #require(SparsestInterpolator(problem))
    #expect(distance(found.theta, try #require(problem.truth)) < 1e-10)
    #expect(distance(problem.design.times(found.theta), problem.response) < 1e-10)
    let space = try RowSpace(problem.design)
    for k in 0..<20 {
      let direction = space.residualOutsideRowSpace(Instances.normals(30, seed: UInt64(90 + k)))
      for step in [1e-3, -1e-3] {
        let moved = zip(found.theta, direction).reduce(0) { $0 + abs($1.0 + step * $1.1) }
        #expect(moved > found.norm)
      }
    }
  }

  @Test func whatCannotBeSolved() throws {
    let problem = try RegressionProblem(
      name: "none", design: DesignMatrix(rows: 2, columns: 1, elements: [1, 1]), response: [1, 2])
    #expect(SparsestInterpolator(problem) == nil)
  }
}
