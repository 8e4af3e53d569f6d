import Dynamics

/// A matrix of real numbers, row-major: n samples (rows) × d features (columns). Copies share one memory.
public struct DesignMatrix: Sendable, Equatable {
  /// The number n of samples.
  public let rows: Int
  /// The number d of features.
  public let columns: Int
  /// The entries as the kernels read them.
  @usableFromInline package let packed: PackedMatrix

  /// Throws `InvalidInput` when the shape is empty, does not fit the entries, or an entry is not finite.
  public init(rows: Int, columns: Int, elements: [Double]) throws(InvalidInput) {
    guard rows > 0, columns > 0 else {
      throw InvalidInput(
        "design matrix", because: "it is empty (\(rows) × \(columns))",
        remedy: "at least one sample and one feature are needed")
    }
    guard elements.count == rows * columns else {
      throw InvalidInput(
        "design matrix", because: "\(elements.count) entries do not make \(rows) × \(columns)")
    }
    if let bad = elements.firstIndex(where: { !$0.isFinite }) {
      throw InvalidInput(
        "design matrix", because: "entry (\(bad / columns), \(bad % columns)) is \(elements[bad])",
        remedy: "every entry must be a finite number")
    }
    self.rows = rows
    self.columns = columns
    packed = elements.withUnsafeBufferPointer { x in
      PackedMatrix(rows: rows, columns: columns) { x[$0 * columns + $1] }
    }
  }

  /// Entries that are known to be finite.
  package init(_ packed: PackedMatrix) {
    rows = packed.rows
    columns = packed.columns
    self.packed = packed
  }

  /// The entries, n × d, row-major: a copy.
  public var elements: [Double] { (0..<rows).flatMap { self[row: $0] } }

  /// Row `i`, d numbers, valid while the matrix is.
  @inlinable
  package subscript(row i: Int) -> UnsafeBufferPointer<Double> {
    precondition(i >= 0 && i < rows)
    return UnsafeBufferPointer(start: packed.base + i * packed.stride, count: columns)
  }

  /// Entry (i, j).
  @inlinable
  public subscript(i: Int, j: Int) -> Double { self[row: i][j] }

  public static func == (a: DesignMatrix, b: DesignMatrix) -> Bool {
    a.rows == b.rows && a.columns == b.columns && (0..<a.rows).allSatisfy { a[row: $0].elementsEqual(b[row: $0]) }
  }

  /// X·θ, n numbers. Complexity: O(nd).
  public func times(_ theta: [Double]) -> [Double] {
    precondition(theta.count == columns)
    return theta.withUnsafeBufferPointer { theta in
      (0..<rows).map { i in
        let row = self[row: i]
        var sum = 0.0
        for j in 0..<columns { sum += row[j] * theta[j] }
        return sum
      }
    }
  }

  /// The Euclidean norm of each column, d numbers. Complexity: O(nd).
  public var columnNorms: [Double] {
    var squares = [Double](repeating: 0, count: columns)
    for i in 0..<rows {
      let row = self[row: i]
      for j in 0..<columns { squares[j] += row[j] * row[j] }
    }
    return squares.map { $0.squareRoot() }
  }
}
