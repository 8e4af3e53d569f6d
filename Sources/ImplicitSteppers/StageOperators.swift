import Dynamics
import LinearAlgebra

/// What takes the stages' values of polynomials that vanish at the step's start to those of their derivatives or, for a
/// recursion, differences, s × s, row-major, in units of the step: for a flow D, D and D²; for a recursion with η = ε/h
///
/// ∇p = [p(x) − p(x − η)]/η = Σₘ (−η)ᵐ⁻¹ p⁽ᵐ⁾/m!, Δp = [p(x + η) − p(x)]/η = Σₘ ηᵐ⁻¹ p⁽ᵐ⁾/m!, and Δ∇,
///
/// which tend to D, D and D² as η → 0. Both sums end with m = s, and nothing cancels in them for small η.
///
/// Newton's method solves (M + f′B) δζ = r with M = λΔ∇/h² + ∇/h and B = 1 + a∇/h: in the eigenbasis T of MB⁻¹ that is
/// (ν + f′) y = T⁻¹r, eigenvalue by eigenvalue, and δζ = B⁻¹Ty. For a flow T is that of D and ν = λμ²/h² + μ/h.
final class StageOperators {
  /// ∇: from increments of w to h·v.
  let backward: UnsafeMutablePointer<Double>
  /// Δ: from increments of v to h·v̇.
  let forward: UnsafeMutablePointer<Double>
  /// Δ∇.
  let second: UnsafeMutablePointer<Double>
  /// Δ⁻¹: from integrands to integrals/h, for a recursion sums.
  let integral: UnsafeMutablePointer<Double>
  /// T⁻¹ and B⁻¹T, in the real form of `RadauMethod`.
  let toModes: UnsafeMutablePointer<Double>
  let fromModes: UnsafeMutablePointer<Double>
  /// ν of the real eigenvalue, and of one of each complex pair.
  private(set) var realShift = 0.0
  private(set) var complexShifts: [(real: Double, imaginary: Double)]

  private let method: RadauMethod
  private let lambda: Double
  private let recursion: Recursion?
  private let s: Int
  /// p⁽ᵐ⁾/m! at the nodes, m = 2 … s; empty for a flow.
  private let derivatives: [[Double]]
  private let workspace = Workspace()

  init(_ method: RadauMethod, lambda: Double, recursion: Recursion?) {
    let s = method.stages
    (self.method, self.lambda, self.recursion, self.s) = (method, lambda, recursion, s)
    let workspace = workspace
    func memory(_ values: [Double]) -> UnsafeMutablePointer<Double> {
      let memory = workspace.zeros(s * s)
      for k in 0..<s * s { memory[k] = values[k] }
      return memory
    }
    backward = memory(method.differentiation)
    forward = memory(method.differentiation)
    second = memory(method.secondDifferentiation)
    integral = memory(method.butcher)
    toModes = memory(method.toModes)
    fromModes = memory(method.fromModes)
    complexShifts = method.complexShifts
    derivatives =
      recursion == nil
      ? []
      : (2...s).map { m in
        (0..<s * s).map { index in
          // The binomials k over m times the powers of the node.
          var (sum, factor) = (0.0, 1.0)
          for k in m...s {
            sum += method.dense[(k - 1) * s + index % s] * factor
            factor *= Double(k + 1) / Double(k + 1 - m) * method.nodes[index / s]
          }
          return sum
        }
      }
  }

  var isRecursion: Bool { recursion != nil }

  /// Makes them those of a step h; false when there is no such eigenbasis.
  func prepare(_ h: Double) -> Bool {
    guard let recursion else {
      func shift(_ re: Double, _ im: Double) -> (real: Double, imaginary: Double) {
        (lambda * (re * re - im * im) / (h * h) + re / h, lambda * 2 * re * im / (h * h) + im / h)
      }
      realShift = shift(method.realShift, 0).real
      for k in complexShifts.indices {
        complexShifts[k] = shift(method.complexShifts[k].real, method.complexShifts[k].imaginary)
      }
      return true
    }
    for k in 0..<s * s { (backward[k], forward[k]) = (method.differentiation[k], method.differentiation[k]) }
    var power = 1.0
    for (index, derivative) in derivatives.enumerated() {
      power *= recursion.step / h
      let alternating = index % 2 == 0 ? -power : power
      for k in 0..<s * s {
        backward[k] += alternating * derivative[k]
        forward[k] += power * derivative[k]
      }
    }
    var (system, seen) = ([Double](repeating: 0, count: s * s), [Double](repeating: 0, count: s * s))
    for i in 0..<s {
      for j in 0..<s {
        second[i * s + j] = (0..<s).reduce(0) { $0 + forward[i * s + $1] * backward[$1 * s + j] }
        system[i * s + j] = lambda / h * second[i * s + j] + backward[i * s + j]
        seen[i * s + j] = recursion.lookahead / h * backward[i * s + j] + (i == j ? 1 : 0)
      }
    }
    guard let inverse = Dense.inverse(seen, s) else { return false }
    let product = multiplied(system, inverse)
    guard product.allSatisfy(\.isFinite), let modes = try? RadauMethod.modes(product, s) else { return false }
    realShift = modes.real / h
    complexShifts = modes.complex.map { ($0.real / h, $0.imaginary / h) }
    let from = multiplied(inverse, modes.from)
    for k in 0..<s * s { (toModes[k], fromModes[k]) = (modes.to[k], from[k]) }
    return true
  }

  /// Makes `integral` that of the last step prepared; false when it does not exist. O(s³).
  func prepareIntegral() -> Bool {
    guard recursion != nil else { return true }
    guard let inverse = Dense.inverse(Array(UnsafeBufferPointer(start: forward, count: s * s)), s) else { return false }
    for k in 0..<s * s { integral[k] = inverse[k] }
    return true
  }

  private func multiplied(_ a: [Double], _ b: [Double]) -> [Double] {
    (0..<s * s).map { k in (0..<s).reduce(0) { $0 + a[k / s * s + $1] * b[$1 * s + k % s] } }
  }
}
