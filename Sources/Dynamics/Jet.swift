/// The Taylor series of one solution about one point, with its memory: what a Taylor stepper works with.
///
/// Coefficients are kept in a unit of time of the caller's choice, cₖ = unitᵏ y⁽ᵏ⁾/k!, so that they neither overflow nor
/// vanish; the series' argument s is time in that unit.
public protocol Jet: AnyObject {
  /// The degree N at which the series of the state is cut off.
  var degree: Int { get }

  /// Computes the coefficients of the solution through `y` at time `t`.
  func expand(_ y: UnsafePointer<Double>, at t: Double, unit: Double)

  /// The largest coefficients of orders N − 1 and N over the coordinates under error control, in units of the error that
  /// `tolerance` allows there; not a number when any is not finite.
  func lastOrders(_ tolerance: Tolerance) -> (before: Double, last: Double)

  /// Whether one of `coordinates` may have changed sign between 0 and s; false is certain.
  func mayChangeSign(_ coordinates: Range<Int>, within s: Double) -> Bool

  /// Writes how far the state at s is from that at 0. Complexity: O(degree · dimension).
  func increment(to s: Double, into change: UnsafeMutablePointer<Double>)

  /// Writes the coefficients for an argument that runs from 0 to 1 as time runs from 0 to s: (degree + 1) × dimension.
  func copyCoefficients(upTo s: Double, into c: UnsafeMutablePointer<Double>)

  /// The same for some of the coordinates: (degree + 1) × their number; false when only all can be had.
  func copyCoefficients(upTo s: Double, of coordinates: Range<Int>, into c: UnsafeMutablePointer<Double>) -> Bool
}

extension Jet {
  /// Only all can be had.
  public func copyCoefficients(
    upTo s: Double, of coordinates: Range<Int>, into c: UnsafeMutablePointer<Double>
  ) -> Bool { false }
}

/// A vector field whose solutions have Taylor series that it can compute itself.
public protocol SeriesField: VectorField {
  /// Memory for series of at least this degree (models may prefer the next one up).
  func makeJet(degree: Int) -> any Jet

  /// How the work of a series of degree N grows: linear·N + quadratic·N², in any unit.
  var seriesWork: (linear: Double, quadratic: Double) { get }
}
