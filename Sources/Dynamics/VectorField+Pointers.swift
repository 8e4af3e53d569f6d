// Where spans and pointers meet: the only file that makes one of the other. Fields see spans, whose ends are checked; steppers,
// networks and kernels work on memory that they own for longer than any call, by pointers. Every span made here ends with the
// call that it is made for, and every length is the field's own `dimension`.

extension VectorField {
  /// Writes f(t, y) of memory of `dimension` numbers each.
  @inlinable @inline(__always)
  package func evaluate(_ t: Double, _ y: UnsafePointer<Double>, into rate: UnsafeMutablePointer<Double>) {
    let n = dimension
    var out = UnsafeMutableBufferPointer(start: rate, count: n).mutableSpan
    evaluate(t, UnsafeBufferPointer(start: y, count: n).span, into: &out)
  }

  /// Writes the error bounds of memory of `dimension` numbers each.
  @inlinable @inline(__always)
  package func errorBounds(
    _ y: UnsafePointer<Double>, _ tolerance: Tolerance, into bounds: UnsafeMutablePointer<Double>
  ) {
    let n = dimension
    var out = UnsafeMutableBufferPointer(start: bounds, count: n).mutableSpan
    errorBounds(UnsafeBufferPointer(start: y, count: n).span, tolerance, into: &out)
  }
}

extension DifferentiableField {
  /// Writes ÿ of memory of `dimension` numbers each.
  package func secondDerivative(
    _ t: Double, _ y: UnsafePointer<Double>, _ rate: UnsafePointer<Double>, into second: UnsafeMutablePointer<Double>
  ) {
    let n = dimension
    var out = UnsafeMutableBufferPointer(start: second, count: n).mutableSpan
    secondDerivative(
      t, UnsafeBufferPointer(start: y, count: n).span, UnsafeBufferPointer(start: rate, count: n).span, into: &out)
  }
}

extension JacobianField {
  /// Writes the Jacobian to memory of `dimension`² numbers, and ∂f/∂t.
  package func jacobian(
    _ t: Double, _ y: UnsafePointer<Double>, into matrix: UnsafeMutablePointer<Double>,
    timeDerivative: UnsafeMutablePointer<Double>
  ) {
    let n = dimension
    var rows = UnsafeMutableBufferPointer(start: matrix, count: n * n).mutableSpan
    var out = UnsafeMutableBufferPointer(start: timeDerivative, count: n).mutableSpan
    jacobian(t, UnsafeBufferPointer(start: y, count: n).span, into: &rows, timeDerivative: &out)
  }
}

/// Gives the memory of spans, for the time of the call, to code that works on `count` numbers each; traps if there are fewer.
@inlinable @inline(__always)
package func withPointers(
  _ y: Span<Double>, _ result: inout MutableSpan<Double>, count: Int,
  _ body: (UnsafePointer<Double>, UnsafeMutablePointer<Double>) -> Void
) {
  precondition(y.count >= count && result.count >= count)
  y.withUnsafeBufferPointer { y in
    result.withUnsafeMutableBufferPointer { result in
      if let y = y.baseAddress, let result = result.baseAddress { body(y, result) }
    }
  }
}

/// The same for a state and its rate.
@inlinable @inline(__always)
package func withPointers(
  _ y: Span<Double>, _ rate: Span<Double>, _ result: inout MutableSpan<Double>, count: Int,
  _ body: (UnsafePointer<Double>, UnsafePointer<Double>, UnsafeMutablePointer<Double>) -> Void
) {
  precondition(rate.count >= count)
  withPointers(y, &result, count: count) { y, result in
    rate.withUnsafeBufferPointer { if let rate = $0.baseAddress { body(y, rate, result) } }
  }
}

/// The same for a matrix of `count`² numbers and a vector.
@inlinable @inline(__always)
package func withPointers(
  _ y: Span<Double>, _ matrix: inout MutableSpan<Double>, _ vector: inout MutableSpan<Double>, count: Int,
  _ body: (UnsafePointer<Double>, UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>) -> Void
) {
  precondition(matrix.count >= count * count)
  withPointers(y, &vector, count: count) { y, vector in
    matrix.withUnsafeMutableBufferPointer { if let matrix = $0.baseAddress { body(y, matrix, vector) } }
  }
}
