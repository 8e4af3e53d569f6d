import Dynamics
import ImplicitBias
import Regression

/// Decides, once the residual is small, whether Δ is known to half of the tolerance asked for; the other half is for the
/// integration error.
///
/// The bound 2λE costs nothing and is tried each time; the tail's own estimate costs a singular value decomposition and
/// is tried whenever the residual has halved since the last time.
final class TailCriterion {
  private let problem: RegressionProblem
  private let lambda: Double
  private let tolerance: Double
  private var lastResidual = Double.infinity

  init(_ problem: RegressionProblem, lambda: Double, tolerance: Double) {
    self.problem = problem
    self.lambda = lambda
    self.tolerance = 0.5 * tolerance
  }

  func isMet(
    _ w: UnsafePointer<Double>, _ v: UnsafePointer<Double>, loss: Double, residual: Double
  ) -> Bool {
    let d = problem.featureCount
    var kinetic = 0.0
    var smallest = Double.infinity
    for i in 0..<d {
      kinetic += v[i] * v[i] + v[d + i] * v[d + i]
      let extended = abs(w[i] * w[d + i] + lambda * (v[i] * w[d + i] + w[i] * v[d + i]))
      if w[i] != 0, w[d + i] != 0 { smallest = min(smallest, extended) }
    }
    if 2 * lambda * (loss + 0.25 * lambda * kinetic) <= tolerance * smallest { return true }
    guard residual <= 0.5 * lastResidual else { return false }
    lastResidual = residual
    let weights = Array(UnsafeBufferPointer(start: w, count: 2 * d))
    let rates = Array(UnsafeBufferPointer(start: v, count: 2 * d))
    guard let tail = try? Tail(problem, weights: weights, rates: rates, lambda: lambda) else { return false }
    return (0..<d).allSatisfy { w[$0] == 0 || w[d + $0] == 0 || tail.relativeChange[$0] <= tolerance }
  }
}
