import RandomStreams

/// Draws the rows of each minibatch; no allocation after the start but one permutation an epoch.
struct BatchSampler {
  private let settings: DescentSettings.Batches
  private let samples: Int
  private var stream: RandomStream
  private var order: [Int]
  private var used: Int

  init(_ settings: DescentSettings.Batches, samples: Int) {
    self.settings = settings
    self.samples = samples
    stream = RandomStream(seed: settings.seed, substream: Substream.batches)
    order = Array(0..<samples)
    used = samples
  }

  /// Calls `body` with the rows of the next batch.
  mutating func withNextBatch(_ body: (UnsafeBufferPointer<Int>) -> Void) {
    if settings.replacement {
      for i in 0..<settings.size { order[i] = stream.integer(below: samples) }
      order.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[..<settings.size])) }
      return
    }
    if used >= samples {
      for i in 0..<samples { order.swapAt(i, i + stream.integer(below: samples - i)) }
      used = 0
    }
    let end = min(used + settings.size, samples)
    order.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[used..<end])) }
    used = end
  }
}
