import Dynamics
import LinearAlgebra

/// The structure of a network's flow for implicit methods.
///
/// Residuals are incremental: r(w₀ + ζ) = r₀ + X δθ with δθ = ¼[ζ₊(2w₊ + ζ₊) − ζ₋(2w₋ + ζ₋)], r₀ carried from step to step,
/// so that no noise of the size of Xθ enters. The Jacobian is Df = diag(g, −g) + ZᵀZ/(2n) with Z = X [diag w₊, −diag w₋]:
/// a diagonal plus rank n, solved by the identity of Woodbury with an n × n factorisation.
///
/// Complexity: O(snd) an evaluation or solution, O(sn²d) a factorisation, O(s(n² + d) + nd) memory.
final class NetworkStages: StageSystem {
  let inertia: Double
  let positionCount: Int
  private(set) var work = 0.0
  private let network: DiagonalNetwork
  private let x: PackedMatrix
  private let (stages, n, d): (Int, Int, Int)
  private let w: UnsafeMutablePointer<Double>
  /// Where the last stage was last evaluated, and its residual.
  private let lastWeights: UnsafeMutablePointer<Double>
  private let residual: UnsafeMutablePointer<Double>
  private let stageResiduals: UnsafeMutablePointer<Double>
  private let stageGradients: UnsafeMutablePointer<Double>
  private let stageThetas: UnsafeMutablePointer<Double>
  /// w and g of the Jacobian.
  private let center: UnsafeMutablePointer<Double>
  private let centerGradient: UnsafeMutablePointer<Double>
  /// 1/(ν ± g) in the layout of columns: for the real shift, then real and imaginary part for each complex one.
  private let inverses: UnsafeMutablePointer<Double>
  /// w₊²/(ν + g) + w₋²/(ν − g), d numbers each, likewise.
  private let weights: UnsafeMutablePointer<Double>
  private let gram: WeightedGram
  private let factors: ShiftedFactors
  private let images: UnsafeMutablePointer<Double>
  private let pulled: UnsafeMutablePointer<Double>
  private let workspace = Workspace()

  init(_ network: DiagonalNetwork, stages: Int, lambda: Double) {
    self.network = network
    inertia = lambda
    let (n, d) = (network.sampleCount, network.featureCount)
    (self.stages, self.n, self.d) = (stages, n, d)
    x = network.problem.design.packed
    positionCount = 2 * d
    w = workspace.zeros(2 * d)
    lastWeights = workspace.zeros(2 * d)
    residual = workspace.zeros(n)
    stageResiduals = workspace.zeros(stages * n)
    stageGradients = workspace.zeros(stages * d)
    stageThetas = workspace.zeros(stages * d)
    center = workspace.zeros(2 * d)
    centerGradient = workspace.zeros(d)
    inverses = workspace.zeros(stages * 2 * d)
    weights = workspace.zeros(stages * d)
    gram = WeightedGram(x, count: stages)
    factors = ShiftedFactors(size: n, complexCount: (stages - 1) / 2)
    images = workspace.zeros(stages * n)
    pulled = workspace.zeros(stages * d)
  }

  // MARK: Evaluation

  func begin(_ position: UnsafePointer<Double>) {
    for i in 0..<2 * d { w[i] = position[i] }
    network.evaluate(position)
    for q in 0..<n { residual[q] = network.residual[q] }
  }

  func advance(to position: UnsafePointer<Double>) {
    // From the last stage, where the residual is known, to the position itself: the last Newton correction and rounding.
    for i in 0..<d {
      let plus = (position[i] - lastWeights[i]) * (position[i] + lastWeights[i])
      let minus = (position[d + i] - lastWeights[d + i]) * (position[d + i] + lastWeights[d + i])
      stageThetas[i] = 0.25 * (plus - minus)
    }
    for q in 0..<n { residual[q] = stageResiduals[(stages - 1) * n + q] }
    x.image(of: stageThetas, keeping: 1, into: residual)
    for i in 0..<2 * d { w[i] = position[i] }
    network.count(passes: 1)
  }

  func force(into f: UnsafeMutablePointer<Double>) {
    x.pull(residual, scale: 1 / Double(n), into: pulled)
    for i in 0..<d {
      f[i] = pulled[i] * w[i]
      f[d + i] = -pulled[i] * w[d + i]
    }
    network.count(passes: 1)
  }

  func evaluate(_ zeta: UnsafePointer<Double>, into f: UnsafeMutablePointer<Double>) {
    let m = 2 * d
    for k in 0..<stages {
      fillTheta(zeta + k * m, into: stageThetas + k * d)
      for q in 0..<n { stageResiduals[k * n + q] = residual[q] }
    }
    x.image(of: stageThetas, count: stages, keeping: 1, into: stageResiduals)
    x.pull(stageResiduals, count: stages, scale: 1 / Double(n), into: stageGradients)
    for k in 0..<stages {
      let (z, out, g) = (zeta + k * m, f + k * m, stageGradients + k * d)
      for i in 0..<d {
        out[i] = g[i] * (w[i] + z[i])
        out[d + i] = -g[i] * (w[d + i] + z[d + i])
      }
    }
    let last = zeta + (stages - 1) * m
    for i in 0..<m { lastWeights[i] = w[i] + last[i] }
    network.count(passes: stages)
    work += 2 * Double(stages * n * d)
  }

  private func fillTheta(_ z: UnsafePointer<Double>, into theta: UnsafeMutablePointer<Double>) {
    for i in 0..<d { theta[i] = 0.25 * (z[i] * (2 * w[i] + z[i]) - z[d + i] * (2 * w[d + i] + z[d + i])) }
  }

  // MARK: Linear systems

  func linearize(at zeta: UnsafePointer<Double>) {
    fillTheta(zeta, into: stageThetas)
    for q in 0..<n { images[q] = residual[q] }
    x.image(of: stageThetas, keeping: 1, into: images)
    x.pull(images, scale: 1 / Double(n), into: centerGradient)
    for i in 0..<2 * d { center[i] = w[i] + zeta[i] }
    network.count(passes: 1)
  }

  func factor(real: Double, complex: [(real: Double, imaginary: Double)]) -> Bool {
    let (d, m, g, w) = (d, 2 * d, centerGradient, center)
    for i in 0..<d {
      let (plus, minus) = (1 / (real + g[i]), 1 / (real - g[i]))
      (inverses[i], inverses[d + i]) = (plus, minus)
      weights[i] = w[i] * w[i] * plus + w[d + i] * w[d + i] * minus
    }
    for (k, shift) in complex.enumerated() {
      let (re, im) = (inverses + (2 * k + 1) * m, inverses + (2 * k + 2) * m)
      let (weightRe, weightIm) = (weights + (2 * k + 1) * d, weights + (2 * k + 2) * d)
      for i in 0..<d {
        let (p, q, y) = (shift.real + g[i], shift.real - g[i], shift.imaginary)
        let (plus, minus) = (1 / (p * p + y * y), 1 / (q * q + y * y))
        (re[i], im[i]) = (p * plus, -y * plus)
        (re[d + i], im[d + i]) = (q * minus, -y * minus)
        weightRe[i] = w[i] * w[i] * re[i] + w[d + i] * w[d + i] * re[d + i]
        weightIm[i] = w[i] * w[i] * im[i] + w[d + i] * w[d + i] * im[d + i]
      }
    }
    gram.form(weights)
    network.count(passes: 1 + 2 * complex.count)
    work += Double(1 + 2 * complex.count) * Double(n * n) * Double(d) + factors.work
    let twice = 2 * Double(n)
    return factors.factor(
      real: { self.gram[0, $0, $1] + ($0 == $1 ? twice : 0) },
      complex: { (self.gram[2 * $0 + 1, $1, $2] + ($1 == $2 ? twice : 0), self.gram[2 * $0 + 2, $1, $2]) })
  }

  func solve(_ b: UnsafeMutablePointer<Double>) { solve(b, columns: stages) }

  func solveReal(_ b: UnsafeMutablePointer<Double>) { solve(b, columns: 1) }

  /// y = E⁻¹(b − Zᵀu) with (2n + Z E⁻¹ Zᵀ) u = Z E⁻¹ b, E = ν ± g.
  private func solve(_ b: UnsafeMutablePointer<Double>, columns: Int) {
    let (d, m, w) = (d, 2 * d, center)
    for i in 0..<d { pulled[i] = w[i] * b[i] * inverses[i] - w[d + i] * b[d + i] * inverses[d + i] }
    for k in stride(from: 1, to: columns, by: 2) {
      let (re, im, a, c) = (b + k * m, b + (k + 1) * m, inverses + k * m, inverses + (k + 1) * m)
      let (outRe, outIm) = (pulled + k * d, pulled + (k + 1) * d)
      for i in 0..<d {
        let j = d + i
        outRe[i] = w[i] * (re[i] * a[i] - im[i] * c[i]) - w[j] * (re[j] * a[j] - im[j] * c[j])
        outIm[i] = w[i] * (im[i] * a[i] + re[i] * c[i]) - w[j] * (im[j] * a[j] + re[j] * c[j])
      }
    }
    x.image(of: pulled, count: columns, into: images)
    factors.solveReal(images)
    for k in stride(from: 1, to: columns, by: 2) {
      factors.solve(k / 2, real: images + k * n, imaginary: images + (k + 1) * n)
    }
    x.pull(images, count: columns, into: pulled)
    for i in 0..<d {
      b[i] = (b[i] - w[i] * pulled[i]) * inverses[i]
      b[d + i] = (b[d + i] + w[d + i] * pulled[i]) * inverses[d + i]
    }
    for k in stride(from: 1, to: columns, by: 2) {
      finish(b, k, offset: 0, sign: 1)
      finish(b, k, offset: d, sign: -1)
    }
    network.count(passes: columns)
    work += Double(columns) * (2 * Double(n * d) + 2 * Double(n * n))
  }

  /// E⁻¹(b − Zᵀu) of the columns k and k + 1, for w₊ or w₋.
  private func finish(_ b: UnsafeMutablePointer<Double>, _ k: Int, offset: Int, sign: Double) {
    let (column, m) = (k * 2 * d + offset, 2 * d)
    let (re, im, weight) = (b + column, b + column + m, center + offset)
    let (a, c) = (inverses + column, inverses + column + m)
    let (uRe, uIm) = (pulled + k * d, pulled + (k + 1) * d)
    for i in 0..<d {
      let (p, q) = (re[i] - sign * weight[i] * uRe[i], im[i] - sign * weight[i] * uIm[i])
      re[i] = p * a[i] - q * c[i]
      im[i] = q * a[i] + p * c[i]
    }
  }

  func integrands(_ rates: UnsafePointer<Double>, into values: UnsafeMutablePointer<Double>) {
    let (d, m) = (d, 2 * d)
    for k in 0..<stages {
      let (v, out) = (rates + k * m, values + k * (m + 1))
      var friction = 0.0
      for i in 0..<d {
        out[i] = 2 * inertia * v[i] * v[d + i]
        out[d + i] = stageGradients[k * d + i]
        friction += v[i] * v[i] + v[d + i] * v[d + i]
      }
      out[m] = 0.5 * friction
    }
  }
}

extension DiagonalNetwork {
  public func makeStageSystem(stages: Int, lambda: Double) -> any StageSystem {
    NetworkStages(self, stages: stages, lambda: lambda)
  }

  /// Five iterations of evaluation and solution, and one factorisation for each eigenvalue.
  public func stageWork(stages: Int) -> Double {
    let (n, d, s) = (Double(sampleCount), Double(featureCount), Double(stages))
    return 5 * s * (4 * n * d + 2 * n * n) + s * n * n * d + (2 * s - 1) * n * n * n / 3
  }
}
