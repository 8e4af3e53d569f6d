/// An autonomous or time-dependent system ẏ = f(t, y).
///
/// The state is one flat array of `dimension` numbers. Its last coordinates may be `quadratures`: pure integrals, which
/// feed back into no coordinate; steppers carry them but leave them out of error control. A field owns its scratch
/// memory and is therefore used by one integration at a time. States and rates come and go as spans of `dimension` numbers:
/// a field of one's own needs no pointers.
public protocol VectorField: AnyObject {
  /// The number of coordinates of the state.
  var dimension: Int { get }

  /// The trailing coordinates that are pure integrals; empty by default.
  var quadratures: Range<Int> { get }

  /// The work done so far in units of one pass over the data (one gradient evaluation).
  var passes: Int { get }

  /// Writes f(t, y), `dimension` numbers, to `rate`. Does not check for non-finite values: the stepper does.
  func evaluate(_ t: Double, _ y: Span<Double>, into rate: inout MutableSpan<Double>)

  /// Writes, for each coordinate, the largest local error that `tolerance` allows at state `y`.
  ///
  /// By default atol + rtol|yᵢ|, and no bound (infinity) on quadratures.
  func errorBounds(_ y: Span<Double>, _ tolerance: Tolerance, into bounds: inout MutableSpan<Double>)
}

/// A vector field that knows ÿ exactly: what Hermite segments need.
public protocol DifferentiableField: VectorField {
  /// Writes ÿ = Df(y)·ẏ + ∂f/∂t at (t, y), where `rate` = ẏ. Costs about one pass.
  func secondDerivative(
    _ t: Double, _ y: Span<Double>, _ rate: Span<Double>, into second: inout MutableSpan<Double>)
}

/// A vector field that knows its Jacobian: what implicit steppers without a structure of their own need.
public protocol JacobianField: DifferentiableField {
  /// Writes the Jacobian Df (`dimension` × `dimension`, row-major) and ∂f/∂t (`dimension`). O(dimension²) memory.
  func jacobian(
    _ t: Double, _ y: Span<Double>, into matrix: inout MutableSpan<Double>,
    timeDerivative: inout MutableSpan<Double>)
}

extension VectorField {
  public var quadratures: Range<Int> { dimension..<dimension }

  public func errorBounds(_ y: Span<Double>, _ tolerance: Tolerance, into bounds: inout MutableSpan<Double>) {
    for i in 0..<dimension {
      bounds[i] = tolerance.bound(y[i])
    }
    for i in quadratures {
      bounds[i] = .infinity
    }
  }
}
