import CKernels
import Dynamics

/// Zeroed memory for doubles on a 64-byte boundary, as the kernels want it; freed with its owner.
package final class AlignedMemory {
  package let base: UnsafeMutablePointer<Double>
  let count: Int
  private let workspace = Workspace()

  package init(count: Int) {
    self.count = max(count, 1)
    base = workspace.zeros(self.count)
  }

  /// `count` rounded up to a whole number of vectors: the length of a packed row.
  package static func padded(_ count: Int) -> Int { mgf_padded(count) }
}
