/// A matrix as the kernels read it: rows padded with zeros to whole vectors of 8, on 64-byte boundaries; never changed
/// once made, so that any number of runs can share it.
final class PackedMatrix: @unchecked Sendable {
  let rows: Int
  let columns: Int
  /// The doubles from one row to the next.
  let stride: Int
  private let memory: AlignedMemory
  /// Xᵀ, packed too, when both are small enough for the second cache: products then need no sums across a vector.
  let transposed: PackedMatrix?

  /// Both layouts are kept up to this many bytes together.
  private static let transposeLimit = 512 << 10

  var base: UnsafePointer<Double> { UnsafePointer(memory.base) }

  init(rows: Int, columns: Int, withTranspose: Bool = true, _ element: (Int, Int) -> Double) {
    self.rows = rows
    self.columns = columns
    stride = AlignedMemory.padded(columns)
    memory = AlignedMemory(count: rows * stride)
    for i in 0..<rows {
      for j in 0..<columns { memory.base[i * stride + j] = element(i, j) }
    }
    let both = 8 * (rows * stride + columns * AlignedMemory.padded(rows))
    let (stride, base) = (stride, memory.base)
    transposed =
      withTranspose && both <= Self.transposeLimit
      ? PackedMatrix(rows: columns, columns: rows, withTranspose: false) { base[$1 * stride + $0] } : nil
  }
}
