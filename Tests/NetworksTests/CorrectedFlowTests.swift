import Dynamics
import Foundation
import Networks
import Regression
import TestSupport
import Testing

/// The fields and series of flows that iterates follow to any order.
@Suite struct CorrectedFlowTests {
  /// κ of orders 2 to 4 by the formulas that Theory has for them, the derivatives of f, a cubic in w, by differences that are
  /// exact for cubics.
  @Test(arguments: [(2, false), (3, false), (4, false), (2, true)], [0.3, 0.7])
  func equalsDirectFormulas(_ kind: (order: Int, isNesterov: Bool), _ step: Double) throws {
    let (problem, lambda) = (try Instances.problem(5, 7, seed: 91), 0.7)
    let inertia = lambda - step / 2
    let network = DiagonalNetwork(problem)
    func f(_ w: [Double]) -> [Double] {
      var force = [Double](repeating: .nan, count: 14)
      network.gradient(w, into: &force)
      return force
    }
    func sum(_ a: [Double], _ factor: Double, _ b: [Double]) -> [Double] { zip(a, b).map { $0 + factor * $1 } }
    func difference(_ w: [Double], _ a: [Double], _ h: Double) -> [Double] {
      zip(f(sum(w, h, a)), f(sum(w, -h, a))).map { $0 - $1 }
    }
    func derivative(_ w: [Double], _ a: [Double]) -> [Double] {
      zip(difference(w, a, 1), difference(w, a, 2)).map { (8 * $0 - $1) / 12 }
    }
    func curvature(_ w: [Double], _ a: [Double]) -> [Double] {
      sum(zip(f(sum(w, 1, a)), f(sum(w, -1, a))).map { $0 + $1 }, -2, f(w))
    }
    let (w, v) = (Instances.normals(14, seed: 92), Instances.normals(14, seed: 93))
    let (force, forceRate) = (f(w), derivative(w, v))
    var kappa = [Double](repeating: 0, count: 14)
    if kind.isNesterov {
      kappa = forceRate.map { step * $0 }
    } else if kind.order > 2 {
      let inside = kind.order == 3 ? lambda : inertia
      let acceleration = zip(v, force).map { -($0 + $1) / inside }
      let jerk = zip(acceleration, forceRate).map { -($0 + $1) / inside }
      let bracket = sum(sum(jerk, -1, derivative(w, acceleration)), -1, curvature(w, v))
      kappa = bracket.map { step * step / 12 * $0 }
    }
    _ = f(w)
    let g = (0..<7).map { network.lossGradient[$0] }
    let expected =
      v + (0..<14).map { -(v[$0] + force[$0] + kappa[$0]) / inertia }
      + (0..<7).map { 2 * inertia * v[$0] * v[7 + $0] - kappa[$0] * w[7 + $0] - kappa[7 + $0] * w[$0] } + g
      + [0.5 * (0..<14).reduce(0) { $0 + v[$1] * (v[$1] + kappa[$1]) }]
    let flow = try CorrectedFlow(
      DiagonalNetwork(problem), lambda: lambda, step: step, order: kind.order, isNesterov: kind.isNesterov)
    var rate = [Double](repeating: .nan, count: flow.dimension)
    flow.evaluate(0, w + v + [Double](repeating: 0, count: 15), into: &rate)
    #expect(rate.count == expected.count && distance(rate, expected) < 1e-12 * largest(expected))
    #expect(kind.order == 2 && !kind.isNesterov || largest(kappa) > 0.01)
  }

  /// Without a force increments fall by β a step: ẅ = ẇ ln β/ε, to the order of the flow.
  @Test(arguments: Array(CorrectedFlow.orders), [false, true])
  func coastsAsIterates(_ order: Int, _ isNesterov: Bool) throws {
    let problem = try RegressionProblem(
      name: "no targets", design: Instances.problem(3, 4, seed: 94).design, response: [0, 0, 0])
    // w₊ = w₋ with y = 0: θ and f are and stay zero.
    let (half, speed) = (Instances.normals(4, seed: 95), Instances.normals(4, seed: 96))
    for step in [0.1, 0.05] {
      let flow = try CorrectedFlow(
        DiagonalNetwork(problem), lambda: 0.5, step: step, order: order, isNesterov: isNesterov,
        carryingIntegrals: false)
      var rate = [Double](repeating: .nan, count: 16)
      flow.evaluate(0, half + half + speed + speed, into: &rate)
      let isEven = order % 2 == 0 && !isNesterov
      let ratio = isEven ? step / (2 * flow.inertia) : step / 0.5
      let friction = CorrectedFlow.friction(lambda: 0.5, step: step, order: order)
      let exact = -flow.inertia * log(1 - step / 0.5) / step
      // The first power that is left out, and a geometric series of them.
      #expect(abs(friction - exact) < pow(ratio, Double(order)) + 1e-15)
      guard isEven || order % 2 == 1 else { continue }
      for j in 0..<8 { #expect(abs(rate[8 + j] * flow.inertia / (speed + speed)[j] + friction) < 1e-14) }
    }
  }

  /// The field and its derivative are those of the series.
  @Test(arguments: [(2, false), (3, false), (4, false), (5, false), (8, false), (2, true), (3, true), (5, true)])
  func fieldEqualsSeries(_ kind: (order: Int, isNesterov: Bool)) throws {
    let problem = try Instances.problem(5, 7, seed: 81)
    let flow = try CorrectedFlow(
      DiagonalNetwork(problem), lambda: 0.7, step: 0.3, order: kind.order, isNesterov: kind.isNesterov)
    let y = Instances.normals(28, seed: 82) + [Double](repeating: 0, count: 15)
    var rate = [Double](repeating: .nan, count: flow.dimension)
    var second = rate
    flow.evaluate(0, y, into: &rate)
    flow.secondDerivative(0, y, rate, into: &second)
    let jet = flow.makeJet(degree: 6)
    jet.expand(y, at: 0, unit: 0.1)
    var c = [Double](repeating: .nan, count: 7 * flow.dimension)
    jet.copyCoefficients(upTo: 1, into: &c)
    let first = (0..<flow.dimension).map { c[flow.dimension + $0] / 0.1 }
    #expect(distance(first, rate) < 1e-11 * largest(rate))
    // ÿ against differences of ẏ along the solution.
    let h = 1e-3
    func rates(_ s: Double) -> [Double] {
      var change = [Double](repeating: 0, count: flow.dimension)
      var result = change
      jet.increment(to: s / 0.1, into: &change)
      flow.evaluate(0, zip(y, change).map { $0 + $1 }, into: &result)
      return result
    }
    let difference = zip(rates(h), rates(-h)).map { ($0 - $1) / (2 * h) }
    #expect(distance(difference, second) < 1e-4 * largest(second))
    #expect(largest(second) > 1)
  }

  /// The start passes w₋₁ = w₀ − ε ẇ₀.
  @Test(arguments: [(2, false), (3, false), (4, false), (7, false), (2, true), (4, true)])
  func startPassesThePreviousIterate(_ kind: (order: Int, isNesterov: Bool)) throws {
    let problem = try Instances.problem(5, 7, seed: 83)
    let u = Instances.normals(7, seed: 84)
    let rates = Instances.normals(7, seed: 85)
    let start = try Initialization(u: u, v: u.map { 0.5 - $0 }, uRate: rates, vRate: rates.reversed(), features: 7)
    let flow = try CorrectedFlow(
      DiagonalNetwork(problem), lambda: 0.4, step: 0.02, order: kind.order, isNesterov: kind.isNesterov,
      carryingIntegrals: false)
    let shifted = try flow.startingRates(start)
    #expect(shifted.weights == start.weights && distance(shifted.rates, start.rates) > 1e-3)
    let jet = flow.makeJet(degree: 30)
    jet.expand(shifted.weights + shifted.rates, at: 0, unit: 0.02)
    var change = [Double](repeating: 0, count: 28)
    jet.increment(to: -1, into: &change)
    for j in 0..<14 { #expect(abs(change[j] + 0.02 * start.rates[j]) < 1e-14) }
  }

  @Test func unusableRequests() throws {
    let network = DiagonalNetwork(try Instances.problem(5, 7, seed: 83))
    for (lambda, step, order, isNesterov) in [
      (0.0, 0.1, 2, false), (1, 2, 2, false), (1, 0.1, 1, false), (1, 0.1, 13, false), (1, 0.1, 13, true),
    ] {
      #expect(throws: InvalidInput.self) {
        try CorrectedFlow(network, lambda: lambda, step: step, order: order, isNesterov: isNesterov)
      }
    }
  }
}
