/// The standard normal quantile Φ⁻¹(p), 0 < p < 1, with about 1e-16 relative accuracy and no use of libm.
///
/// Only +, −, ×, ÷ and the correctly rounded square root are used, so the result has the same bits everywhere.
/// Source: Wichura, "Algorithm AS 241: the percentage points of the normal distribution", Applied Statistics 37
/// (1988), routine PPND16.
public func normalQuantile(_ p: Double) -> Double {
  let q = p - 0.5
  if abs(q) <= 0.425 {
    let r = 0.180625 - q * q
    return q * ratio(r, centralNumerator, centralDenominator)
  }
  let tail = q < 0 ? p : 1 - p
  let r = (-naturalLogarithm(tail)).squareRoot()
  let x =
    r <= 5
    ? ratio(r - 1.6, middleNumerator, middleDenominator)
    : ratio(r - 5, farNumerator, farDenominator)
  return q < 0 ? -x : x
}

/// ln x for positive normal x, from exactly rounded operations: x = 2ᵉ·m with m in [1/√2, √2), ln m = 2 artanh s,
/// s = (m − 1)/(m + 1), by its series up to s²³ (truncation below 1e-19). Accuracy: a few units in the last place.
func naturalLogarithm(_ x: Double) -> Double {
  var m = x.significand
  var e = Double(x.exponent)
  if m > 1.4142135623730951 {
    m *= 0.5
    e += 1
  }
  let s = (m - 1) / (m + 1)
  let z = s * s
  var sum = 0.0
  for k in stride(from: 23, through: 3, by: -2) {
    sum = (sum + 1 / Double(k)) * z
  }
  // ln 2 in two parts, so that e·high is exact.
  let high = 0x1.62e42feep-1
  let low = 0x1.a39ef35793c76p-33
  return e * high + (2 * s + (2 * s * sum + e * low))
}

private func ratio(_ x: Double, _ numerator: [8 of Double], _ denominator: [8 of Double]) -> Double {
  var a = numerator[7]
  var b = denominator[7]
  for k in stride(from: 6, through: 0, by: -1) {
    a = a * x + numerator[k]
    b = b * x + denominator[k]
  }
  return a / b
}

private let centralNumerator: [8 of Double] = [
  3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3, 1.3731693765509461125e4,
  4.5921953931549871457e4, 6.7265770927008700853e4, 3.3430575583588128105e4, 2.5090809287301226727e3,
]
private let centralDenominator: [8 of Double] = [
  1, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3,
  2.1213794301586595867e4, 3.9307895800092710610e4, 2.8729085735721942674e4, 5.2264952788528545610e3,
]
private let middleNumerator: [8 of Double] = [
  1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0, 3.64784832476320460504e0,
  1.27045825245236838258e0, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4,
]
private let middleDenominator: [8 of Double] = [
  1, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1,
  1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9,
]
private let farNumerator: [8 of Double] = [
  6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0, 2.96560571828504891230e-1,
  2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7,
]
private let farDenominator: [8 of Double] = [
  1, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
  7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15,
]
