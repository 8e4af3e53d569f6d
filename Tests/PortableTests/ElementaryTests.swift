import Portable
import RandomStreams
import RealModule
import Testing

/// Elementary functions of exactly rounded operations against those of the mathematics library.
@Suite struct ElementaryTests {
  /// The error in units of the last place of what is expected.
  private func units(_ x: Double, _ expected: Double) -> Double {
    x == expected ? 0 : abs(x - expected) / expected.ulp
  }

  @Test func exponential() {
    var stream = RandomStream(seed: 1, substream: 200)
    var worst = 0.0
    for _ in 0..<200_000 {
      let x = 1416 * (stream.uniform() - 0.5)
      worst = max(worst, units(Twin.Elementary.exp(x), .exp(x)))
      worst = max(worst, units(Twin.Elementary.exp(1e-3 * x), .exp(1e-3 * x)))
    }
    #expect(worst <= 1)
    #expect(Twin.Elementary.exp(0) == 1)
    #expect(Twin.Elementary.exp(709.782712893384) == Double.exp(709.782712893384))
    #expect(Twin.Elementary.exp(709.79) == .infinity && Twin.Elementary.exp(.infinity) == .infinity)
    #expect(Twin.Elementary.exp(-746) == 0 && Twin.Elementary.exp(-.infinity) == 0)
    #expect(Twin.Elementary.exp(.nan).isNaN)
    // Subnormal results are rounded twice.
    #expect(abs(Twin.Elementary.exp(-740) - .exp(-740)) <= .leastNonzeroMagnitude)
  }

  @Test func logarithm() {
    var stream = RandomStream(seed: 2, substream: 200)
    var (worst, worstNearOne) = (0.0, 0.0)
    for _ in 0..<200_000 {
      let x = Double.exp(1400 * (stream.uniform() - 0.5))
      worst = max(worst, units(Twin.Elementary.log(x), .log(x)))
      let near = 1 + 0.5 * (stream.uniform() - 0.5)
      worstNearOne = max(worstNearOne, units(Twin.Elementary.log(near), .log(near)))
      let small = Double.exp(-40 * stream.uniform()) * (stream.uniform() < 0.5 ? -0.9 : 3)
      worst = max(worst, units(Twin.Elementary.log(onePlus: small), .log(onePlus: small)))
    }
    #expect(worst <= 1)
    #expect(worstNearOne <= 1)
    #expect(Twin.Elementary.log(1) == 0 && Twin.Elementary.log(0) == -.infinity)
    #expect(Twin.Elementary.log(-1).isNaN && Twin.Elementary.log(.nan).isNaN)
    #expect(Twin.Elementary.log(.infinity) == .infinity)
    #expect(units(Twin.Elementary.log(.leastNonzeroMagnitude), .log(.leastNonzeroMagnitude)) <= 1)
    #expect(Twin.Elementary.log(onePlus: 1e-20) == 1e-20)
  }

  @Test func inverseHyperbolicSine() {
    var stream = RandomStream(seed: 3, substream: 200)
    for _ in 0..<50_000 {
      let x = Double.exp(700 * (stream.uniform() - 0.5)) * (stream.uniform() < 0.5 ? -1 : 1)
      #expect(units(Twin.Elementary.asinh(x), .asinh(x)) <= 3)
    }
  }
}
