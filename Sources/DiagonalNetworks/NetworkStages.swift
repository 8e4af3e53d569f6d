import COpenBLAS
import Dynamics

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
  private let stages: Int
  private let n: Int
  private let d: Int
  private var w: [Double]
  /// Where the last stage was last evaluated, and its residual.
  private var lastWeights: [Double]
  private var residual: [Double]
  private var stageResiduals: [Double]
  private var stageGradients: [Double]
  private var stageThetas: [Double]
  /// w and g of the Jacobian.
  private var center: [Double]
  private var centerGradient: [Double]
  private var shifts: [(real: Double, imaginary: Double)] = []
  private var realFactor: [Double]
  private var realPivots: [CInt]
  private var complexFactors: [[Double]]
  private var complexPivots: [[CInt]]
  private var scaledDesign: [Double]
  private var images: [Double]
  private var pulled: [Double]

  init(_ network: DiagonalNetwork, stages: Int, lambda: Double) {
    self.network = network
    self.stages = stages
    inertia = lambda
    (n, d) = (network.sampleCount, network.featureCount)
    positionCount = 2 * d
    func zeros(_ count: Int) -> [Double] { [Double](repeating: 0, count: count) }
    w = zeros(2 * d)
    lastWeights = zeros(2 * d)
    residual = zeros(n)
    stageResiduals = zeros(stages * n)
    stageGradients = zeros(stages * d)
    stageThetas = zeros(stages * d)
    center = zeros(2 * d)
    centerGradient = zeros(d)
    realFactor = zeros(n * n)
    realPivots = [CInt](repeating: 0, count: n)
    let pairs = (stages - 1) / 2
    complexFactors = [[Double]](repeating: zeros(2 * n * n), count: pairs)
    complexPivots = [[CInt]](repeating: [CInt](repeating: 0, count: n), count: pairs)
    scaledDesign = zeros(n * d)
    images = zeros(stages * n)
    pulled = zeros(stages * d)
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
    multiply(stageThetas, rows: 1, into: &stageResiduals, keepingFrom: stages - 1)
    for q in 0..<n { residual[q] = stageResiduals[(stages - 1) * n + q] }
    for i in 0..<2 * d { w[i] = position[i] }
    network.count(passes: 1)
  }

  /// Adds X·(row of thetas) to the residual of stage `stage`.
  private func multiply(_ thetas: [Double], rows: Int, into residuals: inout [Double], keepingFrom stage: Int) {
    let x = network.problem.design.packed
    residuals.withUnsafeMutableBufferPointer { r in
      guard let base = r.baseAddress else { return }
      cblas_dgemv(
        CblasRowMajor, CblasNoTrans, CInt(n), CInt(d), 1, x.base, CInt(x.stride), thetas, 1, 1, base + stage * n, 1)
    }
  }

  func force(into f: UnsafeMutablePointer<Double>) {
    let x = network.problem.design.packed
    cblas_dgemv(
      CblasRowMajor, CblasTrans, CInt(n), CInt(d), 1 / Double(n), x.base, CInt(x.stride), residual, 1, 0, &pulled, 1)
    for i in 0..<d {
      f[i] = pulled[i] * w[i]
      f[d + i] = -pulled[i] * w[d + i]
    }
    network.count(passes: 1)
  }

  func evaluate(_ zeta: UnsafePointer<Double>, into f: UnsafeMutablePointer<Double>) {
    let (n, d, m) = (n, d, 2 * d)
    for k in 0..<stages {
      fillTheta(zeta + k * m, row: k)
      for q in 0..<n { stageResiduals[k * n + q] = residual[q] }
    }
    let x = network.problem.design.packed
    cblas_dgemm(
      CblasRowMajor, CblasNoTrans, CblasTrans, CInt(stages), CInt(n), CInt(d), 1, stageThetas, CInt(d), x.base,
      CInt(x.stride), 1, &stageResiduals, CInt(n))
    cblas_dgemm(
      CblasRowMajor, CblasNoTrans, CblasNoTrans, CInt(stages), CInt(d), CInt(n), 1 / Double(n), stageResiduals, CInt(n),
      x.base, CInt(x.stride), 0, &stageGradients, CInt(d))
    stageGradients.withUnsafeBufferPointer { g in
      w.withUnsafeBufferPointer { w in
        for k in 0..<stages {
          let (z, out) = (zeta + k * m, f + k * m)
          for i in 0..<d {
            out[i] = g[k * d + i] * (w[i] + z[i])
            out[d + i] = -g[k * d + i] * (w[d + i] + z[d + i])
          }
        }
      }
    }
    let last = zeta + (stages - 1) * m
    for i in 0..<m { lastWeights[i] = w[i] + last[i] }
    network.count(passes: stages)
    work += 2 * Double(stages * n * d)
  }

  private func fillTheta(_ z: UnsafePointer<Double>, row: Int) {
    let d = d
    w.withUnsafeBufferPointer { w in
      stageThetas.withUnsafeMutableBufferPointer { theta in
        for i in 0..<d {
          theta[row * d + i] = 0.25 * (z[i] * (2 * w[i] + z[i]) - z[d + i] * (2 * w[d + i] + z[d + i]))
        }
      }
    }
  }

  // MARK: Linear systems

  func linearize(at zeta: UnsafePointer<Double>) {
    fillTheta(zeta, row: 0)
    for q in 0..<n { images[q] = residual[q] }
    let x = network.problem.design.packed
    cblas_dgemv(
      CblasRowMajor, CblasNoTrans, CInt(n), CInt(d), 1, x.base, CInt(x.stride), stageThetas, 1, 1, &images, 1)
    cblas_dgemv(
      CblasRowMajor, CblasTrans, CInt(n), CInt(d), 1 / Double(n), x.base, CInt(x.stride), images, 1, 0,
      &centerGradient, 1)
    for i in 0..<2 * d { center[i] = w[i] + zeta[i] }
    network.count(passes: 1)
  }

  func factor(real: Double, complex: [(real: Double, imaginary: Double)]) -> Bool {
    shifts = [(real, 0)] + complex
    var weights = [Double](repeating: 0, count: d)
    for i in 0..<d {
      let (plus, minus) = (real + centerGradient[i], real - centerGradient[i])
      weights[i] = center[i] * center[i] / plus + center[d + i] * center[d + i] / minus
    }
    guard weights.allSatisfy(\.isFinite) else { return false }
    gram(weights, into: &realFactor)
    for q in 0..<n { realFactor[q * n + q] += 2 * Double(n) }
    var (size, info) = (CInt(n), CInt(0))
    dgetrf_(&size, &size, &realFactor, &size, &realPivots, &info)
    guard info == 0 else { return false }
    var (re, im) = (weights, weights)
    var (gramRe, gramIm) = ([Double](repeating: 0, count: n * n), [Double](repeating: 0, count: n * n))
    for (k, shift) in complex.enumerated() {
      for i in 0..<d {
        // w²/(ν ± g) = w² conj(ν ± g)/|ν ± g|².
        let (a, b, y) = (shift.real + centerGradient[i], shift.real - centerGradient[i], shift.imaginary)
        let plus = center[i] * center[i] / (a * a + y * y)
        let minus = center[d + i] * center[d + i] / (b * b + y * y)
        re[i] = plus * a + minus * b
        im[i] = -(plus + minus) * y
      }
      guard re.allSatisfy(\.isFinite), im.allSatisfy(\.isFinite) else { return false }
      gram(re, into: &gramRe)
      gram(im, into: &gramIm)
      for q in 0..<n * n {
        complexFactors[k][2 * q] = gramRe[q]
        complexFactors[k][2 * q + 1] = gramIm[q]
      }
      for q in 0..<n { complexFactors[k][2 * (q * n + q)] += 2 * Double(n) }
      zgetrf_(&size, &size, &complexFactors[k], &size, &complexPivots[k], &info)
      guard info == 0 else { return false }
    }
    network.count(passes: 1 + 2 * complex.count)
    let size3 = Double(n * n) * Double(n)
    work += Double(1 + 2 * complex.count) * Double(n * n) * Double(d) + (1 + 4 * Double(complex.count)) * size3 / 3
    return true
  }

  /// X diag(weights) Xᵀ, n × n.
  private func gram(_ weights: [Double], into matrix: inout [Double]) {
    let x = network.problem.design.packed
    let (n, d) = (n, d)
    scaledDesign.withUnsafeMutableBufferPointer { scaled in
      weights.withUnsafeBufferPointer { weights in
        for q in 0..<n {
          let row = x.base + q * x.stride
          for i in 0..<d { scaled[q * d + i] = row[i] * weights[i] }
        }
      }
    }
    cblas_dgemm(
      CblasRowMajor, CblasNoTrans, CblasTrans, CInt(n), CInt(n), CInt(d), 1, scaledDesign, CInt(d), x.base,
      CInt(x.stride), 0, &matrix, CInt(n))
  }

  func solve(_ b: UnsafeMutablePointer<Double>) { solve(b, columns: stages) }

  func solveReal(_ b: UnsafeMutablePointer<Double>) { solve(b, columns: 1) }

  /// y = E⁻¹(b − Zᵀu) with (2n + Z E⁻¹ Zᵀ) u = Z E⁻¹ b, E = ν ± g.
  private func solve(_ b: UnsafeMutablePointer<Double>, columns: Int) {
    let (n, d, m) = (n, d, 2 * d)
    let pairs = (columns - 1) / 2
    let (nu, g, w) = (shifts[0].real, centerGradient, center)
    for i in 0..<d {
      pulled[i] = w[i] * b[i] / (nu + g[i]) - w[d + i] * b[d + i] / (nu - g[i])
    }
    for k in 0..<pairs {
      let (re, im) = (b + (2 * k + 1) * m, b + (2 * k + 2) * m)
      let shift = shifts[k + 1]
      let y = shift.imaginary
      for i in 0..<d {
        let (p, q) = (shift.real + g[i], shift.real - g[i])
        let (sp, sq) = (w[i] / (p * p + y * y), w[d + i] / (q * q + y * y))
        pulled[(2 * k + 1) * d + i] = sp * (re[i] * p + im[i] * y) - sq * (re[d + i] * q + im[d + i] * y)
        pulled[(2 * k + 2) * d + i] = sp * (im[i] * p - re[i] * y) - sq * (im[d + i] * q - re[d + i] * y)
      }
    }
    let x = network.problem.design.packed
    cblas_dgemm(
      CblasRowMajor, CblasNoTrans, CblasTrans, CInt(columns), CInt(n), CInt(d), 1, pulled, CInt(d), x.base,
      CInt(x.stride), 0, &images, CInt(n))
    var (size, one, info) = (CInt(n), CInt(1), CInt(0))
    images.withUnsafeMutableBufferPointer { buffer in
      guard let u = buffer.baseAddress else { return }
      // Symmetric: row- or column-major is the same, its LU factors of the one serve both.
      dgetrs_("N", &size, &one, realFactor, &size, realPivots, u, &size, &info)
      for k in 0..<pairs {
        let (re, im) = (u + (2 * k + 1) * n, u + (2 * k + 2) * n)
        withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * n) { pair in
          for q in 0..<n { (pair[2 * q], pair[2 * q + 1]) = (re[q], im[q]) }
          zgetrs_("N", &size, &one, complexFactors[k], &size, complexPivots[k], pair.baseAddress, &size, &info)
          for q in 0..<n { (re[q], im[q]) = (pair[2 * q], pair[2 * q + 1]) }
        }
      }
    }
    cblas_dgemm(
      CblasRowMajor, CblasNoTrans, CblasNoTrans, CInt(columns), CInt(d), CInt(n), 1, images, CInt(n), x.base,
      CInt(x.stride), 0, &pulled, CInt(d))
    for i in 0..<d {
      b[i] = (b[i] - w[i] * pulled[i]) / (nu + g[i])
      b[d + i] = (b[d + i] + w[d + i] * pulled[i]) / (nu - g[i])
    }
    for k in 0..<pairs {
      let (re, im) = (b + (2 * k + 1) * m, b + (2 * k + 2) * m)
      let shift = shifts[k + 1]
      let y = shift.imaginary
      for i in 0..<d {
        for (j, sign) in [(i, 1.0), (d + i, -1.0)] {
          let p = shift.real + sign * g[i]
          let size = p * p + y * y
          let a = re[j] - sign * w[j] * pulled[(2 * k + 1) * d + i]
          let c = im[j] - sign * w[j] * pulled[(2 * k + 2) * d + i]
          re[j] = (a * p + c * y) / size
          im[j] = (c * p - a * y) / size
        }
      }
    }
    network.count(passes: columns)
    work += Double(columns) * (2 * Double(n * d) + 2 * Double(n * n))
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
