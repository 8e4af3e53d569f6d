import Dynamics

/// That what is integrated is not a flow but, between its iterates, a recursion of time step ε:
///
/// λ(v_{k+1} − v_k)/ε + v_k + f(w_k + a·v_k) = 0, v_k = (w_k − w_{k−1})/ε,
///
/// heavy ball with a = 0, Nesterov's method with a = βε, at λ = γ/(1−β)², ε = γ/(1−β).
///
/// Where the iterates move slowly they lie on a smooth curve w(kε) that obeys λ[v(t + ε) − v(t)]/ε + v + f(w + a·v) = 0 and
/// v(t) = [w(t) − w(t − ε)]/ε at every t. Collocation asks just that of polynomials at the nodes of a step h ≫ ε, so that all
/// powers of ε are kept: only the local error of the polynomials remains, which the stepper controls.
public struct Recursion: Sendable, Equatable {
  /// ε (units of time).
  public let step: Double
  /// a (units of time).
  public let lookahead: Double

  /// Throws `InvalidInput` unless ε > 0 and a ≥ 0 are finite.
  public init(step: Double, lookahead: Double) throws(InvalidInput) {
    guard step > 0, step.isFinite, lookahead >= 0, lookahead.isFinite else {
      throw InvalidInput(
        "recursion with ε = \(step), a = \(lookahead)", because: "it needs ε > 0 and a ≥ 0, both finite")
    }
    self.step = step
    self.lookahead = lookahead
  }
}
