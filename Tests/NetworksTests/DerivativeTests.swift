import Dynamics
import Networks
import TestSupport
import Testing

/// Jacobians and second derivatives of the flows against central differences, on many shapes.
@Suite struct DerivativeTests {
  private func fields(_ n: Int, _ d: Int) throws -> [any JacobianField] {
    let problem = try Instances.problem(n, d, seed: UInt64(100 * n + d))
    return [
      GradientFlow(DiagonalNetwork(problem)),
      try MomentumGradientFlow(DiagonalNetwork(problem), lambda: 0.7),
    ]
  }

  private func rate(_ field: any JacobianField, _ y: [Double]) -> [Double] {
    var result = [Double](repeating: .nan, count: y.count)
    var rate = result.mutableSpan
    field.evaluate(0, y.span, into: &rate)
    return result
  }

  @Test(arguments: Instances.shapes)
  func jacobian(_ n: Int, _ d: Int) throws {
    for field in try fields(n, d) {
      let m = field.dimension
      let y = Instances.normals(m, seed: 5)
      var matrix = [Double](repeating: .nan, count: m * m)
      var time = [Double](repeating: .nan, count: m)
      field.jacobian(0, y, into: &matrix, timeDerivative: &time)
      #expect(time.allSatisfy { $0 == 0 })
      let h = 1e-5
      for j in 0..<m {
        var (up, down) = (y, y)
        up[j] += h
        down[j] -= h
        let difference = zip(rate(field, up), rate(field, down)).map { ($0 - $1) / (2 * h) }
        let column = (0..<m).map { matrix[$0 * m + j] }
        #expect(distance(column, difference) < 1e-7 * max(1, largest(column)), "column \(j) of \(m)")
      }
    }
  }

  @Test(arguments: Instances.shapes)
  func secondDerivative(_ n: Int, _ d: Int) throws {
    for field in try fields(n, d) {
      let m = field.dimension
      let y = Instances.normals(m, seed: 6)
      let f = rate(field, y)
      var second = [Double](repeating: .nan, count: m)
      field.secondDerivative(0, y, f, into: &second)
      let h = 1e-5
      let up = rate(field, zip(y, f).map { $0 + h * $1 })
      let down = rate(field, zip(y, f).map { $0 - h * $1 })
      let difference = zip(up, down).map { ($0 - $1) / (2 * h) }
      #expect(distance(second, difference) < 2e-7 * max(1, largest(second)))
    }
  }

  @Test func lambdaMustBePositive() throws {
    let network = DiagonalNetwork(try Instances.problem(2, 3, seed: 1))
    for lambda in [0, -1, Double.nan, .infinity] {
      #expect(throws: InvalidInput.self) { try MomentumGradientFlow(network, lambda: lambda) }
    }
  }

  /// Neither zero speeds nor a weight at zero make the bound vanish; quadratures have none.
  @Test func errorBoundsFollowTheNorm() throws {
    let flow = try MomentumGradientFlow(DiagonalNetwork(try Instances.problem(1, 1, seed: 1)), lambda: 2)
    var bounds = [Double](repeating: 0, count: flow.dimension)
    flow.errorBounds([3, 0, 0, 5, 0, 0, 0], try Tolerance(relative: 1e-3), into: &bounds)
    #expect(distance(bounds.prefix(4), [3e-3, 1e-2, 1.5e-3, 5e-3]) < 1e-18)
    #expect(bounds[4...].allSatisfy { $0 == .infinity })
  }
}
