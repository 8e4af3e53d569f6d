import Dynamics

/// A matrix as the kernels read it: rows `stride` doubles apart, each readable up to a whole number of vectors of 8, with
/// nothing but finite numbers there. Never changed once made, so that any number of runs can share it.
///
/// Rows made here are padded with zeros, on 64-byte boundaries; a view of a mapped file is as the file is.
@usableFromInline
package final class PackedMatrix: @unchecked Sendable {
  package let rows: Int
  package let columns: Int
  /// The doubles from one row to the next.
  @usableFromInline package let stride: Int
  @usableFromInline package let base: UnsafePointer<Double>
  /// What keeps the numbers in memory.
  private let owner: AnyObject
  /// When it is a block of the columns of a matrix that several processes share: how they sum, and the least number of
  /// columns that one of them has.
  package let sharing: (reduction: any Reduction, leastColumns: Int)?
  /// Xᵀ, packed too, when both are small enough for the second cache: products then need no sums across a vector.
  package let transposed: PackedMatrix?

  /// Both layouts are kept up to this many bytes together.
  private static let transposeLimit = 512 << 10

  /// A copy, made entry by entry.
  package convenience init(rows: Int, columns: Int, withTranspose: Bool = true, _ element: (Int, Int) -> Double) {
    self.init(rows: rows, columns: columns, withTranspose: withTranspose) { base, stride in
      for i in 0..<rows {
        for j in 0..<columns { base[i * stride + j] = element(i, j) }
      }
    }
  }

  /// A copy, made by `fill`, which is given zeros and the stride.
  package init<Failure: Error>(
    rows: Int, columns: Int, withTranspose: Bool = true,
    filling fill: (UnsafeMutablePointer<Double>, Int) throws(Failure) -> Void
  ) throws(Failure) {
    let stride = AlignedMemory.padded(columns)
    // Views of the last columns are read in whole vectors, too.
    let memory = AlignedMemory(count: rows * stride + 8)
    try fill(memory.base, stride)
    let both = 8 * (rows * stride + columns * AlignedMemory.padded(rows))
    let base = memory.base
    transposed =
      withTranspose && both <= Self.transposeLimit
      ? PackedMatrix(rows: columns, columns: rows, withTranspose: false) { base[$1 * stride + $0] } : nil
    self.rows = rows
    self.columns = columns
    self.stride = stride
    self.base = UnsafePointer(base)
    owner = memory
    sharing = nil
  }

  /// Numbers that lie elsewhere, in memory that `owner` holds.
  package init(
    rows: Int, columns: Int, stride: Int, at base: UnsafePointer<Double>, of owner: AnyObject,
    sharing: (reduction: any Reduction, leastColumns: Int)? = nil
  ) {
    self.sharing = sharing
    self.rows = rows
    self.columns = columns
    self.stride = stride
    self.base = base
    self.owner = owner
    transposed = nil
  }

  /// Some of the columns, in the same memory.
  package func view(
    columns range: Range<Int>, sharing: (reduction: any Reduction, leastColumns: Int)? = nil
  ) -> PackedMatrix {
    PackedMatrix(
      rows: rows, columns: range.count, stride: stride, at: base + range.lowerBound, of: owner, sharing: sharing)
  }
}
