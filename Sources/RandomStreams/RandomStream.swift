/// An independent stream of random numbers, addressed by (seed, substream, position).
///
/// Draw number `i` is half of Philox block `i / 2` at counter (i/2 low, i/2 high, substream, 0) under the key
/// (seed low, seed high): words 0 and 1 for even `i`, words 2 and 3 for odd `i`, the first word of a pair being the
/// low half. The stream is the same on every platform: uniform, normal and bounded draws use exactly rounded
/// operations only, never the mathematics library.
public struct RandomStream: Sendable {
  /// The 64-bit seed, the generator's key.
  public let seed: UInt64
  /// Which of the seed's 2³² independent substreams this is.
  public let substream: UInt32
  /// The number of the next draw.
  public private(set) var position: UInt64

  /// A stream at its beginning, or at `position`. Complexity: O(1).
  public init(seed: UInt64, substream: UInt32, position: UInt64 = 0) {
    self.seed = seed
    self.substream = substream
    self.position = position
  }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    defer { position &+= 1 }
    return word(at: position)
  }

  /// Draw number `index`, without moving the stream. Complexity: one Philox block.
  public func word(at index: UInt64) -> UInt64 {
    let n = index >> 1
    let counter = SIMD4(UInt32(truncatingIfNeeded: n), UInt32(truncatingIfNeeded: n >> 32), substream, 0)
    let key = SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
    let b = Philox4x32.block(counter, key: key)
    return index & 1 == 0 ? UInt64(b[0]) | UInt64(b[1]) << 32 : UInt64(b[2]) | UInt64(b[3]) << 32
  }

  /// A uniform number in the open interval (0, 1): (k + ½)·2⁻⁵² with k the top 52 bits of one draw.
  public mutating func uniform() -> Double {
    (Double(next() >> 12) + 0.5) * 0x1p-52
  }

  /// A standard normal number: the normal quantile of one uniform number.
  public mutating func normal() -> Double {
    normalQuantile(uniform())
  }

  /// A uniform integer in 0..<bound, without bias (rejection). `bound` must be positive.
  public mutating func integer(below bound: Int) -> Int {
    precondition(bound > 0, "integer(below:) needs a positive bound")
    let n = UInt64(bound)
    let threshold = (0 &- n) % n
    while true {
      let (high, low) = next().multipliedFullWidth(by: n)
      if low >= threshold { return Int(high) }
    }
  }

  /// A uniform random permutation of 0..<count (Fisher–Yates). Complexity: O(count).
  public mutating func permutation(of count: Int) -> [Int] {
    prefixOfPermutation(of: count, length: count)
  }

  /// The first `length` entries of a uniform random permutation of 0..<count. Complexity: O(count).
  public mutating func prefixOfPermutation(of count: Int, length: Int) -> [Int] {
    var items = Array(0..<count)
    for i in 0..<Swift.min(length, count) {
      items.swapAt(i, i + integer(below: count - i))
    }
    return Array(items.prefix(length))
  }
}

/// The substreams of one seed, one for each purpose, so that changing one use never moves another.
public enum Substream {
  /// The design matrix, row by row.
  public static let design: UInt32 = 1
  /// The support and the signs of θ*.
  public static let truth: UInt32 = 2
  /// The rows held out.
  public static let holdout: UInt32 = 3
  /// The minibatches.
  public static let batches: UInt32 = 4
  /// The Brownian motion of a stochastic flow.
  public static let diffusion: UInt32 = 5

  /// The seed of path `index` of many.
  public static func seed(_ seed: UInt64, path index: Int) -> UInt64 {
    // Odd multiples of the golden ratio: distinct for 2⁶⁴ paths.
    seed &+ (2 &* UInt64(index) &+ 1) &* 0x9E37_79B9_7F4A_7C15
  }
}
