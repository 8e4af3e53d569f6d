import Dynamics

/// A matrix of real numbers, row-major: n samples (rows) × d features (columns).
public struct DesignMatrix: Sendable, Equatable {
  /// The number n of samples.
  public let rows: Int
  /// The number d of features.
  public let columns: Int
  /// The entries, n × d, row-major.
  public let elements: [Double]

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
    self.elements = elements
  }

  /// Row `i`, d numbers.
  public subscript(row i: Int) -> ArraySlice<Double> {
    elements[i * columns..<(i + 1) * columns]
  }

  /// Entry (i, j).
  public subscript(i: Int, j: Int) -> Double {
    elements[i * columns + j]
  }

  /// X·θ, n numbers. Complexity: O(nd).
  public func times(_ theta: [Double]) -> [Double] {
    precondition(theta.count == columns)
    return (0..<rows).map { i in
      zip(self[row: i], theta).reduce(0) { $0 + $1.0 * $1.1 }
    }
  }

  /// The Euclidean norm of each column, d numbers. Complexity: O(nd).
  public var columnNorms: [Double] {
    var squares = [Double](repeating: 0, count: columns)
    for i in 0..<rows {
      for j in 0..<columns {
        let x = elements[i * columns + j]
        squares[j] += x * x
      }
    }
    return squares.map { $0.squareRoot() }
  }
}
