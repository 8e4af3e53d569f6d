import CGLPK
import Dynamics
import Regression

/// The largest margin of labelled samples, max { min_q y_q x_qᵀθ : ‖θ‖ ≤ 1 }, in the norm ℓ1 or ℓ2: what the normalised iterates
/// of networks under losses with exponential tails are measured against.
///
/// Source: Gunasekar, Lee, Soudry, Srebro, "Characterizing implicit bias in terms of optimization geometry", ICML 2018.
public struct LargestMargin: Sendable, Equatable {
  /// θ of norm 1, d numbers.
  public let theta: [Double]
  /// The margin, positive.
  public let margin: Double

  private init(_ theta: [Double], _ margin: Double) {
    self.theta = theta
    self.margin = margin
  }

  /// By ‖θ‖₁, as a linear programme in θ = p − q and the margin: max m with Ap − Aq − m ≥ 0, Σ(p + q) = 1, by the simplex method.
  /// Nil when the samples cannot be separated.
  public static func l1(_ problem: RegressionProblem, iterations: Int = 1_000_000) -> LargestMargin? {
    let (n, d) = (problem.sampleCount, problem.featureCount)
    glp_term_out(GLP_OFF)
    guard let program = glp_create_prob() else { return nil }
    defer { glp_delete_prob(program) }
    glp_set_obj_dir(program, GLP_MAX)
    glp_add_rows(program, CInt(n + 1))
    glp_add_cols(program, CInt(2 * d + 1))
    for q in 0..<n { glp_set_row_bnds(program, CInt(q + 1), GLP_LO, 0, 0) }
    glp_set_row_bnds(program, CInt(n + 1), GLP_FX, 1, 1)
    // GLPK counts from 1.
    let rows = (0...n + 1).map { CInt($0) }
    var column = [Double](repeating: 0, count: n + 2)
    for i in 0..<d {
      for sign in [1.0, -1.0] {
        let j = CInt(sign > 0 ? i + 1 : d + i + 1)
        for q in 0..<n { column[q + 1] = sign * problem.response[q] * problem.design[q, i] }
        column[n + 1] = 1
        glp_set_col_bnds(program, j, GLP_LO, 0, 0)
        glp_set_mat_col(program, j, CInt(n + 1), rows, column)
      }
    }
    for q in 0..<n { column[q + 1] = -1 }
    let last = CInt(2 * d + 1)
    glp_set_col_bnds(program, last, GLP_FR, 0, 0)
    glp_set_obj_coef(program, last, 1)
    glp_set_mat_col(program, last, CInt(n), rows, column)
    guard let theta = solveBySimplex(program, features: d, iterations: iterations) else { return nil }
    let margin = glp_get_col_prim(program, last)
    return margin > 1e-12 ? LargestMargin(theta, margin) : nil
  }

  /// By ‖θ‖₂, the quadratic programme min { ‖θ‖₂ : Aθ ≥ 1 }, A the rows y_q x_q: as non-negative least squares for Aᵀu ≈ 0 and
  /// 1ᵀu ≈ 1, whose residual r gives θ ∝ −r (least distance programming). Nil when the samples cannot be separated.
  ///
  /// Source: Lawson and Hanson, Solving Least Squares Problems, chapter 23. Complexity: O(n²d) and an n × n Cholesky
  /// factorisation an iteration.
  public static func l2(_ problem: RegressionProblem) -> LargestMargin? {
    let (n, d) = (problem.sampleCount, problem.featureCount)
    let rows = (0..<n).map { q in (0..<d).map { problem.response[q] * problem.design[q, $0] } }
    // Scaled to rows of size 1, which changes θ by a factor only.
    let scale = rows.reduce(0) { max($0, $1.maximumMagnitude) } * Double(d).squareRoot()
    guard scale > 0 else { return nil }
    var gram = [Double](repeating: 0, count: n * n)
    for q in 0..<n {
      for r in 0...q {
        let product = zip(rows[q], rows[r]).reduce(0) { $0 + $1.0 * $1.1 } / (scale * scale)
        (gram[q * n + r], gram[r * n + q]) = (product + 1, product + 1)
      }
    }
    guard let u = nonNegativeLeastSquares(gram, [Double](repeating: 1, count: n)) else { return nil }
    var theta = [Double](repeating: 0, count: d)
    for (q, row) in rows.enumerated() where u[q] > 0 {
      for i in 0..<d { theta[i] += u[q] * row[i] }
    }
    let norm = theta.reduce(0) { $0 + $1 * $1 }.squareRoot()
    guard norm > 1e-12 * scale * u.reduce(0, +) else { return nil }
    theta = theta.map { $0 / norm }
    let margin = problem.leastMargin(theta)
    return margin > 0 ? LargestMargin(theta, margin) : nil
  }

  /// argmin { ½uᵀGu − bᵀu : u ≥ 0 } by Lawson and Hanson's active sets; nil when it does not come to an end.
  private static func nonNegativeLeastSquares(_ gram: [Double], _ b: [Double]) -> [Double]? {
    let n = b.count
    var u = [Double](repeating: 0, count: n)
    var isFree = [Bool](repeating: false, count: n)
    for _ in 0..<30 * n + 30 {
      let slope = (0..<n).map { q in b[q] - (0..<n).reduce(0) { $0 + gram[q * n + $1] * u[$1] } }
      let candidates = (0..<n).filter { !isFree[$0] && slope[$0] > 1e-13 * (1 + gram[$0 * n + $0]) }
      guard let entering = candidates.max(by: { slope[$0] < slope[$1] }) else { return u }
      isFree[entering] = true
      while true {
        let free = (0..<n).filter { isFree[$0] }
        guard let solution = solve(gram, b, free, n) else {
          isFree[entering] = false
          return u
        }
        var step = 1.0
        for (k, q) in free.enumerated() where solution[k] <= 0 { step = min(step, u[q] / (u[q] - solution[k])) }
        guard step < 1 else {
          for (k, q) in free.enumerated() { u[q] = solution[k] }
          break
        }
        for (k, q) in free.enumerated() {
          u[q] += step * (solution[k] - u[q])
          if solution[k] <= 0, u[q] <= 1e-15 { (u[q], isFree[q]) = (0, false) }
        }
      }
      // It wanted in for a rounding error.
      if !isFree[entering] { return u }
    }
    return nil
  }

  /// The solution of the rows and columns `free` of G u = b, by Cholesky; nil when they are dependent.
  private static func solve(_ gram: [Double], _ b: [Double], _ free: [Int], _ n: Int) -> [Double]? {
    let k = free.count
    var l = [Double](repeating: 0, count: k * k)
    var x = free.map { b[$0] }
    for i in 0..<k {
      for j in 0...i {
        var sum = gram[free[i] * n + free[j]]
        for h in 0..<j { sum -= l[i * k + h] * l[j * k + h] }
        if i == j {
          guard sum > 1e-14 * gram[free[i] * n + free[i]] else { return nil }
          l[i * k + i] = sum.squareRoot()
        } else {
          l[i * k + j] = sum / l[j * k + j]
        }
      }
      for h in 0..<i { x[i] -= l[i * k + h] * x[h] }
      x[i] /= l[i * k + i]
    }
    for i in stride(from: k - 1, through: 0, by: -1) {
      for h in i + 1..<max(k, i + 1) { x[i] -= l[h * k + i] * x[h] }
      x[i] /= l[i * k + i]
    }
    return x
  }
}
