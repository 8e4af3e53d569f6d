import LinearAlgebra
import Regression
import TestSupport
import Testing

/// The C kernels against plain Swift, on every path that a shape can take: both layouts, tiles of 8, 4, 2 and 1 rows, rows
/// too wide for the second cache and for any, matrices fetched ahead, chunks for threads.
@Suite struct KernelTests {
  private static let shapes =
    Instances.shapes + [(12, 40), (70, 500), (9, 900), (15, 1200), (33, 9000), (300, 8000), (9, 262_147)]

  private struct Result: Equatable {
    var residual: [Double]
    var gradient: [Double]
  }

  private func run(_ problem: RegressionProblem, _ a: [Double], _ b: [Double]) -> [Result] {
    let (n, d) = (problem.sampleCount, problem.featureCount)
    let kernel = DesignMatrix.Gradient(problem.design)
    let (width, height) = (AlignedMemory.padded(d), AlignedMemory.padded(n))
    let theta = [AlignedMemory(count: width), AlignedMemory(count: width)]
    let r = [AlignedMemory(count: height), AlignedMemory(count: height)]
    let g = [AlignedMemory(count: width), AlignedMemory(count: width)]
    for j in 0..<d { (theta[0].base[j], theta[1].base[j]) = (a[j], b[j]) }
    func result(_ k: Int) -> Result {
      // The padding is zero, so that padded vectors can be used as they are.
      for j in d..<width { #expect(g[k].base[j] == 0) }
      return Result(residual: (0..<n).map { r[k].base[$0] }, gradient: (0..<d).map { g[k].base[$0] })
    }
    return problem.response.withUnsafeBufferPointer { y in
      kernel.evaluate(theta[0].base, target: y.baseAddress, residual: r[0].base, gradient: g[0].base)
      let one = result(0)
      kernel.evaluate(theta[0].base, target: y.baseAddress, residual: r[1].base, gradient: nil)
      #expect((0..<n).allSatisfy { r[1].base[$0] == r[0].base[$0] || r[1].base[$0].isNaN && r[0].base[$0].isNaN })
      kernel.evaluatePair(
        theta[0].base, theta[1].base, target: y.baseAddress, residuals: (r[0].base, r[1].base),
        gradients: (g[0].base, g[1].base))
      return [one, result(0), result(1)]
    }
  }

  @Test(arguments: shapes)
  func equalsPlainSwift(_ n: Int, _ d: Int) throws {
    let problem = try Instances.problem(n, d, seed: 21)
    let (a, b) = (Instances.normals(d, seed: 22), Instances.normals(d, seed: 23))
    let homogeneous = try RegressionProblem(
      name: "0", design: problem.design, response: [Double](repeating: 0, count: n))
    let expected = [
      NaiveNetwork.residualAndGradient(problem, theta: a), NaiveNetwork.residualAndGradient(problem, theta: a),
      NaiveNetwork.residualAndGradient(homogeneous, theta: b),
    ]
    for (result, naive) in zip(run(problem, a, b), expected) {
      let scale = 1e-15 * Double(n + d).squareRoot()
      #expect(distance(result.residual, naive.residual) < 8 * scale * max(1, largest(naive.residual)))
      #expect(distance(result.gradient, naive.gradient) < 8 * scale * max(1, largest(naive.residual)))
    }
  }

  /// One thread or all: the same bits.
  @Test(arguments: [(300, 8000), (9, 262_147)])
  func threadsDoNotShow(_ n: Int, _ d: Int) throws {
    let problem = try Instances.problem(n, d, seed: 24)
    let (a, b) = (Instances.normals(d, seed: 25), Instances.normals(d, seed: 26))
    let parallel = run(problem, a, b)
    Parallelism.confineToOneThread()
    defer { Parallelism.confineToOneThread(false) }
    #expect(run(problem, a, b) == parallel)
  }

  /// What is not a number is passed on, never lost.
  @Test(arguments: [(5, 8), (40, 300)])
  func notANumber(_ n: Int, _ d: Int) throws {
    let problem = try Instances.problem(n, d, seed: 27)
    var theta = Instances.normals(d, seed: 28)
    theta[d / 2] = .nan
    for result in run(problem, theta, theta) { #expect(result.gradient.allSatisfy { $0.isNaN }) }
  }
}
