import Dynamics
import Networks
import TestSupport
import Testing

/// Jets of the network against the naive recurrence, up to rounding.
@Suite struct JetTests {
  private func field(_ network: DiagonalNetwork, _ lambda: Double) throws -> any SeriesField {
    lambda > 0 ? try MomentumGradientFlow(network, lambda: lambda) : GradientFlow(network)
  }

  /// The last shape is swept by column panels, the next order's weights made on the way.
  @Test(arguments: Instances.shapes + [(3, 262_147)], [0, 0.7])
  func equalsNaiveRecurrence(_ shape: (Int, Int), _ lambda: Double) throws {
    let (n, d) = shape
    let problem = try Instances.problem(n, d, seed: 31)
    let w = Instances.normals(2 * d, seed: 32).map { 0.5 * $0 }
    let v = Instances.normals(2 * d, seed: 33)
    for degree in d > 1000 ? [5] : [4, 7, 20] {
      let field = try field(DiagonalNetwork(problem), lambda)
      let jet = field.makeJet(degree: degree)
      #expect(jet.degree >= degree && jet.degree <= degree + 2)
      let start = [Double](unsafeUninitializedCapacity: field.dimension) { buffer, count in
        let known = lambda > 0 ? w + v : w
        for i in 0..<field.dimension { buffer[i] = i < known.count ? known[i] : 0.1 * Double(i) }
        count = field.dimension
      }
      let unit = 0.3
      jet.expand(start, at: 2, unit: unit)
      let passes = field.passes
      var c = [Double](repeating: .nan, count: (jet.degree + 1) * field.dimension)
      jet.copyCoefficients(upTo: 1, into: &c)
      func row(_ k: Int) -> ArraySlice<Double> { c[k * field.dimension..<(k + 1) * field.dimension] }
      let top = lambda > 0 ? jet.degree + 1 : jet.degree
      let naive = NaiveJet.coefficients(problem, w, v, lambda: lambda, degree: top, unit: unit)
      // A pass an order, no more.
      #expect(passes == (lambda > 0 ? top - 1 : top))
      for k in 0...jet.degree {
        // Sums over all orders below: rounding of the larger ones shows in the smaller.
        let scale = 1e-14 * Double(n + d) * (0...k).reduce(0) { max($0, largest(naive.weights[$1])) }
        #expect(distance(row(k).prefix(2 * d), naive.weights[k]) < scale, "order \(k) of \(jet.degree)")
        guard lambda > 0 else { continue }
        let rates = naive.weights[k + 1].map { Double(k + 1) * $0 / unit }
        #expect(distance(row(k).dropFirst(2 * d).prefix(2 * d), rates) < scale * Double(k + 1) / unit)
      }
    }
  }

  /// The increment is the series summed, integrals included; the integrals are those of the naive products.
  @Test(arguments: [(3, 5), (20, 30), (4, 9)], [0, 0.7])
  func incrementsAndIntegrals(_ shape: (Int, Int), _ lambda: Double) throws {
    let (n, d) = shape
    let problem = try Instances.problem(n, d, seed: 34)
    let w = Instances.normals(2 * d, seed: 35).map { 0.5 * $0 }
    let v = Instances.normals(2 * d, seed: 36)
    let field = try field(DiagonalNetwork(problem), lambda)
    let dynamic = lambda > 0 ? 4 * d : 2 * d
    let (unit, s) = (0.05, 0.6)
    let jet = field.makeJet(degree: 12)
    let start = (lambda > 0 ? w + v : w) + [Double](repeating: 0.25, count: field.dimension - dynamic)
    jet.expand(start, at: 0, unit: unit)
    var c = [Double](repeating: .nan, count: (jet.degree + 1) * field.dimension)
    jet.copyCoefficients(upTo: s, into: &c)
    var change = [Double](repeating: .nan, count: field.dimension)
    jet.increment(to: s, into: &change)
    for i in 0..<field.dimension {
      let sum = (1...jet.degree).reduce(0) { $0 + c[$1 * field.dimension + i] }
      #expect(abs(sum - change[i]) < 1e-10 * max(1, abs(sum)), "coordinate \(i)")
    }
    // Far out, where the last coefficients matter: ∫g has all orders that were computed.
    let far = 0.5
    let all = NaiveJet.coefficients(
      problem, w, v, lambda: lambda, degree: lambda > 0 ? jet.degree + 1 : jet.degree, unit: far)
    jet.expand(start, at: 0, unit: far)
    var long = [Double](repeating: .nan, count: field.dimension)
    jet.increment(to: 1, into: &long)
    for i in 0..<d {
      let terms = all.gradients.indices.map { far * all.gradients[$0][i] / Double($0 + 1) }
      #expect(abs(terms.reduce(0, +) - long[dynamic + d + i]) <= 1e-11 * max(1, largest(terms)), "∫g of \(i)")
    }
    // 2λ∫ẇ₊ẇ₋, ∫g and ∫‖ẇ‖²/2 by the trapezium rule of 2000 parts on the series itself.
    let parts = 2000
    let naive = NaiveJet.coefficients(problem, w, v, lambda: lambda, degree: 14, unit: unit)
    func sum(_ rows: [[Double]], _ i: Int, _ x: Double) -> Double { rows.reversed().reduce(0) { $0 * x + $1[i] } }
    func rate(_ i: Int, _ x: Double) -> Double {
      naive.weights.indices.dropFirst().reversed().reduce(0) { $0 * x + Double($1) * naive.weights[$1][i] } / unit
    }
    var expected = [Double](repeating: 0, count: 2 * d + 1)
    for part in 0...parts {
      let x = s * Double(part) / Double(parts)
      let weight = (part == 0 || part == parts ? 0.5 : 1) * s * unit / Double(parts)
      for i in 0..<d {
        expected[i] += weight * 2 * lambda * rate(i, x) * rate(d + i, x)
        expected[d + i] += weight * sum(naive.gradients, i, x)
      }
      for i in 0..<2 * d { expected[2 * d] += weight * 0.5 * rate(i, x) * rate(i, x) }
    }
    for (i, value) in expected.enumerated() {
      #expect(abs(change[dynamic + i] - value) < 1e-6 * max(1, largest(expected)), "integral \(i)")
    }
  }

  /// Not a number among the last coefficients is reported, whatever else is there.
  @Test func overflowIsSeen() throws {
    let problem = try Instances.problem(3, 9, seed: 37)
    let field = try MomentumGradientFlow(DiagonalNetwork(problem), lambda: 1, carryingIntegrals: false)
    let jet = field.makeJet(degree: 20)
    let start = Instances.normals(36, seed: 38).map { 1e60 * $0 }
    jet.expand(start, at: 0, unit: 1)
    let sizes = jet.lastOrders(try Tolerance(relative: 1e-9))
    #expect(!(sizes.before.isFinite && sizes.last.isFinite))
  }
}
