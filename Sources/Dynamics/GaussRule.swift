import RealModule

/// Gauss's rule on [0, 1]: Σ bₖ f(cₖ) is exact for polynomials of degree 2n − 1.
///
/// Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 25.4.29.
public struct GaussRule: Sendable {
  /// cₖ, increasing.
  public private(set) var nodes: [Double] = []
  /// bₖ.
  public private(set) var weights: [Double] = []

  /// The rule of `count` nodes: the roots of P_n by Newton's method from Bruns's estimates.
  public init(_ count: Int) {
    for k in 0..<count {
      var x = -Double.cos(.pi * (Double(k) + 0.75) / (Double(count) + 0.5))
      for _ in 0..<20 {
        let p = Self.legendre(count, x)
        x -= p.value / p.slope
      }
      let slope = Self.legendre(count, x).slope
      nodes.append(0.5 * (1 + x))
      weights.append(1 / ((1 - x * x) * slope * slope))
    }
  }

  /// P_n and its derivative at x in (−1, 1).
  package static func legendre(_ n: Int, _ x: Double) -> (value: Double, slope: Double) {
    var (p, q) = (1.0, 0.0)
    for k in 0..<n { (p, q) = ((Double(2 * k + 1) * x * p - Double(k) * q) / Double(k + 1), p) }
    return (p, Double(n) * (x * p - q) / (x * x - 1))
  }
}
