import RealModule

/// Quantities derived from a state w = (w₊, w₋), 2d numbers, coordinate by coordinate.
public enum NetworkQuantities {
  /// θ = (w₊² − w₋²)/4, d numbers.
  @inlinable
  public static func theta<W: RandomAccessCollection<Double>>(_ w: W) -> [Double] {
    pairwise(w) { 0.25 * ($0 * $0 - $1 * $1) }
  }

  /// D = u² − v² = w₊⊙w₋, signed, d numbers.
  @inlinable
  public static func signedBalancedness<W: RandomAccessCollection<Double>>(_ w: W) -> [Double] {
    pairwise(w) { $0 * $1 }
  }

  /// Δ = |u² − v²| = |w₊⊙w₋|, d numbers.
  @inlinable
  public static func balancedness<W: RandomAccessCollection<Double>>(_ w: W) -> [Double] {
    pairwise(w) { abs($0 * $1) }
  }

  /// u = (w₊ + w₋)/2, d numbers.
  @inlinable
  public static func u<W: RandomAccessCollection<Double>>(_ w: W) -> [Double] {
    pairwise(w) { 0.5 * ($0 + $1) }
  }

  /// v = (w₊ − w₋)/2, d numbers.
  @inlinable
  public static func v<W: RandomAccessCollection<Double>>(_ w: W) -> [Double] {
    pairwise(w) { 0.5 * ($0 - $1) }
  }

  /// D + λḊ = w₊w₋ + λ(ẇ₊w₋ + w₊ẇ₋), what the additive balance identity conserves up to its integral, d numbers.
  @inlinable
  public static func extendedBalancedness<W: RandomAccessCollection<Double>, V: RandomAccessCollection<Double>>(
    _ w: W, _ rate: V, lambda: Double
  ) -> [Double] {
    let d = w.count / 2
    let (a, b) = (Array(w), Array(rate))
    return (0..<d).map { a[$0] * a[d + $0] + lambda * (b[$0] * a[d + $0] + a[$0] * b[d + $0]) }
  }

  /// The kinetic energy λ(‖ẇ₊‖² + ‖ẇ₋‖²)/4.
  @inlinable
  public static func kineticEnergy<V: Sequence<Double>>(_ rate: V, lambda: Double) -> Double {
    0.25 * lambda * Array(rate).reduce(0) { $0 + $1 * $1 }
  }

  /// ln|x·2ᵉ|.
  public static func logMagnitude(_ x: Double, _ exponent: Int) -> Double {
    Double.log(abs(x)) + (exponent == 0 ? 0 : Double(exponent) * 0.6931471805599453)
  }

  /// xᵢ·2^{eᵢ} as doubles: zero or subnormal where they leave the range; x itself for nil.
  public static func rounded(_ x: [Double], _ exponents: [Int]?) -> [Double] {
    guard let exponents else { return x }
    return zip(x, exponents).map { Double(sign: .plus, exponent: max(-3000, min(3000, $1)), significand: $0) }
  }

  /// `body` of each coordinate's two numbers, d numbers.
  @inlinable
  package static func pairwise<W: RandomAccessCollection<Double>>(
    _ w: W, _ body: (Double, Double) -> Double
  ) -> [Double] {
    // Where it is not specialised, an array is copied at once and then read fast.
    let w = Array(w)
    let d = w.count / 2
    return (0..<d).map { body(w[$0], w[d + $0]) }
  }
}
