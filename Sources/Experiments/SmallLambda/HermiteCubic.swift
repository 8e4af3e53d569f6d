import RealModule

/// The cubic through two values with two slopes, on [start, start + width].
///
/// Its error is width⁴/384 times the fourth derivative: halving the interval divides it by 16. Source: any text on
/// interpolation.
struct HermiteCubic {
  /// Where the interval begins.
  let start: Double
  /// How long it is.
  let width: Double
  /// The coefficients of powers 0 to 3 of (x − start)/width.
  private let c: (Double, Double, Double, Double)

  /// The cubic of values `f` and slopes `s` at the two ends.
  init(from start: Double, to end: Double, _ f: (Double, Double), slopes s: (Double, Double)) {
    self.start = start
    width = end - start
    let (a, b) = (s.0 * width, s.1 * width)
    c = (f.0, a, 3 * (f.1 - f.0) - 2 * a - b, 2 * (f.0 - f.1) + a + b)
  }

  /// The value at x.
  func value(at x: Double) -> Double {
    let t = (x - start) / width
    return ((c.3 * t + c.2) * t + c.1) * t + c.0
  }

  /// The slope at x.
  func slope(at x: Double) -> Double {
    let t = (x - start) / width
    return ((3 * c.3 * t + 2 * c.2) * t + c.1) / width
  }

  /// The points strictly inside where the slope vanishes, in order: none, one or two.
  var criticalPoints: [Double] {
    let (a, b) = (3 * c.3, 2 * c.2)
    let square = b * b - 4 * a * c.1
    guard square > 0 else { return [] }
    // Without cancellation; the second root is missing when the cubic is a parabola.
    let q = -0.5 * (b + (b < 0 ? -square.squareRoot() : square.squareRoot()))
    let roots = [q / a, c.1 / q].filter { $0 > 0 && $0 < 1 }
    return roots.sorted().map { start + $0 * width }
  }

  /// The least value on the interval.
  var minimum: Double {
    let ends = min(c.0, c.0 + c.1 + c.2 + c.3)
    return criticalPoints.reduce(ends) { min($0, value(at: $1)) }
  }
}
