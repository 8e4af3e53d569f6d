extension Twin {
  /// Elementary functions from exactly rounded operations: the same bits everywhere, within about one unit in the last place.
  public enum Elementary {
    /// ln 2 in two parts, so that e·high is exact for every exponent e.
    private static let (high, low) = (0x1.62e42feep-1, 0x1.a39ef35793c76p-33)

    /// eˣ: x = k ln 2 + r, and the series of eʳ − 1 up to r¹³ with the rounding of r carried along.
    @inline(never)
    public static func exp(_ x: Double) -> Double {
      guard x == x, x <= 709.782712893384 else { return x == x ? .infinity : x }
      guard x > -745.133219101942 else { return 0 }
      let k = Int(x * 1.4426950408889634 + (x < 0 ? -0.5 : 0.5))
      let (first, rest) = (x - Double(k) * high, Double(k) * low)
      let r = first - rest
      let lost = (first - r) - rest
      var sum = 1.0 / 6_227_020_800
      var factorial = 479_001_600.0
      for n in stride(from: 12, through: 2, by: -1) {
        sum = sum * r + 1 / factorial
        factorial /= Double(n)
      }
      let y = 1 + (r + (r * r * sum + lost))
      if k > 1023 { return y * 2 * power(of2: k - 1) }
      return k < -1021 ? y * power(of2: k + 1000) * 0x1p-1000 : y * power(of2: k)
    }

    /// 2ᵏ for −1022 ≤ k ≤ 1023.
    static func power(of2 k: Int) -> Double { Double(bitPattern: UInt64(k + 1023) << 52) }

    /// ln x: x = 2ᵉ(1 + f) with 1 + f in [1/√2, √2).
    @inline(never)
    public static func log(_ x: Double) -> Double {
      guard x > 0, x < .infinity else { return x == 0 ? -.infinity : (x > 0 ? x : .nan) }
      let isSmall = x < 0x1p-1022
      let bits = (isSmall ? x * 0x1p54 : x).bitPattern
      var e = Int(bits >> 52) - 1023 - (isSmall ? 54 : 0)
      var m = Double(bitPattern: bits & 0x000f_ffff_ffff_ffff | 0x3ff0_0000_0000_0000)
      if m > 1.4142135623730951 {
        m *= 0.5
        e += 1
      }
      return logarithm(m - 1, Double(e))
    }

    /// ln(1 + x).
    public static func log(onePlus x: Double) -> Double {
      if x > -0.29, x < 0.41 { return abs(x) < 0x1p-54 ? x : logarithm(x, 0) }
      let u = 1 + x
      guard u > 0, u < 0x1p60 else { return log(u) }
      return log(u) + (x > 1 ? 1 - (u - x) : x - (u - 1)) / u
    }

    /// ln(1 + f) + e ln 2 = f − f²/2 + s(f²/2 + R) + e ln 2, s = f/(2 + f), R = ⅔s² + ⅖s⁴ + … up to s²².
    private static func logarithm(_ f: Double, _ e: Double) -> Double {
      let s = f / (2 + f)
      let z = s * s
      var sum = 0.0
      for k in stride(from: 11, through: 1, by: -1) { sum = (sum + 2 / Double(2 * k + 1)) * z }
      let half = 0.5 * f * f
      return e * high - ((half - (s * (half + sum) + e * low)) - f)
    }

    /// xʸ for x > 0: within |y ln x| units of the last place, which is enough for step sizes.
    static func power(_ x: Double, _ y: Double) -> Double { exp(y * log(x)) }

    /// sinh x for |x| ≤ 1, by its series.
    static func sinh(_ x: Double) -> Double {
      let z = x * x
      var sum = 0.0
      for k in stride(from: 22, through: 2, by: -2) { sum = (1 + sum) * z / Double(k * (k + 1)) }
      return x + x * sum
    }

    /// arcsinh x.
    public static func asinh(_ x: Double) -> Double {
      let a = abs(x)
      let value =
        a < 0x1p28 ? log(onePlus: a + a * a / (1 + (1 + a * a).squareRoot())) : log(a) + 0.6931471805599453
      return x < 0 ? -value : value
    }

    /// ln|1 + x|, accurate for small x.
    static func logMagnitude(onePlus x: Double) -> Double { x > -0.5 ? log(onePlus: x) : log(abs(1 + x)) }
  }
}
