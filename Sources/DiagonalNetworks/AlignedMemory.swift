import CKernels

/// Zeroed memory for doubles on a 64-byte boundary, as the kernels want it; freed with its owner.
package final class AlignedMemory {
  package let base: UnsafeMutablePointer<Double>
  let count: Int

  package init(count: Int) {
    self.count = max(count, 1)
    base = UnsafeMutableRawPointer.allocate(byteCount: 8 * self.count, alignment: 64)
      .initializeMemory(as: Double.self, repeating: 0, count: self.count)
  }

  deinit { base.deallocate() }

  /// `count` rounded up to a whole number of vectors: the length of a packed row.
  package static func padded(_ count: Int) -> Int { mgf_padded(count) }
}
