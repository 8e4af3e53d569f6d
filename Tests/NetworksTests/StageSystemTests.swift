import Dynamics
import Networks
import TestSupport
import Testing

/// The structure that implicit methods use, against naive loops and dense elimination.
@Suite struct StageSystemTests {
  private struct Complex {
    var re: Double
    var im: Double
    static func - (a: Complex, b: Complex) -> Complex { Complex(re: a.re - b.re, im: a.im - b.im) }
    static func * (a: Complex, b: Complex) -> Complex {
      Complex(re: a.re * b.re - a.im * b.im, im: a.re * b.im + a.im * b.re)
    }
    static func / (a: Complex, b: Complex) -> Complex {
      let size = b.re * b.re + b.im * b.im
      return Complex(re: (a.re * b.re + a.im * b.im) / size, im: (a.im * b.re - a.re * b.im) / size)
    }
    var size: Double { abs(re) + abs(im) }
  }

  /// Gaussian elimination with partial pivoting on (ν + J) y = b.
  private func dense(_ jacobian: [Double], _ shift: Complex, _ b: [Complex]) -> [Complex] {
    let m = b.count
    var a = (0..<m).map { i in
      (0..<m).map { Complex(re: jacobian[i * m + $0] + (i == $0 ? shift.re : 0), im: i == $0 ? shift.im : 0) }
    }
    var x = b
    for k in 0..<m {
      let pivot = (k..<m).max { a[$0][k].size < a[$1][k].size } ?? k
      a.swapAt(k, pivot)
      x.swapAt(k, pivot)
      for i in k + 1..<m {
        let f = a[i][k] / a[k][k]
        for j in k..<m { a[i][j] = a[i][j] - f * a[k][j] }
        x[i] = x[i] - f * x[k]
      }
    }
    for k in stride(from: m - 1, through: 0, by: -1) {
      for j in k + 1..<m { x[k] = x[k] - a[k][j] * x[j] }
      x[k] = x[k] / a[k][k]
    }
    return x
  }

  /// Weights of one size, and weights that span many; shifts from stiff to slack, also below |g| (an indefinite diagonal).
  @Test(arguments: [(3, 5), (9, 4), (20, 30), (1, 1)], [1e4, 1, 1e-3, 1e-6])
  func solutionsEqualDenseElimination(_ shape: (Int, Int), _ scale: Double) throws {
    let (n, d) = shape
    let problem = try Instances.problem(n, d, seed: 61)
    let network = DiagonalNetwork(problem)
    for graded in [false, true] {
      var w = Instances.normals(2 * d, seed: 62)
      if graded { for i in 0..<2 * d where i % 3 != 0 { w[i] *= [1e-5, 1e-9][i % 2] } }
      let system = try MomentumGradientFlow(network, lambda: 1).makeStageSystem(stages: 5)
      let m = 2 * d
      system.begin(w)
      let zero = [Double](repeating: 0, count: m)
      system.linearize(at: zero)
      var jacobian = [Double](repeating: 0, count: m * m)
      network.gradientJacobian(w, into: &jacobian)
      let shifts = [(real: 0.7 * scale, imaginary: 1.3 * scale), (-0.4 * scale, 0.9 * scale)]
      #expect(system.factor(real: scale, complex: shifts))
      let b = Instances.normals(5 * m, seed: 63)
      var y = b
      system.solve(&y)
      let columns = [
        (Complex(re: scale, im: 0), 0, -1), (Complex(re: 0.7 * scale, im: 1.3 * scale), 1, 2),
        (Complex(re: -0.4 * scale, im: 0.9 * scale), 3, 4),
      ]
      for (shift, re, im) in columns {
        let expected = dense(
          jacobian, shift, (0..<m).map { Complex(re: b[re * m + $0], im: im < 0 ? 0 : b[im * m + $0]) })
        let size = expected.reduce(0) { max($0, $1.size) }
        for j in 0..<m {
          #expect(abs(y[re * m + j] - expected[j].re) < 1e-9 * size, "graded \(graded) \(re) \(j)")
          if im >= 0 { #expect(abs(y[im * m + j] - expected[j].im) < 1e-9 * size) }
        }
      }
      var single = Array(b[0..<m])
      system.solveReal(&single)
      #expect(distance(single, y[0..<m]) <= 1e-12 * largest(single))
    }
  }

  /// Shifts next to a pole of the diagonal, on either side: ν ± g is a millionth of g there.
  @Test(arguments: [(3, 5), (9, 4), (20, 30)], [1e-6, -1e-6])
  func nearlySingularDiagonal(_ shape: (Int, Int), _ offset: Double) throws {
    let (n, d) = shape
    let problem = try Instances.problem(n, d, seed: 67)
    let network = DiagonalNetwork(problem)
    let m = 2 * d
    let w = Instances.normals(m, seed: 68)
    let g = (0..<d).map { NaiveNetwork.field(problem, w)[$0] / w[$0] }
    let system = try MomentumGradientFlow(network, lambda: 1).makeStageSystem(stages: 3)
    system.begin(w)
    system.linearize(at: [Double](repeating: 0, count: m))
    var jacobian = [Double](repeating: 0, count: m * m)
    network.gradientJacobian(w, into: &jacobian)
    let shift = largest(g) * (1 + offset)
    #expect(system.factor(real: shift, complex: [(shift, 1e-6 * shift)]))
    let b = Instances.normals(3 * m, seed: 69)
    var y = b
    system.solve(&y)
    let expected = dense(jacobian, Complex(re: shift, im: 0), (0..<m).map { Complex(re: b[$0], im: 0) })
    let pair = dense(
      jacobian, Complex(re: shift, im: 1e-6 * shift), (0..<m).map { Complex(re: b[m + $0], im: b[2 * m + $0]) })
    #expect(distance(y[0..<m], expected.map(\.re)) < 1e-8 * largest(expected.map(\.size)))
    #expect(distance(y[m..<2 * m], pair.map(\.re)) < 1e-8 * largest(pair.map(\.size)))
    #expect(distance(y[2 * m..<3 * m], pair.map(\.im)) < 1e-8 * largest(pair.map(\.size)))
  }

  @Test(arguments: [(3, 5), (9, 4), (20, 30), (1, 7)])
  func evaluationEqualsNaive(_ n: Int, _ d: Int) throws {
    let problem = try Instances.problem(n, d, seed: 64)
    let m = 2 * d
    let system = try MomentumGradientFlow(DiagonalNetwork(problem), lambda: 1).makeStageSystem(stages: 3)
    var w = Instances.normals(m, seed: 65)
    system.begin(w)
    for round in 0..<3 {
      let zeta = Instances.normals(3 * m, seed: UInt64(66 + round)).map { 0.1 * $0 }
      var f = [Double](repeating: .nan, count: 3 * m)
      system.evaluate(zeta, into: &f)
      for k in 0..<3 {
        let there = (0..<m).map { w[$0] + zeta[k * m + $0] }
        let expected = NaiveNetwork.field(problem, there)
        #expect(distance(f[k * m..<(k + 1) * m], expected) < 1e-12 * max(1, largest(expected)))
      }
      // The residual is carried along, the last increment being corrected a little.
      for j in 0..<m {
        let correction = 1e-3 * Double(j % 3)
        w[j] += zeta[2 * m + j] + correction
      }
      system.advance(to: w)
      var force = [Double](repeating: .nan, count: m)
      system.force(into: &force)
      let expected = NaiveNetwork.field(problem, w)
      #expect(distance(force, expected) < 1e-12 * max(1, largest(expected)))
    }
  }
}
