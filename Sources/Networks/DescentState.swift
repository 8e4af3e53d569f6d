import LinearAlgebra

/// Memory of a run of a discrete method: two iterates in turn (blocks of weights, then blocks of increments, rows of `width`
/// numbers), what rounding has left out, and the sum of gradients.
public final class DescentState {
  /// The number of blocks of weights.
  package let blocks: Int
  /// Numbers in a row; those beyond the d weights are zero.
  package let width: Int
  let memory: AlignedMemory
  /// The numbers of an iterate.
  private let size: Int
  /// Which of the two iterates is the current one.
  package var parity = 0
  /// The iterate whose residual `sweptResidual` is, when X is swept by column panels.
  var residualParity: Int?

  /// Zeros. `samples`: room for a residual in `scratch`.
  init(blocks: Int, width: Int, samples: Int = 0) {
    self.blocks = blocks
    self.width = width
    size = 2 * blocks * width
    let scratch = max(2 * width + AlignedMemory.padded(samples), 2 * blocks * width)
    memory = AlignedMemory(count: (5 * blocks + 1) * width + scratch)
  }

  /// Weights and increments of the current iterate.
  package var current: UnsafeMutablePointer<Double> { memory.base + parity * size }
  /// Those of the one before, which the next will replace.
  var other: UnsafeMutablePointer<Double> { memory.base + (1 - parity) * size }
  /// What rounding has left out of the weights.
  package var carry: UnsafeMutablePointer<Double> { memory.base + 2 * size }
  /// ε Σ g of the iterations done since it was set to zero.
  package var gradientSum: UnsafeMutablePointer<Double> { carry + blocks * width }
  var scratch: UnsafeMutablePointer<Double> { gradientSum + width }
  var gradient: UnsafeMutablePointer<Double> { scratch + width }
  var sweptResidual: UnsafeMutablePointer<Double> { scratch + 2 * width }
}
