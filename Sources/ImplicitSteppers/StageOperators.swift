import COpenBLAS
import Dynamics
import RealModule

/// What takes the stages' values of polynomials that vanish at the step's start to those of their derivatives or, for a
/// recursion, differences, s × s, row-major, in units of the step: for a flow D, D and D²; for a recursion with η = ε/h
///
/// ∇p = [p(x) − p(x − η)]/η = Σₘ (−η)ᵐ⁻¹ p⁽ᵐ⁾/m!, Δp = [p(x + η) − p(x)]/η = Σₘ ηᵐ⁻¹ p⁽ᵐ⁾/m!, and Δ∇,
///
/// which tend to D, D and D² as η → 0. Both sums end with m = s, and nothing cancels in them for small η.
final class StageOperators {
  /// ∇: from increments of w to h·v.
  let backward: UnsafeMutablePointer<Double>
  /// Δ: from increments of v to h·(λv̇ without λ).
  let forward: UnsafeMutablePointer<Double>
  /// Δ∇.
  let second: UnsafeMutablePointer<Double>
  /// Δ⁻¹: from integrands to integrals/h, for a recursion sums.
  let integral: UnsafeMutablePointer<Double>

  /// λμ²/h² + μ/h with μ the symbol of the differences, for the real and the complex eigenvalues, by 1 + aμ/h each.
  private(set) var realShift = 0.0
  private(set) var complexShifts: [(real: Double, imaginary: Double)]
  /// 1/(1 + aμ/h), real first; all one for a = 0.
  private(set) var scales: [(real: Double, imaginary: Double)]

  private let method: RadauMethod
  private let lambda: Double
  private let recursion: Recursion?
  var isRecursion: Bool { recursion != nil }
  private let s: Int
  /// p⁽ᵐ⁾/m! at the nodes, m = 2 … s; empty for a flow.
  private let derivatives: [[Double]]
  private let workspace = Workspace()

  init(_ method: RadauMethod, lambda: Double, recursion: Recursion?) {
    let s = method.stages
    (self.method, self.lambda, self.recursion, self.s) = (method, lambda, recursion, s)
    backward = workspace.zeros(s * s)
    forward = workspace.zeros(s * s)
    second = workspace.zeros(s * s)
    integral = workspace.zeros(s * s)
    for k in 0..<s * s {
      (backward[k], forward[k]) = (method.differentiation[k], method.differentiation[k])
      (second[k], integral[k]) = (method.secondDifferentiation[k], method.butcher[k])
    }
    complexShifts = method.complexShifts
    scales = [(real: Double, imaginary: Double)](repeating: (1, 0), count: 1 + method.complexShifts.count)
    derivatives =
      recursion == nil
      ? []
      : (2...s).map { m in
        (0..<s * s).map { index in
          let (i, j) = (index / s, index % s)
          var (sum, binomial, power) = (0.0, 1.0, 1.0)
          for k in m...s {
            sum += method.dense[(k - 1) * s + j] * binomial * power
            binomial *= Double(k + 1) / Double(k + 1 - m)
            power *= method.nodes[i]
          }
          return sum
        }
      }
  }

  /// Makes them those of a step h.
  func prepare(_ h: Double) {
    func shift(_ re: Double, _ im: Double) -> (real: Double, imaginary: Double) {
      (lambda * (re * re - im * im) / (h * h) + re / h, lambda * 2 * re * im / (h * h) + im / h)
    }
    guard let recursion else {
      realShift = shift(method.realShift, 0).real
      for k in complexShifts.indices {
        complexShifts[k] = shift(method.complexShifts[k].real, method.complexShifts[k].imaginary)
      }
      return
    }
    let eta = recursion.step / h
    for k in 0..<s * s { (backward[k], forward[k]) = (method.differentiation[k], method.differentiation[k]) }
    var power = 1.0
    for (index, derivative) in derivatives.enumerated() {
      power *= eta
      let alternating = index % 2 == 0 ? -power : power
      for k in 0..<s * s {
        backward[k] += alternating * derivative[k]
        forward[k] += power * derivative[k]
      }
    }
    for i in 0..<s {
      for j in 0..<s { second[i * s + j] = (0..<s).reduce(0) { $0 + forward[i * s + $1] * backward[$1 * s + j] } }
    }
    let eigenvalues = [(real: method.realShift, imaginary: 0)] + method.complexShifts
    for (k, mu) in eigenvalues.enumerated() {
      // The symbols of ∇ and Δ∇: (1 − e^{−ημ})/η and (e^{ημ} − 2 + e^{−ημ})/η² = (2 sinh(ημ/2)/η)².
      let (x, y) = (0.5 * eta * mu.real, 0.5 * eta * mu.imaginary)
      let half = (
        real: 2 / eta * Double.sinh(x) * Double.cos(y), imaginary: 2 / eta * Double.cosh(x) * Double.sin(y)
      )
      let decay = Double.exp(-x)
      let difference = product(half, (decay * Double.cos(y), -decay * Double.sin(y)))
      let square = product(half, half)
      let scale = inverse((1 + recursion.lookahead / h * difference.real, recursion.lookahead / h * difference.imaginary))
      scales[k] = scale
      let value = product(
        (
          lambda * square.real / (h * h) + difference.real / h,
          lambda * square.imaginary / (h * h) + difference.imaginary / h
        ), scale)
      if k == 0 { realShift = value.real } else { complexShifts[k - 1] = value }
    }
  }

  /// Makes `integral` that of the last step prepared; false when it does not exist. O(s³).
  func prepareIntegral() -> Bool {
    guard recursion != nil else { return true }
    var (a, b) = ([Double](repeating: 0, count: s * s), [Double](repeating: 0, count: s * s))
    for i in 0..<s {
      b[i * s + i] = 1
      for j in 0..<s { a[j * s + i] = forward[i * s + j] }
    }
    var (size, columns, info) = (CInt(s), CInt(s), CInt(0))
    var pivots = [CInt](repeating: 0, count: s)
    dgetrf_(&size, &size, &a, &size, &pivots, &info)
    guard info == 0 else { return false }
    dgetrs_("N", &size, &columns, &a, &size, &pivots, &b, &size, &info)
    for i in 0..<s {
      for j in 0..<s { integral[i * s + j] = b[j * s + i] }
    }
    return info == 0
  }

  private typealias Complex = (real: Double, imaginary: Double)

  private func product(_ a: Complex, _ b: Complex) -> Complex {
    (a.real * b.real - a.imaginary * b.imaginary, a.real * b.imaginary + a.imaginary * b.real)
  }

  private func inverse(_ a: Complex) -> Complex {
    let size = a.real * a.real + a.imaginary * a.imaginary
    return (a.real / size, -a.imaginary / size)
  }
}
