import CGLPK
import Dynamics
import Regression

/// The interpolator of least ℓ1 norm, argmin { ‖θ‖₁ : Xθ = y }: what the rich regime tends to. A linear programme in θ = p − q,
/// p, q ≥ 0, solved by the simplex method.
public struct SparsestInterpolator: Sendable, Equatable {
  /// θ, d numbers.
  public let theta: [Double]
  /// ‖θ‖₁.
  public let norm: Double

  /// Solves the programme; nil when it is not solvable, or the simplex method does not come to an end in `iterations`.
  public init?(_ problem: RegressionProblem, iterations: Int = 1_000_000) {
    let (n, d) = (problem.sampleCount, problem.featureCount)
    glp_term_out(GLP_OFF)
    guard let program = glp_create_prob() else { return nil }
    defer { glp_delete_prob(program) }
    glp_set_obj_dir(program, GLP_MIN)
    glp_add_rows(program, CInt(n))
    glp_add_cols(program, CInt(2 * d))
    for q in 0..<n {
      let value = problem.response[q]
      glp_set_row_bnds(program, CInt(q + 1), GLP_FX, value, value)
    }
    // GLPK counts from 1.
    let rows = (0...n).map { CInt($0) }
    var column = [Double](repeating: 0, count: n + 1)
    for i in 0..<d {
      for sign in [1.0, -1.0] {
        let j = CInt(sign > 0 ? i + 1 : d + i + 1)
        for q in 0..<n { column[q + 1] = sign * problem.design[q, i] }
        glp_set_col_bnds(program, j, GLP_LO, 0, 0)
        glp_set_obj_coef(program, j, 1)
        glp_set_mat_col(program, j, CInt(n), rows, column)
      }
    }
    guard let solution = solveBySimplex(program, features: d, iterations: iterations) else { return nil }
    theta = solution
    norm = theta.reduce(0) { $0 + abs($1) }
  }
}
