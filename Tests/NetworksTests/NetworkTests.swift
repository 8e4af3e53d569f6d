import Dynamics
import LinearAlgebra
import Networks
import Regression
import TestSupport
import Testing

@Suite struct NetworkTests {
  /// The C kernel equals the naive loops on every shape, over all rows and over a subset.
  @Test(arguments: Instances.shapes)
  func gradientEqualsNaive(_ n: Int, _ d: Int) throws {
    let problem = try Instances.problem(n, d, seed: 3)
    let network = DiagonalNetwork(problem)
    let w = Instances.normals(2 * d, seed: 4)
    var f = [Double](repeating: .nan, count: 2 * d)
    network.gradient(w, into: &f)
    let expected = NaiveNetwork.field(problem, w)
    #expect(distance(f, expected) < 1e-14 * max(1, largest(expected)) * Double(n + d))

    let theta = NetworkQuantities.theta(w)
    let rows = Array((0..<n).reversed().prefix((n + 1) / 2))
    rows.withUnsafeBufferPointer { network.evaluate(w, rows: $0) }
    let part = NaiveNetwork.residualAndGradient(problem, theta: theta, rows: rows)
    let g = (0..<d).map { network.lossGradient[$0] }
    let r = rows.indices.map { network.residual[$0] }
    #expect(distance(g, part.gradient) < 1e-14 * max(1, largest(part.gradient)) * Double(n + d))
    #expect(distance(r, part.residual) < 1e-14 * max(1, largest(part.residual)) * Double(d))
  }

  /// f is twice the gradient of F with respect to w± (Theory, section 1).
  @Test(arguments: Instances.shapes)
  func gradientEqualsDifferences(_ n: Int, _ d: Int) throws {
    let network = DiagonalNetwork(try Instances.problem(n, d, seed: 8))
    let w = Instances.normals(2 * d, seed: 9)
    var f = [Double](repeating: 0, count: 2 * d)
    network.gradient(w, into: &f)
    for i in 0..<2 * d {
      var (up, down) = (w, w)
      up[i] += 1e-5
      down[i] -= 1e-5
      let slope = (network.value(up) - network.value(down)) / 2e-5
      #expect(abs(2 * slope - f[i]) < 1e-7 * max(1, largest(f)))
    }
  }

  @Test func derivedQuantities() throws {
    let (u, v) = ([0.3, -1.5, 2.0], [0.7, 0.2, -0.5])
    let start = try Initialization(u: u, v: v, features: 3)
    let w = start.weights
    #expect(distance(NetworkQuantities.theta(w), zip(u, v).map { $0 * $1 }) < 1e-15)
    #expect(distance(NetworkQuantities.u(w), u) < 1e-15)
    #expect(distance(NetworkQuantities.v(w), v) < 1e-15)
    let expected = zip(u, v).map { $0 * $0 - $1 * $1 }
    #expect(distance(NetworkQuantities.signedBalancedness(w), expected) < 1e-15)
    #expect(distance(NetworkQuantities.balancedness(w), expected.map { abs($0) }) < 1e-15)
  }

  @Test func initialisations() throws {
    let start = try Initialization(alpha: 0.1, features: 2)
    #expect(distance(NetworkQuantities.balancedness(start.weights), [0.02, 0.02]) < 1e-17)
    #expect(NetworkQuantities.theta(start.weights) == [0, 0])
    for alpha in [0, -0.1, 1e-151, .nan, .infinity] {
      #expect(throws: InvalidInput.self) { try Initialization(alpha: alpha, features: 2) }
    }
    #expect(try Initialization(alpha: 1e-150, features: 1).weights[0] > 0)
    #expect(throws: InvalidInput.self) { try Initialization(u: [0, 0], v: [0, 0], features: 2) }
    #expect(throws: InvalidInput.self) { try Initialization(u: [1], v: [1, 2], features: 2) }
    #expect(throws: InvalidInput.self) { try Initialization(u: [.nan], v: [1], features: 1) }
  }

  /// The largest curvature against power iteration with the naive loops.
  @Test(arguments: Instances.shapes)
  func curvature(_ n: Int, _ d: Int) throws {
    let problem = try Instances.problem(n, d, seed: 12)
    let w = Instances.normals(2 * d, seed: 13)
    let scale = (0..<d).map { (w[$0] * w[$0] + w[d + $0] * w[d + $0]) / 2 }
    var x = Instances.normals(n, seed: 14)
    var value = 0.0
    for _ in 0..<3000 {
      let z = (0..<d).map { j in scale[j] * (0..<n).reduce(0) { $0 + problem.design[$1, j] * x[$1] } }
      let next = problem.design.times(z).map { $0 / Double(n) }
      value = next.reduce(0) { $0 + $1 * $1 }.squareRoot() / x.reduce(0) { $0 + $1 * $1 }.squareRoot()
      x = next.map { $0 / value }
    }
    let spectrum = try Curvature.spectrum(problem, at: w)
    #expect(spectrum.count == min(n, d))
    #expect(abs(spectrum[spectrum.count - 1] - value) < 1e-6 * value)
    // Their sum is the trace of K.
    let trace = (0..<n).reduce(0) { sum, i in
      sum + (0..<d).reduce(0) { $0 + problem.design[i, $1] * problem.design[i, $1] * scale[$1] } / Double(n)
    }
    #expect(abs(spectrum.reduce(0, +) - trace) < 1e-12 * trace)
  }

  /// The trace and the largest eigenvalue where X is cut into slices: wide and tall.
  @Test(arguments: [(30, 150_000), (150_000, 30)])
  func curvatureInSlices(_ n: Int, _ d: Int) throws {
    let x = Instances.normals(n * d, seed: 46)
    let problem = try RegressionProblem(
      name: "slices", design: DesignMatrix(rows: n, columns: d, elements: x),
      response: [Double](repeating: 1, count: n))
    let w = Instances.normals(2 * d, seed: 47)
    let scale = (0..<d).map { (w[$0] * w[$0] + w[d + $0] * w[d + $0]) / 2 }
    let spectrum = try Curvature.spectrum(problem, at: w)
    var trace = 0.0
    var squares = [Double](repeating: 0, count: n <= d ? n * n : d * d)
    for i in 0..<n {
      for j in 0..<d { trace += x[i * d + j] * x[i * d + j] * scale[j] / Double(n) }
    }
    // ‖K‖² from K itself, entry by entry.
    let k = min(n, d)
    for a in 0..<k {
      for b in 0..<k {
        var sum = 0.0
        if n <= d {
          for j in 0..<d { sum += x[a * d + j] * x[b * d + j] * scale[j] }
        } else {
          for i in 0..<n { sum += x[i * d + a] * x[i * d + b] * (scale[a] * scale[b]).squareRoot() }
        }
        squares[a * k + b] = sum * sum / Double(n) / Double(n)
      }
    }
    #expect(abs(spectrum.reduce(0, +) - trace) < 1e-11 * trace)
    let norm = squares.reduce(0, +)
    #expect(abs(spectrum.reduce(0) { $0 + $1 * $1 } - norm) < 1e-11 * norm)
  }
}
