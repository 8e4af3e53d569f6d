import CGLPK

/// θ = p − q (d numbers) of a linear programme whose first 2d columns are p and q, by the simplex method; nil when it has no
/// optimum, or the method does not come to an end in `iterations`.
func solveBySimplex(_ program: OpaquePointer, features d: Int, iterations: Int) -> [Double]? {
  glp_scale_prob(program, GLP_SF_AUTO)
  var parameters = glp_smcp()
  glp_init_smcp(&parameters)
  parameters.msg_lev = GLP_MSG_OFF
  parameters.presolve = GLP_ON
  parameters.it_lim = CInt(min(iterations, Int(CInt.max)))
  guard glp_simplex(program, &parameters) == 0, glp_get_status(program) == GLP_OPT else { return nil }
  return (0..<d).map { glp_get_col_prim(program, CInt($0 + 1)) - glp_get_col_prim(program, CInt(d + $0 + 1)) }
}
