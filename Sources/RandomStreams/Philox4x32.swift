/// The counter-based generator Philox4x32 with ten rounds.
///
/// A block is a pure function of a 128-bit counter and a 64-bit key, so any draw can be computed on its own, in any
/// order, on any platform, with the same bits. Only 32-bit integer multiplications and exclusive-ors are used.
///
/// Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011, section 3.3.
public enum Philox4x32 {
  /// The four 32-bit words of the block at `counter` under `key`. Complexity: ten rounds, no memory.
  @inlinable
  public static func block(_ counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
    var c = counter
    var k = key
    for round in 0..<10 {
      if round > 0 { k &+= SIMD2(0x9E37_79B9, 0xBB67_AE85) }
      let p0 = UInt64(0xD251_1F53) &* UInt64(c[0])
      let p1 = UInt64(0xCD9E_8D57) &* UInt64(c[2])
      c = SIMD4(
        UInt32(truncatingIfNeeded: p1 >> 32) ^ c[1] ^ k[0], UInt32(truncatingIfNeeded: p1),
        UInt32(truncatingIfNeeded: p0 >> 32) ^ c[3] ^ k[1], UInt32(truncatingIfNeeded: p0))
    }
    return c
  }
}
