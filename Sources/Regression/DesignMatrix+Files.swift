import Dynamics
import Files
import LinearAlgebra
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension DesignMatrix {
  /// From this many bytes on, doubles are left where they are in a file; fewer are copied into aligned rows.
  package static let mappingLimit = 64 << 20

  /// The matrix in the NumPy file at `path`, samples × features.
  ///
  /// Doubles of this machine's byte order, row by row (C order), are mapped when they take `limit` bytes or more: read
  /// when they are used, never copied. Other real numbers (floats of other widths, whole numbers, truth values, the other
  /// byte order, Fortran order) are converted into memory. The numbers, and so all results, are the same either way.
  ///
  /// Throws `InvalidInput` when the file is no such array, is cut short, or an entry is not finite.
  /// Complexity: one reading of the file.
  package init(npyAt path: String, mappingFrom limit: Int = mappingLimit) throws(InvalidInput) {
    try self.init(NPYFile(contentsOf: path), mappingFrom: limit)
  }

  /// The matrix in a NumPy file, or in a member of an archive. Throws and costs as `init(npyAt:mappingFrom:)`.
  init(_ array: NPYFile, mappingFrom limit: Int) throws(InvalidInput) {
    let path = array.path
    let shape = array.header.shape
    guard shape.count == 2 else {
      throw InvalidInput(
        path, because: "its shape is \(NPYFile.text(shape))", remedy: "two dimensions are needed, samples × features")
    }
    let (rows, columns) = (shape[0], shape[1])
    let packed: PackedMatrix
    if let doubles = array.doubles, !array.header.isColumnMajor, 8 * array.count >= limit {
      packed = PackedMatrix(rows: rows, columns: columns, stride: columns, at: doubles, of: array.file)
    } else {
      try Self.requireRoom(rows, columns, path)
      packed = try PackedMatrix(rows: rows, columns: columns) { base, stride throws(InvalidInput) in
        try Self.convert(array, rows, columns, base, stride)
      }
    }
    try self.init(packed, from: path)
  }

  /// A matrix that `fill` writes row by row into memory of its own (the stride comes second); `path` names it in messages.
  package init(
    rows: Int, columns: Int, from path: String,
    filling fill: (UnsafeMutablePointer<Double>, Int) throws(InvalidInput) -> Void
  ) throws(InvalidInput) {
    try Self.requireRoom(rows, columns, path)
    try self.init(try PackedMatrix(rows: rows, columns: columns, filling: fill), from: path)
  }

  /// X in memory that `owner` holds, rows `stride` numbers apart, `behind` numbers readable behind the last; `name` is how messages
  /// call it. It is left where it lies, as large files are, where whole vectors can be read from its rows; else it is copied.
  ///
  /// Throws `InvalidInput` when an entry is not finite.
  package init(
    rows: Int, columns: Int, stride: Int, behind: Int, at base: UnsafePointer<Double>, of owner: AnyObject,
    named name: String
  ) throws(InvalidInput) {
    // Rows are read up to a whole number of vectors, the last one beyond its end; what is there is multiplied with zero.
    let rest = AlignedMemory.padded(columns) - columns
    let end = base + (rows - 1) * stride + columns
    let canBeRead =
      rest == 0 || stride == columns && behind >= rest && (0..<rest).allSatisfy { abs(end[$0]) <= 1e100 }
    if canBeRead, 8 * rows * columns >= Self.mappingLimit {
      try self.init(PackedMatrix(rows: rows, columns: columns, stride: stride, at: base, of: owner), from: name)
    } else {
      try self.init(rows: rows, columns: columns, from: name) { place, width in
        for i in 0..<rows { (place + i * width).update(from: base + i * stride, count: columns) }
      }
    }
  }

  private init(_ packed: PackedMatrix, from path: String) throws(InvalidInput) {
    self.init(packed)
    if let (i, j) = firstNonFinite() {
      throw InvalidInput(
        "\(path), entry [\(i), \(j)] (counted from 0)", because: "\(self[i, j]) is not a finite number",
        remedy: "give finite numbers, or remove the row or column")
    }
  }

  /// Throws `InvalidInput` when a copy of the matrix does not fit into this machine's memory.
  private static func requireRoom(_ rows: Int, _ columns: Int, _ path: String) throws(InvalidInput) {
    let bytes = 8 * Double(rows) * Double(AlignedMemory.padded(columns))
    let memory = Double(InputFile.memory)
    guard bytes <= memory else {
      throw InvalidInput(
        path,
        because: "it must be converted, which takes \(Int(bytes / 1e9)) GB where this machine has "
          + "\(Int(memory / 1e9)) GB", remedy: "save it as .npy with little-endian float64 in C order, which is mapped")
    }
  }

  private static func convert(
    _ array: NPYFile, _ rows: Int, _ columns: Int, _ base: UnsafeMutablePointer<Double>, _ stride: Int
  ) throws(InvalidInput) {
    let isColumnMajor = array.header.isColumnMajor
    let (outer, inner) = isColumnMajor ? (columns, rows) : (rows, columns)
    // In the order of the file, so that what has been read can leave memory.
    var released = 0
    for a in 0..<outer {
      for b in 0..<inner {
        let (i, j) = isColumnMajor ? (b, a) : (a, b)
        guard let value = array.number(a * inner + b) else { throw array.unusable(nil, "entry [\(i), \(j)]") }
        base[i * stride + j] = value
      }
      let done = array.header.offset + (a + 1) * inner * array.header.width
      if done - released >= 64 << 20 {
        array.file.release(upTo: done)
        released = done
      }
    }
  }

  /// Where the first entry stands that is not finite.
  private func firstNonFinite() -> (Int, Int)? {
    let (matrix, rows, columns) = (packed, rows, columns)
    let first = Atomic<Int>(.max)
    let chunks = min(rows, 64)
    Parallelism.perform(chunks) { chunk in
      for i in chunk * rows / chunks..<(chunk + 1) * rows / chunks
      where !Dynamics.isFinite(matrix.base + i * matrix.stride, columns) {
        first.min(i, ordering: .relaxed)
        return
      }
    }
    let i = first.load(ordering: .relaxed)
    guard i < rows else { return nil }
    return self[row: i].firstIndex { !$0.isFinite }.map { (i, $0) }
  }
}
