/// The polynomial that is the solution on one step: the same type for every stepper.
///
/// On [start, end], y(t) = Σₖ cₖ sᵏ with s = (t − start)/(end − start) and cₖ a vector of `dimension` numbers; the
/// coefficients are stored power by power (degree + 1 rows of `dimension`).
public struct Segment: Sendable {
  /// The time at which the step began.
  public private(set) var start: Double
  /// The time at which the step ended.
  public private(set) var end: Double
  /// The number of coordinates.
  public let dimension: Int
  /// The coordinate of the state that comes first: not 0 when only some are kept.
  public let firstCoordinate: Int
  /// The degree of the polynomial.
  public let degree: Int
  /// The coefficients cₖ, (degree + 1) × dimension, row-major.
  public private(set) var coefficients: [Double]

  /// A zero polynomial on [0, 0], to be filled.
  public init(dimension: Int, degree: Int, firstCoordinate: Int = 0) {
    start = 0
    end = 0
    self.dimension = dimension
    self.degree = degree
    self.firstCoordinate = firstCoordinate
    coefficients = [Double](repeating: 0, count: (degree + 1) * dimension)
  }

  /// Fills a segment of degree 5 from y, ẏ and ÿ at both ends (quintic Hermite interpolation; its error at mid-step is
  /// h⁶ y⁽⁶⁾/46080). Complexity: O(dimension), no allocation.
  public mutating func interpolate(
    from start: Double, _ y0: UnsafePointer<Double>, _ f0: UnsafePointer<Double>, _ s0: UnsafePointer<Double>,
    to end: Double, _ y1: UnsafePointer<Double>, _ f1: UnsafePointer<Double>, _ s1: UnsafePointer<Double>
  ) {
    precondition(degree == 5, "quintic Hermite interpolation needs a segment of degree 5")
    self.start = start
    self.end = end
    let h = end - start
    let d = dimension
    coefficients.withUnsafeMutableBufferPointer { c in
      for i in 0..<d {
        let a0 = y0[i]
        let a1 = h * f0[i]
        let a2 = 0.5 * h * h * s0[i]
        // What is left at s = 1 of value, first and half the second derivative after the first three terms.
        let value = (y1[i] - a0) - a1 - a2
        let slope = h * f1[i] - a1 - 2 * a2
        let bend = 0.5 * h * h * s1[i] - a2
        c[i] = a0
        c[d + i] = a1
        c[2 * d + i] = a2
        c[3 * d + i] = 10 * value - 4 * slope + bend
        c[4 * d + i] = -15 * value + 7 * slope - 2 * bend
        c[5 * d + i] = 6 * value - 3 * slope + bend
      }
    }
  }

  /// Fills the segment with the coefficients that `body` writes, (degree + 1) × dimension. No allocation.
  public mutating func fill(
    from start: Double, to end: Double, _ body: (UnsafeMutablePointer<Double>) -> Void
  ) {
    self.start = start
    self.end = end
    coefficients.withUnsafeMutableBufferPointer { if let base = $0.baseAddress { body(base) } }
  }

  /// Writes the coordinates in `range` at time `t`, `range.count` numbers, to `y`. Complexity: O(degree · range).
  public func evaluate(at t: Double, coordinates range: Range<Int>, into y: UnsafeMutablePointer<Double>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= dimension)
    let s = end > start ? (t - start) / (end - start) : 0
    let base = range.lowerBound
    coefficients.withUnsafeBufferPointer { c in
      for i in 0..<range.count {
        y[i] = c[degree * dimension + base + i]
      }
      for k in stride(from: degree - 1, through: 0, by: -1) {
        let row = k * dimension + base
        for i in 0..<range.count {
          y[i] = y[i] * s + c[row + i]
        }
      }
    }
  }

  /// The state at time `t`.
  public func state(at t: Double) -> [Double] { state(at: t, coordinates: 0..<dimension) }

  /// The coordinates in `range` at time `t`.
  package func state(at t: Double, coordinates range: Range<Int>) -> [Double] {
    [Double](unsafeUninitializedCapacity: range.count) { buffer, count in
      if let base = buffer.baseAddress { evaluate(at: t, coordinates: range, into: base) }
      count = range.count
    }
  }
}

extension [Segment] {
  /// The one that holds time `t`, of consecutive ones: the first that ends there or later, else the last; nil of none.
  /// Complexity: O(log(count)).
  package func holding(_ t: Double) -> Segment? {
    guard !isEmpty else { return nil }
    var low = 0
    var high = count - 1
    while low < high {
      let middle = (low + high) / 2
      if self[middle].end < t { low = middle + 1 } else { high = middle }
    }
    return self[low]
  }
}
