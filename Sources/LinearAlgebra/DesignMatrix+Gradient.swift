import CKernels
import Dispatch
import Dynamics
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension DesignMatrix {
  /// The passes over X that large matrices share among threads.
  ///
  /// Rows are cut into chunks whose number depends on the shape alone, and the chunks' gradients are added in their
  /// order: the number of threads does not show in the results. Rows too long for any cache are cut across, too
  /// (`Gradient+Sweep.swift`): then no gradient but the whole is ever in memory.
  package final class Gradient {
    let x: PackedMatrix
    private let chunks: [Range<Int>]
    private let partial: AlignedMemory?
    /// Where each thread's part of the columns lies, for rows that are cut across.
    let parts: [Range<Int>]
    /// Each part's share of two residuals.
    let shares: AlignedMemory?

    package init(_ design: DesignMatrix) {
      x = design.packed
      let count = x.rows * x.columns < Self.threshold ? 1 : max(1, min(32, x.rows / 32))
      // Whole tiles of 8 rows each.
      let tiles = (x.rows + 7) / 8
      let rows = x.rows
      chunks = (0..<count).map { 8 * ($0 * tiles / count)..<min(8 * (($0 + 1) * tiles / count), rows) }
      parts = Self.parts(x)
      shares = parts.isEmpty ? nil : AlignedMemory(count: 2 * parts.count * AlignedMemory.padded(rows))
      partial = count > 1 && parts.isEmpty ? AlignedMemory(count: 2 * count * AlignedMemory.padded(x.columns)) : nil
    }

    /// From this many entries on, forking (about 1 µs) pays.
    static let threshold = 1 << 19

    /// Whether a pass is shared among threads.
    package var isShared: Bool { partial != nil || isSwept || reduction != nil }

    /// How residuals are summed when X is a block of the columns of a larger one.
    package var reduction: (any Reduction)? { x.sharing?.reduction }

    /// r = Xθ − y and g = Xᵀr/n over all rows; only r when `g` is nil. `y` nil stands for zero.
    /// Vectors are packed: whole vectors of 8, padded with zeros.
    package func evaluate(
      _ theta: UnsafePointer<Double>, target y: UnsafePointer<Double>?, residual r: UnsafeMutablePointer<Double>,
      gradient g: UnsafeMutablePointer<Double>?
    ) {
      if isSwept || reduction != nil {
        computeResiduals(theta, nil, target: y, into: (r, nil))
        if let g { pullBack((r, nil), into: (g, nil)) }
        return
      }
      let scale = 1 / Double(x.rows)
      guard let partial else {
        mgf_gradient(x.base, x.stride, x.transposed?.base, y, nil, x.rows, x.columns, theta, scale, r, g)
        return
      }
      let (matrix, chunks, memory) = (x, chunks, Shared(partial.base))
      let (vector, target, residual) = (Shared(theta), y.map { Shared($0) }, Shared(r))
      let wantsGradient = g != nil
      let width = AlignedMemory.padded(x.columns)
      Parallelism.perform(chunks.count) { index in
        let rows = chunks[index]
        mgf_gradient(
          matrix.base + rows.lowerBound * matrix.stride, matrix.stride, nil,
          target.map { $0.pointer + rows.lowerBound }, nil, rows.count, matrix.columns, vector.pointer, scale,
          residual.pointer + rows.lowerBound,
          wantsGradient ? memory.pointer + index * width : nil)
      }
      if let g { addPartials(partial.base, into: g) }
    }

    /// The same for two right-hand sides in one sweep: r = Xθ − y, g = Xᵀr/n and r′ = Xθ′, g′ = Xᵀr′/n.
    package func evaluatePair(
      _ theta: UnsafePointer<Double>, _ second: UnsafePointer<Double>, target y: UnsafePointer<Double>?,
      residuals r: (UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>),
      gradients g: (UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>)
    ) {
      if isSwept || reduction != nil {
        computeResiduals(theta, second, target: y, into: (r.0, r.1))
        pullBack((r.0, r.1), into: (g.0, g.1))
        return
      }
      let scale = 1 / Double(x.rows)
      guard let partial else {
        mgf_gradient_pair(
          x.base, x.stride, x.transposed?.base, y, x.rows, x.columns, theta, second, scale, r.0, r.1, g.0, g.1)
        return
      }
      let (matrix, chunks, memory) = (x, chunks, Shared(partial.base))
      let (a, b, target) = (Shared(theta), Shared(second), y.map { Shared($0) })
      let (ra, rb) = (Shared(r.0), Shared(r.1))
      let width = AlignedMemory.padded(x.columns)
      Parallelism.perform(chunks.count) { index in
        let rows = chunks[index]
        mgf_gradient_pair(
          matrix.base + rows.lowerBound * matrix.stride, matrix.stride, nil,
          target.map { $0.pointer + rows.lowerBound }, rows.count, matrix.columns, a.pointer, b.pointer, scale,
          ra.pointer + rows.lowerBound,
          rb.pointer + rows.lowerBound, memory.pointer + index * width,
          memory.pointer + (chunks.count + index) * width)
      }
      addPartials(partial.base, into: g.0)
      addPartials(partial.base + chunks.count * width, into: g.1)
    }

    /// The chunks' gradients added in their order, column range by column range.
    private func addPartials(_ parts: UnsafeMutablePointer<Double>, into g: UnsafeMutablePointer<Double>) {
      let (stride, count) = (AlignedMemory.padded(x.columns), chunks.count)
      let (source, sum) = (Shared(parts), Shared(g))
      let width = 4096
      Parallelism.perform((stride + width - 1) / width) { block in
        let columns = block * width..<min((block + 1) * width, stride)
        let sum = sum.pointer
        for j in columns { sum[j] = source.pointer[j] }
        for part in 1..<count {
          let row = source.pointer + part * stride
          for j in columns { sum[j] += row[j] }
        }
      }
    }
  }
}

/// A pointer that threads may share because they write to disjoint places.
package struct Shared<Pointer>: @unchecked Sendable {
  package let pointer: Pointer

  @inlinable
  package init(_ pointer: Pointer) { self.pointer = pointer }
}

/// How many threads one pass over a large X may use. Results do not depend on it.
public enum Parallelism {
  private static let oneThread = Atomic<Bool>(false)

  /// Confines every pass to the calling thread: for runs that are themselves side by side, and for timing.
  public static func confineToOneThread(_ value: Bool = true) { oneThread.store(value, ordering: .relaxed) }

  /// The process that first wanted threads. Dispatch does not survive a fork: a child of it has its calling thread alone.
  private static let home = getpid()
  package static var isForked: Bool { getpid() != home }

  package static func perform(_ count: Int, _ body: @Sendable (Int) -> Void) {
    if count == 1 || oneThread.load(ordering: .relaxed) || isForked {
      for index in 0..<count { body(index) }
    } else {
      DispatchQueue.concurrentPerform(iterations: count, execute: body)
    }
  }
}
