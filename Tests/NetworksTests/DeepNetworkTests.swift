import Dynamics
import Foundation
import LinearAlgebra
import Networks
import Regression
import TestSupport
import Testing

/// The objective of deep networks, and its series, against the definition.
@Suite struct DeepNetworkTests {
  static let shapes: [Parametrization] = [
    .diagonal, .power(depth: 1), .power(depth: 2), .power(depth: 3), .power(depth: 4), .layers(depth: 1),
    .layers(depth: 2), .layers(depth: 3), .layers(depth: 4),
  ]

  private func network(_ shape: Parametrization, _ loss: Loss, seed: UInt64 = 7) throws -> DeepNetwork {
    var problem = try Instances.problem(5, 4, seed: seed)
    if loss.isClassification { problem = try problem.labelled(takingSigns: true, option: "test") }
    return DeepNetwork(problem, NetworkModel(shape, loss))
  }

  /// F by loops over the definition of θ and ℓ.
  private func naive(_ network: DeepNetwork, _ w: [Double]) -> Double {
    let (n, d) = (network.problem.sampleCount, network.problem.featureCount)
    let theta = (0..<d).map { i in
      switch network.parametrization {
      case .diagonal: (w[i] * w[i] - w[d + i] * w[d + i]) / 4
      case .power(let depth): pow(w[i], Double(depth)) - pow(w[d + i], Double(depth))
      case .layers(let depth): (0..<depth).map { w[$0 * d + i] }.reduce(1, *)
      }
    }
    var sum = 0.0
    for q in 0..<n {
      let (y, z) = (network.problem.response[q], (0..<d).reduce(0) { $0 + network.problem.design[q, $1] * theta[$1] })
      switch network.loss {
      case .square: sum += (z - y) * (z - y) / 2
      case .logistic: sum += log(1 + exp(-y * z))
      case .exponential: sum += exp(-y * z)
      }
    }
    return sum / Double(n)
  }

  @Test(arguments: shapes, Loss.allCases)
  func gradientEqualsDifferences(_ shape: Parametrization, _ loss: Loss) throws {
    let network = try network(shape, loss)
    let m = network.dimension
    let w = Instances.normals(m, seed: 8)
    let v = Instances.normals(m, seed: 9)
    #expect(abs(network.value(w) - naive(network, w)) < 1e-13 * (1 + naive(network, w)))
    var f = [Double](repeating: .nan, count: m)
    network.gradient(w, into: &f)
    let h = 1e-5
    for j in 0..<m {
      var (a, b) = (w, w)
      a[j] += h
      b[j] -= h
      let difference = shape.speed * (naive(network, a) - naive(network, b)) / (2 * h)
      #expect(abs(difference - f[j]) < 1e-7 * (1 + largest(f)))
    }
    // Df·v, and the whole matrix, which is symmetric.
    var (derivative, matrix) = (f, [Double](repeating: .nan, count: m * m))
    network.gradientDerivative(w, along: v, into: &derivative)
    network.gradientJacobian(w, into: &matrix)
    var (up, down) = (f, f)
    network.gradient(zip(w, v).map { $0 + h * $1 }, into: &up)
    network.gradient(zip(w, v).map { $0 - h * $1 }, into: &down)
    let differences = zip(up, down).map { ($0 - $1) / (2 * h) }
    #expect(distance(differences, derivative) < 1e-6 * (1 + largest(derivative)))
    let product = (0..<m).map { i in (0..<m).reduce(0) { $0 + matrix[i * m + $1] * v[$1] } }
    #expect(distance(product, derivative) < 1e-12 * (1 + largest(derivative)))
    for i in 0..<m {
      for j in 0..<i { #expect(abs(matrix[i * m + j] - matrix[j * m + i]) < 1e-13 * (1 + largest(matrix))) }
    }
  }

  /// ẏ, ÿ and the Jacobian of the flow, integrals included, are those of the series and of differences.
  @Test(arguments: shapes, Loss.allCases)
  func seriesEqualsField(_ shape: Parametrization, _ loss: Loss) throws {
    for lambda in [0, 0.7] { try compareSeries(shape, loss, lambda) }
  }

  private func compareSeries(_ shape: Parametrization, _ loss: Loss, _ lambda: Double) throws {
    let network = try network(shape, loss)
    let flow: any SeriesField & JacobianField =
      lambda > 0 ? try MomentumGradientFlow(network, lambda: lambda) : GradientFlow(network)
    let size = flow.dimension
    let moving = (lambda > 0 ? 2 : 1) * network.dimension
    let y = Instances.normals(moving, seed: 10).map { 0.5 * $0 } + [Double](repeating: 0, count: size - moving)
    var rate = [Double](repeating: .nan, count: size)
    var second = rate
    flow.evaluate(0, y, into: &rate)
    flow.secondDerivative(0, y, rate, into: &second)
    let unit = 0.03
    let jet = flow.makeJet(degree: 18)
    jet.expand(y, at: 0, unit: unit)
    var c = [Double](repeating: .nan, count: (jet.degree + 1) * size)
    jet.copyCoefficients(upTo: 1, into: &c)
    #expect(distance((0..<size).map { c[size + $0] / unit }, rate) < 1e-12 * (1 + largest(rate)))
    let curved = (0..<size).map { 2 * c[2 * size + $0] / (unit * unit) }
    #expect(distance(curved, second) < 1e-11 * (1 + largest(second)))
    // The whole series: ẏ of its sum is the field there.
    let (s, h) = (0.1, 1e-4)
    func state(_ s: Double) -> [Double] {
      var change = [Double](repeating: 0, count: size)
      jet.increment(to: s, into: &change)
      return zip(y, change).map { $0 + $1 }
    }
    let slope = zip(state(s + h), state(s - h)).map { ($0 - $1) / (2 * h * unit) }
    flow.evaluate(0, state(s), into: &rate)
    #expect(distance(slope, rate) < 1e-7 * (1 + largest(rate)))
    // The Jacobian, column by column.
    var matrix = [Double](repeating: .nan, count: size * size)
    var explicit = [Double](repeating: .nan, count: size)
    flow.jacobian(0, y, into: &matrix, timeDerivative: &explicit)
    for j in 0..<moving {
      var (a, b) = (y, y)
      a[j] += 1e-5
      b[j] -= 1e-5
      var (up, down) = (rate, rate)
      flow.evaluate(0, a, into: &up)
      flow.evaluate(0, b, into: &down)
      let column = zip(up, down).map { ($0 - $1) / 2e-5 }
      #expect(distance(column, (0..<size).map { matrix[$0 * size + j] }) < 1e-6 * (1 + largest(matrix)))
    }
  }

  /// Losses and slopes keep their digits far out on both sides.
  @Test func tails() {
    for (z, y) in [(800.0, 1.0), (40, 1), (-40, -1), (-800, 1), (800, -1), (0, 1)] {
      let m = y * z
      let expected = m > 30 ? exp(-m) : (m < -30 ? -m : log1p(exp(-m)))
      #expect(abs(Loss.logistic.value(z, y) - expected) <= 1e-15 * expected)
      let slope = m > 30 ? -y * exp(-m) : (m < -30 ? -y : -y * 0.5)
      #expect(abs(Loss.logistic.slope(z, y) - slope) <= 1e-12 * abs(slope))
      #expect(abs(Loss.logistic.curvature(z, y) - abs(slope) * (m == 0 ? 0.5 : (m > 0 ? 1 : exp(m)))) <= 1e-12)
    }
    #expect(Loss.exponential.value(2, -1) == exp(2.0) && Loss.square.slope(3, 1) == 2)
  }

  @Test func labels() throws {
    let design = try DesignMatrix(rows: 3, columns: 1, elements: [1, 2, 3])
    func problem(_ y: [Double]) throws -> RegressionProblem {
      try RegressionProblem(name: "t", design: design, response: y)
    }
    #expect(try problem([0.5, 2, 0.5]).labelled(takingSigns: false, option: "x").response == [-1, 1, -1])
    #expect(try problem([0.5, -2, 0]).labelled(takingSigns: true, option: "x").response == [1, -1, 1])
    for y in [[1.0, 2, 3], [1, 1, 1]] {
      #expect(throws: InvalidInput.self) { try problem(y).labelled(takingSigns: false, option: "x") }
    }
    #expect(throws: InvalidInput.self) { try problem([1, 2, 3]).labelled(takingSigns: true, option: "x") }
    let held = try RegressionProblem(
      name: "t", design: design, response: [0, 1, 0], test: .heldOut(design, [0, 1, 7]))
    #expect(throws: InvalidInput.self) { try held.labelled(takingSigns: false, option: "x") }
  }

  @Test func starts() throws {
    let power = try NetworkModel(.power(depth: 3), .square).start(alpha: 0.2, fallback: 0.1, features: 2)
    #expect(power.weights == [0.2, 0.2, 0.2, 0.2])
    let layers = try NetworkModel(.layers(depth: 3), .square).start(alpha: 0.2, fallback: 0.1, features: 1)
    let root = 2.0.squareRoot() * 0.2
    #expect(layers.weights == [root, root, 0])
    #expect(
      try NetworkModel(.layers(depth: 1), .square).start(alpha: nil, fallback: 0.1, features: 2).weights == [0, 0])
    let model = NetworkModel(.layers(depth: 3), .square)
    #expect(throws: InvalidInput.self) {
      try NetworkModel(.layers(depth: 1), .square).start(alpha: 0.1, fallback: 1, features: 2)
    }
    #expect(throws: InvalidInput.self) { try model.start(weights: [1, 2], rates: nil, features: 1) }
    #expect(throws: InvalidInput.self) { try model.start(weights: [1, 0, 0], rates: nil, features: 1) }
    #expect(throws: InvalidInput.self) { try model.start(weights: [1, .nan, 0], rates: nil, features: 1) }
    #expect(throws: InvalidInput.self) { try model.start(weights: [1, 2, 0], rates: [1], features: 1) }
    #expect(throws: InvalidInput.self) { try model.start(alpha: 1e-140, fallback: 1, features: 1) }
    for (name, depth) in [("power", nil), ("layers", 0), ("layers", 17), ("diagonal", 3), ("ring", 2)]
      as [(String, Int?)]
    {
      #expect(throws: InvalidInput.self) { try Parametrization(named: name, depth: depth) }
    }
  }
}
