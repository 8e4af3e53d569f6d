/// A number held as the unevaluated sum of two doubles, |low| ≤ ½ ulp(high): about 106 bits, with the range of a double.
///
/// Error-free sums (Knuth) and products (by fused multiply-add); relative errors of a few 2⁻¹⁰⁴ an operation. For what must
/// be known beyond the rounding of its data: bases of nearly dependent rows, residuals of ill-conditioned systems.
///
/// Source: Dekker, Numerische Mathematik 18 (1971); Hida, Li, Bailey, ARITH-15 (2001).
package struct DoubleDouble: Sendable {
  /// The nearest double.
  package private(set) var high: Double
  /// What it leaves out.
  package private(set) var low: Double

  /// x exactly.
  package init(_ x: Double) { (high, low) = (x, 0) }

  /// a + b exactly, for |a| ≥ |b| or a = 0.
  private init(ordered a: Double, _ b: Double) {
    high = a + b
    low = b - (high - a)
  }

  /// a + b exactly.
  package init(sum a: Double, _ b: Double) {
    high = a + b
    let part = high - a
    low = (a - (high - part)) + (b - part)
  }

  /// a·b exactly, unless it underflows.
  package init(product a: Double, _ b: Double) {
    high = a * b
    low = (-high).addingProduct(a, b)
  }

  package static func + (a: DoubleDouble, b: DoubleDouble) -> DoubleDouble {
    let highs = DoubleDouble(sum: a.high, b.high)
    let lows = DoubleDouble(sum: a.low, b.low)
    let first = DoubleDouble(ordered: highs.high, highs.low + lows.high)
    return DoubleDouble(ordered: first.high, first.low + lows.low)
  }

  package static prefix func - (a: DoubleDouble) -> DoubleDouble {
    var result = a
    (result.high, result.low) = (-a.high, -a.low)
    return result
  }

  package static func - (a: DoubleDouble, b: DoubleDouble) -> DoubleDouble { a + -b }

  package static func * (a: DoubleDouble, b: DoubleDouble) -> DoubleDouble {
    let product = DoubleDouble(product: a.high, b.high)
    return DoubleDouble(ordered: product.high, product.low.addingProduct(a.high, b.low).addingProduct(a.low, b.high))
  }

  package static func * (a: DoubleDouble, b: Double) -> DoubleDouble {
    let product = DoubleDouble(product: a.high, b)
    return DoubleDouble(ordered: product.high, product.low.addingProduct(a.low, b))
  }

  package static func / (a: DoubleDouble, b: DoubleDouble) -> DoubleDouble {
    let first = a.high / b.high
    let rest = a - b * first
    let second = rest.high / b.high
    let third = (rest - b * second).high / b.high
    return DoubleDouble(ordered: first, second) + DoubleDouble(third)
  }

  /// The root of a number ≥ 0, by one Newton step from that of a double.
  package func squareRoot() -> DoubleDouble {
    guard high > 0 else { return DoubleDouble(0) }
    let root = high.squareRoot()
    let rest = self - DoubleDouble(product: root, root)
    return DoubleDouble(ordered: root, rest.high / (2 * root))
  }
}
