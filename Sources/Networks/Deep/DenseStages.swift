import Dynamics
import LinearAlgebra

/// What implicit methods need of any objective with a symmetric Df: dense matrices of all weights, factored as they are.
///
/// Complexity: O(m²) memory and O(m³) a factorisation for each of (s + 1)/2 shifts: for some hundreds of weights.
final class DenseStages: StageSystem {
  let inertia: Double
  let positionCount: Int
  private(set) var work = 0.0
  private let objective: any Objective
  private let (stages, m): (Int, Int)
  private let origin, point, jacobian: UnsafeMutablePointer<Double>
  private let lastZeta: UnsafeMutablePointer<Double>
  private let factors: ShiftedFactors
  private let workspace = Workspace()

  init(_ objective: any Objective, stages: Int, lambda: Double) {
    self.objective = objective
    self.stages = stages
    inertia = lambda
    m = objective.dimension
    positionCount = m
    origin = workspace.zeros(m)
    point = workspace.zeros(m)
    jacobian = workspace.zeros(m * m)
    lastZeta = workspace.zeros(stages * m)
    factors = ShiftedFactors(size: m, complexCount: (stages - 1) / 2)
  }

  /// Multiply-adds of a usual step.
  static func work(_ m: Int, stages: Int) -> Double {
    let (m, s) = (Double(m), Double(stages))
    return (2 * s - 1) * m * m * m / 3 + 10 * s * m * m
  }

  func begin(_ w: UnsafePointer<Double>) { for j in 0..<m { origin[j] = w[j] } }

  func advance(to w: UnsafePointer<Double>) { begin(w) }

  func force(into f: UnsafeMutablePointer<Double>) { objective.gradient(origin, into: f) }

  func evaluate(_ zeta: UnsafePointer<Double>, into f: UnsafeMutablePointer<Double>) {
    for k in 0..<stages {
      for j in 0..<m {
        lastZeta[k * m + j] = zeta[k * m + j]
        point[j] = origin[j] + zeta[k * m + j]
      }
      objective.gradient(point, into: f + k * m)
    }
  }

  func linearize(at zeta: UnsafePointer<Double>) {
    for j in 0..<m { point[j] = origin[j] + zeta[j] }
    objective.gradientJacobian(point, into: jacobian)
  }

  func factor(real: Double, complex: [(real: Double, imaginary: Double)]) -> Bool {
    let (jacobian, m) = (jacobian, m)
    work += factors.work
    return factors.factor(
      real: { jacobian[$0 * m + $1] + ($0 == $1 ? real : 0) },
      complex: {
        (jacobian[$1 * m + $2] + ($1 == $2 ? complex[$0].real : 0), $1 == $2 ? complex[$0].imaginary : 0)
      })
  }

  func solve(_ b: UnsafeMutablePointer<Double>) {
    factors.solveReal(b)
    for k in 0..<(stages - 1) / 2 {
      factors.solve(k, real: b + (2 * k + 1) * m, imaginary: b + (2 * k + 2) * m)
    }
    work += Double((2 * stages - 1) * m * m)
  }

  func solveReal(_ b: UnsafeMutablePointer<Double>) { factors.solveReal(b) }

  func integrands(_ rates: UnsafePointer<Double>, into values: UnsafeMutablePointer<Double>) {
    let q = objective.integralCount
    for k in 0..<stages {
      let (v, out) = (rates + k * m, values + k * (q + 1))
      for j in 0..<m { point[j] = origin[j] + lastZeta[k * m + j] }
      objective.integrands(point, v, lambda: inertia, into: out)
      var friction = 0.0
      for j in 0..<m { friction += v[j] * v[j] }
      out[q] = 0.5 * friction
    }
  }
}
