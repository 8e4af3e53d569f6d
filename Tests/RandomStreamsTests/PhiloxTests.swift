import Foundation
import RandomStreams
import Testing

@Suite struct PhiloxTests {
  /// The known answers that the authors of the generator publish with it (Random123, kat_vectors).
  @Test func knownAnswers() {
    let ones = UInt32.max
    #expect(
      Philox4x32.block(SIMD4(repeating: 0), key: SIMD2(repeating: 0))
        == SIMD4(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8))
    #expect(
      Philox4x32.block(SIMD4(repeating: ones), key: SIMD2(repeating: ones))
        == SIMD4(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd))
    #expect(
      Philox4x32.block(
        SIMD4(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344), key: SIMD2(0xa409_3822, 0x299f_31d0))
        == SIMD4(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1))
  }

  /// The stream's layout is part of the contract: these bits may never change.
  @Test func streamIsFixed() {
    var stream = RandomStream(seed: 0, substream: 0)
    #expect(stream.next() == 0xe169_c58d_6627_e8d5)
    #expect(stream.next() == 0x9b00_dbd8_bc57_ac4c)
    #expect(stream.position == 2)
    let far = RandomStream(seed: 7, substream: 3)
    var near = RandomStream(seed: 7, substream: 3, position: 1 << 40)
    #expect(near.next() == far.word(at: 1 << 40))
  }

  @Test func substreamsAndSeedsDiffer() {
    var words: Set<UInt64> = []
    for seed in [UInt64(0), 1, 1 << 32, .max] {
      for substream in [UInt32(0), 1, 2, .max] {
        words.insert(RandomStream(seed: seed, substream: substream).word(at: 0))
      }
    }
    #expect(words.count == 16)
  }

  @Test func integersAreUniform() {
    var stream = RandomStream(seed: 3, substream: 9)
    var counts = [Int](repeating: 0, count: 7)
    for _ in 0..<70_000 { counts[stream.integer(below: 7)] += 1 }
    // Ten thousand each, standard deviation about 93.
    for count in counts { #expect(abs(count - 10_000) < 450) }
    #expect(stream.permutation(of: 50).sorted() == Array(0..<50))
    #expect(stream.integer(below: 1) == 0)
  }

  @Test func uniformStaysInside() {
    var stream = RandomStream(seed: 5, substream: 1)
    for _ in 0..<10_000 {
      let u = stream.uniform()
      #expect(u > 0 && u < 1)
    }
  }
}

@Suite struct NormalTests {
  /// Φ⁻¹ against 17-digit values computed with another library (SciPy's ndtri, checked with mpmath).
  @Test(arguments: [
    (0.5, 0.0), (0.6, 0.2533471031357997), (0.975, 1.959963984540054), (0.9999, 3.719016485455709),
    (1e-10, -6.361340902404056), (1e-15, -7.941345326170998), (0.0748, -1.440945784338249),
  ])
  func quantile(_ p: Double, _ expected: Double) {
    #expect(abs(normalQuantile(p) - expected) <= 4e-16 * max(1, abs(expected)) + 2e-16)
  }

  /// Φ(Φ⁻¹(p)) = p with the error function of the C library: the second route.
  @Test func inverseOfErrorFunction() {
    for k in 1..<400 {
      let p = Double(k) / 400
      let back = 0.5 * erfc(-normalQuantile(p) / 2.0.squareRoot())
      #expect(abs(back - p) < 4e-16)
    }
  }

  @Test func moments() {
    var stream = RandomStream(seed: 11, substream: 4)
    let n = 200_000
    let x = (0..<n).map { _ in stream.normal() }
    let mean = x.reduce(0, +) / Double(n)
    let variance = x.reduce(0) { $0 + $1 * $1 } / Double(n)
    let fourth = x.reduce(0) { $0 + $1 * $1 * $1 * $1 } / Double(n)
    #expect(abs(mean) < 0.01)
    #expect(abs(variance - 1) < 0.015)
    #expect(abs(fourth - 3) < 0.1)
  }
}
