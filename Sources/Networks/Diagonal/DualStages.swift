import Dynamics
import LinearAlgebra
import RealModule

/// The structure of the dual flow: ν̇ = −f with f = (y − Xθ)/n and Df = X D Xᵀ/n, D = (w₊² + w₋²)/2, an n × n system.
/// Increments of θ come from those of G by expm1, and residuals are carried from step to step.
final class DualStages: StageSystem {
  let inertia = 0.0
  let positionCount: Int
  private(set) var work = 0.0
  private let flow: DualGradientFlow
  private let x: PackedMatrix
  private let (stages, n, d): (Int, Int, Int)
  private let position: UnsafeMutablePointer<Double>
  private let weights: UnsafeMutablePointer<Double>
  private let drift: UnsafeMutablePointer<Double>
  private let residual: UnsafeMutablePointer<Double>
  private let correction: UnsafeMutablePointer<Double>
  private let stageDrifts: UnsafeMutablePointer<Double>
  private let stageThetas: UnsafeMutablePointer<Double>
  private let stageResiduals: UnsafeMutablePointer<Double>
  private let stageGradients: UnsafeMutablePointer<Double>
  private let center: UnsafeMutablePointer<Double>
  private let curvature: WeightedGram
  private let factors: ShiftedFactors
  private let workspace = Workspace()

  init(_ flow: DualGradientFlow, stages: Int) {
    self.flow = flow
    let (n, d) = (flow.n, flow.d)
    (self.stages, self.n, self.d) = (stages, n, d)
    x = flow.problem.design.packed
    positionCount = n
    position = workspace.zeros(n)
    weights = workspace.zeros(2 * d)
    drift = workspace.zeros(d)
    residual = workspace.zeros(n)
    correction = workspace.zeros(n)
    stageDrifts = workspace.zeros(stages * d)
    stageThetas = workspace.zeros(stages * d)
    stageResiduals = workspace.zeros(stages * n)
    stageGradients = workspace.zeros(stages * d)
    center = workspace.zeros(d)
    curvature = WeightedGram(x, count: 1)
    factors = ShiftedFactors(size: n, complexCount: (stages - 1) / 2)
  }

  func begin(_ nu: UnsafePointer<Double>) {
    move(to: nu)
    for i in 0..<d { center[i] = 0.25 * (weights[i] - weights[d + i]) * (weights[i] + weights[d + i]) }
    for q in 0..<n { residual[q] = flow.problem.response[q] }
    x.image(of: center, keeping: -1, into: residual)
    flow.count(1)
  }

  private func move(to nu: UnsafePointer<Double>) {
    for q in 0..<n { position[q] = nu[q] }
    flow.expand(nu, weights: weights, drift: drift)
  }

  func advance(to nu: UnsafePointer<Double>) {
    // The last Newton correction and rounding, from the last stage.
    for q in 0..<n { correction[q] = nu[q] - position[q] }
    addChange(correction, rows: 1)
    for q in 0..<n { residual[q] += stageResiduals[q] }
    move(to: nu)
    flow.count(1)
  }

  /// X δθ of the increments `zeta` (rows × n) into `stageResiduals`, and their drifts.
  private func addChange(_ zeta: UnsafePointer<Double>, rows: Int) {
    x.pull(zeta, count: rows, into: stageDrifts)
    for k in 0..<rows {
      for i in 0..<d {
        let change = 2 * stageDrifts[k * d + i]
        let (p, m) = (weights[i], weights[d + i])
        stageThetas[k * d + i] = 0.25 * (p * p * Double.expMinusOne(-change) - m * m * Double.expMinusOne(change))
      }
    }
    x.image(of: stageThetas, count: rows, into: stageResiduals)
  }

  func force(into f: UnsafeMutablePointer<Double>) {
    for q in 0..<n { f[q] = -residual[q] / Double(n) }
  }

  func evaluate(_ zeta: UnsafePointer<Double>, into f: UnsafeMutablePointer<Double>) {
    addChange(zeta, rows: stages)
    for k in 0..<stages {
      for q in 0..<n {
        stageResiduals[k * n + q] += residual[q]
        f[k * n + q] = -stageResiduals[k * n + q] / Double(n)
      }
    }
    flow.count(stages)
    work += 2 * Double(stages * n * d)
  }

  func linearize(at zeta: UnsafePointer<Double>) {
    flow.pull(zeta, into: stageDrifts)
    for i in 0..<d {
      let p = weights[i] * Double.exp(-stageDrifts[i])
      let m = weights[d + i] * Double.exp(stageDrifts[i])
      center[i] = 0.5 * (p * p + m * m) / Double(n)
    }
    curvature.form(center)
    flow.count(1)
    work += Double(n * n) * Double(d)
  }

  func factor(real: Double, complex: [(real: Double, imaginary: Double)]) -> Bool {
    work += factors.work
    return factors.factor(
      real: { self.curvature[0, $0, $1] + ($0 == $1 ? real : 0) },
      complex: { k, q, r in
        let value = self.curvature[0, q, r]
        return q == r ? (value + complex[k].real, complex[k].imaginary) : (value, 0)
      })
  }

  func solve(_ b: UnsafeMutablePointer<Double>) {
    solveReal(b)
    for k in stride(from: 1, to: stages, by: 2) {
      factors.solve(k / 2, real: b + k * n, imaginary: b + (k + 1) * n)
    }
    work += Double(stages * n * n)
  }

  func solveReal(_ b: UnsafeMutablePointer<Double>) { factors.solveReal(b) }

  func integrands(_ rates: UnsafePointer<Double>, into values: UnsafeMutablePointer<Double>) {
    // ‖ẇ‖²/2 = ½ Σ g² (w₊² + w₋²) with g = Xᵀν̇.
    x.pull(rates, count: stages, into: stageGradients)
    for k in 0..<stages {
      values[k] = 0
      for i in 0..<d {
        let (g, drift) = (stageGradients[k * d + i], stageDrifts[k * d + i])
        let (p, m) = (weights[i] * Double.exp(-drift), weights[d + i] * Double.exp(drift))
        values[k] += 0.5 * g * g * (p * p + m * m)
      }
    }
  }
}
