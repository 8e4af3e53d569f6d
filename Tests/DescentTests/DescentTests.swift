import Descent
import Dynamics
import Foundation
import LinearAlgebra
import Networks
import RandomStreams
import Regression
import TestSupport
import Testing

@Suite struct DescentTests {
  /// The recursion by the definition, two iterates and no tricks.
  private func naive(
    _ problem: RegressionProblem, _ settings: DescentSettings, _ start: [Double], _ count: Int,
    rows: (Int) -> [Int]? = { _ in nil }
  ) -> [Double] {
    var (previous, w) = (start, start)
    for k in 0..<count {
      let ahead = zip(w, previous).map { $0 + settings.beta * ($0 - $1) }
      let point = settings.method == .nesterov ? ahead : w
      let d = problem.featureCount
      let theta = (0..<d).map { (point[$0] * point[$0] - point[d + $0] * point[d + $0]) / 4 }
      let g = NaiveNetwork.residualAndGradient(problem, theta: theta, rows: rows(k)).gradient
      let f = (0..<d).map { g[$0] * point[$0] } + (0..<d).map { -g[$0] * point[d + $0] }
      let next = (0..<2 * d).map { ahead[$0] - settings.gamma * f[$0] }
      (previous, w) = (w, next)
    }
    return w
  }

  @Test(arguments: DescentSettings.Method.allCases, [0, 0.5, 0.9])
  func equalsTheNaiveRecursion(_ method: DescentSettings.Method, _ beta: Double) throws {
    let problem = try SyntheticProblem(samples: 6, features: 9, nonzeros: 2, seed: 3).problem()
    let start = try Initialization(alpha: 0.2, features: 9)
    let settings = try DescentSettings(gamma: 0.01, beta: beta, method: method)
    let descent = try Descent(DiagonalNetwork(problem), settings, from: start)
    for _ in 0..<300 { descent.advance() }
    #expect(distance(descent.weightArray, naive(problem, settings, start.weights, 300)) < 1e-12)
    #expect(abs(descent.time - 300 * settings.step) < 1e-12)
  }

  /// So many features that X is swept by column panels: the next residual comes with the weights.
  @Test(arguments: DescentSettings.Method.allCases)
  func wideProblems(_ method: DescentSettings.Method) throws {
    let d = 262_147
    let problem = try Instances.problem(3, d, seed: 6)
    let start = try Initialization(alpha: 0.01, features: d)
    let settings = try DescentSettings(gamma: 1e-5, beta: 0.9, method: method)
    let descent = try Descent(DiagonalNetwork(problem), settings, from: start)
    for _ in 0..<3 { descent.advance() }
    let expected = naive(problem, settings, start.weights, 3)
    #expect(largest(zip(expected, start.weights).map { $0 - $1 }) > 1e-8)
    #expect(distance(descent.weightArray, expected) < 1e-15)
  }

  @Test(arguments: ReferenceCase.descents)
  func referenceTables(_ name: String, _ file: String) throws {
    let reference = try ReferenceCase(name, file)
    let table = reference.table
    let settings = try DescentSettings(gamma: try #require(table.gamma), beta: try #require(table.beta))
    let descent = try Descent(DiagonalNetwork(try reference.problem()), settings, from: try reference.start())
    let result = descent.run(iterations: 1000, recording: .at(table.samples.compactMap(\.k)))
    #expect(result.outcome == .reached)
    #expect(result.iterates.weights.count == table.samples.count)
    for (weights, sample) in zip(result.iterates.weights, table.samples) {
      #expect(distance(weights, sample.weights) < 1e-12)
    }
  }

  @Test func batchesCoverEachEpochOnce() throws {
    let problem = try Instances.problem(7, 3, seed: 2)
    let start = try Initialization(alpha: 0.3, features: 3)
    let batches = try DescentSettings.Batches(size: 3, of: 7, replacement: false, seed: 5)
    let settings = try DescentSettings(gamma: 0.01, beta: 0.6, batches: batches)
    let descent = try Descent(DiagonalNetwork(problem), settings, from: start)
    for _ in 0..<9 { descent.advance() }
    // Three epochs of three batches (3, 3, 1), from the documented stream.
    var stream = RandomStream(seed: 5, substream: Substream.batches)
    var order = Array(0..<7)
    var rows: [[Int]] = []
    for _ in 0..<3 {
      for i in 0..<7 { order.swapAt(i, i + stream.integer(below: 7 - i)) }
      rows += [Array(order[0..<3]), Array(order[3..<6]), [order[6]]]
    }
    let expected = naive(problem, settings, start.weights, 9) { rows[$0] }
    #expect(distance(descent.weightArray, expected) < 1e-13)
    #expect(Set(rows[0] + rows[1] + rows[2]) == Set(0..<7))
    for size in [0, 8, -1] {
      #expect(throws: InvalidInput.self) {
        try DescentSettings.Batches(size: size, of: 7, replacement: true, seed: 1)
      }
    }
  }

  @Test func replacementDrawsAnew() throws {
    let problem = try Instances.problem(5, 2, seed: 2)
    let start = try Initialization(alpha: 0.3, features: 2)
    let batches = try DescentSettings.Batches(size: 2, of: 5, replacement: true, seed: 8)
    let settings = try DescentSettings(gamma: 0.02, beta: 0.3, batches: batches)
    let descent = try Descent(DiagonalNetwork(problem), settings, from: start)
    for _ in 0..<20 { descent.advance() }
    var stream = RandomStream(seed: 8, substream: Substream.batches)
    let rows = (0..<20).map { _ in [stream.integer(below: 5), stream.integer(below: 5)] }
    #expect(distance(descent.weightArray, naive(problem, settings, start.weights, 20) { rows[$0] }) < 1e-13)
  }

  @Test func settings() throws {
    let a = try DescentSettings(gamma: 0.01, beta: 0.9)
    #expect(abs(a.lambda - 1) < 1e-14 && abs(a.step - 0.1) < 1e-15)
    let b = try DescentSettings(lambda: 2, step: 0.5)
    #expect(b.beta == 0.75 && b.gamma == 0.125 && b.lambda == 2 && b.step == 0.5)
    // The step is what was asked for, to the last bit, however it rounds through γ and β.
    #expect(try DescentSettings(lambda: 1, step: 0.1).step == 0.1)
    #expect(try DescentSettings(lambda: 1, step: 1).beta == 0)
    for (gamma, beta) in [(0, 0.5), (-1, 0.5), (.nan, 0.5), (0.1, 1), (0.1, -0.1), (0.1, .nan), (.infinity, 0)] {
      #expect(throws: InvalidInput.self) { try DescentSettings(gamma: gamma, beta: beta) }
    }
    for (lambda, step) in [
      (1, 1.001), (0, 0.1), (-1, 0.1), (1, 0), (1, -0.1), (.nan, 0.1), (1, .nan), (1, 1e-300), (1, 1e-17),
    ] {
      #expect(throws: InvalidInput.self) { try DescentSettings(lambda: lambda, step: step) }
    }
  }

  /// The limits of Theory, section 9 against the growth of the linear two-step recursion itself.
  @Test(arguments: DescentSettings.Method.allCases, [0.0, 0.3, 0.9])
  func stabilityLimits(_ method: DescentSettings.Method, _ beta: Double) throws {
    let settings = try DescentSettings(gamma: 1, beta: beta, method: method)
    /// Largest modulus of the roots, and whether they are complex, for curvature x = γh.
    func roots(_ x: Double) -> (modulus: Double, complex: Bool) {
      let shrink = method == .nesterov ? 1 - x : 1
      let (p, q) = (method == .nesterov ? (1 + beta) * shrink : 1 + beta - x, beta * shrink)
      let discriminant = p * p - 4 * q
      if discriminant < 0 { return (q.squareRoot(), true) }
      return (max(abs(p + discriminant.squareRoot()), abs(p - discriminant.squareRoot())) / 2, false)
    }
    #expect(roots(settings.stabilityLimit * 0.999).modulus < 1)
    #expect(roots(settings.stabilityLimit * 1.001).modulus > 1)
    if beta > 0 {
      #expect(roots(settings.oscillationThreshold * 1.001).complex)
      #expect(!roots(settings.oscillationThreshold * 0.999).complex)
    }
  }

  @Test func divergenceIsNamed() throws {
    let problem = try SyntheticProblem(samples: 20, features: 30, nonzeros: 3, seed: 1).problem()
    let descent = try Descent(
      DiagonalNetwork(problem), try DescentSettings(gamma: 5, beta: 0.9),
      from: try Initialization(alpha: 0.1, features: 30))
    let result = descent.run(iterations: 10_000, recording: .every)
    #expect(result.outcome == .diverged)
    let at = try #require(result.divergedAt)
    // What was computed before is kept, and finite.
    #expect(result.iterates.iterations == Array(0..<at))
    #expect(result.iterates.weights.allSatisfy { $0.allSatisfy({ $0.isFinite }) })
    #expect(try Stability(problem, at: descent.weightArray, descent.settings).regime == .unstable)
  }

  @Test func recordings() throws {
    let problem = try Instances.problem(2, 2, seed: 2)
    func run(_ recording: IterateRecording, _ count: Int = 10) throws -> Iterates {
      try Descent(
        DiagonalNetwork(problem), try DescentSettings(gamma: 0.01, beta: 0.5),
        from: try Initialization(alpha: 0.3, features: 2)
      ).run(iterations: count, recording: recording).iterates
    }
    #expect(try run(.every).iterations == Array(0...10))
    #expect(try run(.endpoints).iterations == [0, 10])
    #expect(try run(.at([0, 3, 9])).iterations == [0, 3, 9])
    #expect(try run(.even(count: 3)).iterations == [0, 5, 10])
    #expect(try run(.even(count: 99), 4).iterations == [0, 1, 2, 3, 4])
    #expect(try run(.every, 0).iterations == [0])
    let spread = try run(.logarithmic(count: 6), 3000)
    #expect(spread.iterations.count == 6 && spread.iterations.first == 0 && spread.iterations.last == 3000)
    let places = spread.times.map { log1p($0) / log1p(3000 * spread.step) }
    for (k, x) in places.enumerated() { #expect(abs(x - Double(k) / 5) < 0.08) }
    // As a trajectory: exact at iterates, linear between them.
    let iterates = try run(.every)
    let middle = try iterates.state(at: 2.5 * iterates.step)
    let expected = zip(iterates.weights[2], iterates.weights[3]).map { ($0 + $1) / 2 }
    #expect(distance(middle, expected) < 1e-15)
    #expect(throws: InvalidInput.self) { try iterates.state(at: 11 * iterates.step) }
  }

  /// The carried rounding error: a long run at β near 1 of a million iterations agrees with one in extended precision.
  @Test func longRunsDoNotDrift() throws {
    #if arch(x86_64)
      let design: [Float80] = [0.8, -0.3, 0.5, 0.2, 0.9, -0.4]
      let response: [Float80] = [0.7, -0.2]
      let problem = try RegressionProblem(
        name: "t", design: DesignMatrix(rows: 2, columns: 3, elements: design.map { Double($0) }),
        response: response.map { Double($0) })
      let x = design.map { Float80(Double($0)) }
      let y = response.map { Float80(Double($0)) }
      let settings = try DescentSettings(gamma: 1e-4, beta: 0.99)
      let start = try Initialization(alpha: 0.3, features: 3)
      let descent = try Descent(DiagonalNetwork(problem), settings, from: start)
      var w = start.weights.map { Float80($0) }
      var delta = [Float80](repeating: 0, count: 6)
      for _ in 0..<1_000_000 {
        descent.advance()
        var r = y.map { -$0 }
        for j in 0..<3 {
          let theta: Float80 = (w[j] * w[j] - w[3 + j] * w[3 + j]) / 4
          for i in 0..<2 { r[i] += x[i * 3 + j] * theta }
        }
        for j in 0..<3 {
          let g = (x[j] * r[0] + x[3 + j] * r[1]) / 2
          delta[j] = Float80(settings.beta) * delta[j] - Float80(settings.gamma) * g * w[j]
          delta[3 + j] = Float80(settings.beta) * delta[3 + j] + Float80(settings.gamma) * g * w[3 + j]
        }
        for j in 0..<6 { w[j] += delta[j] }
      }
      #expect(distance(descent.weightArray, w.map { Double($0) }) < 1e-14)
    #endif
  }
}
