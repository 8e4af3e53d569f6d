import CKernels
import Dynamics
import LinearAlgebra
import Regression

/// The two-layer diagonal linear network θ = u⊙v on a regression problem, in balanced coordinates w± = u ± v.
///
/// A state w holds w₊ then w₋ (2d numbers): θ = (w₊² − w₋²)/4, F(w) = L(θ) = ‖Xθ − y‖²/(2n), and with g = Xᵀ(Xθ − y)/n
/// the field of ẇ = −f(w) is f = (g⊙w₊, −g⊙w₋). Its integrals are 2λ∫ẇ₊⊙ẇ₋ (the additive balance identity) and
/// G = ∫g, d numbers each.
///
/// Source: Papazov, Pesme, Flammarion, arXiv 2403.05293, section 2; the balance integral is derived in the project's
/// documentation.
public final class DiagonalNetwork {
  /// The regression problem.
  public let problem: RegressionProblem
  /// The number d of features.
  public let featureCount: Int
  /// The number n of samples.
  public let sampleCount: Int
  public private(set) var passes = 0

  private let memory: AlignedMemory
  let design: DesignMatrix.Gradient
  private let theta: UnsafeMutablePointer<Double>
  /// g at the last call of `gradient` or `evaluate`, d numbers.
  public let lossGradient: UnsafeMutablePointer<Double>
  private let thetaRate: UnsafeMutablePointer<Double>
  private let gradientRate: UnsafeMutablePointer<Double>
  /// r = Xθ − y at the last call of `gradient`, `evaluate`, `value` or `residualNorm`, n numbers.
  public let residual: UnsafeMutablePointer<Double>
  private let residualRate: UnsafeMutablePointer<Double>
  private lazy var covariance = computeCovariance()

  /// A network with its own scratch memory: O(n + d).
  public init(_ problem: RegressionProblem) {
    self.problem = problem
    featureCount = problem.featureCount
    sampleCount = problem.sampleCount
    design = DesignMatrix.Gradient(problem.design)
    let (width, height) = (AlignedMemory.padded(featureCount), AlignedMemory.padded(sampleCount))
    memory = AlignedMemory(count: 4 * width + 2 * height)
    theta = memory.base
    lossGradient = theta + width
    thetaRate = theta + 2 * width
    gradientRate = theta + 3 * width
    residual = theta + 4 * width
    residualRate = residual + height
  }

  public var dimension: Int { 2 * featureCount }
  public var integralCount: Int { 2 * featureCount }

  /// Where the integral 2λ∫ẇ₊⊙ẇ₋ stands among the integrals.
  public var balanceIntegral: Range<Int> { 0..<featureCount }
  /// Where the integral G = ∫g stands among the integrals.
  public var gradientIntegral: Range<Int> { featureCount..<2 * featureCount }

  // MARK: The one pass over X

  /// Computes θ, r and g at w. With `rows`, over those samples only, g being the mean over them.
  public func evaluate(_ w: UnsafePointer<Double>, rows: UnsafeBufferPointer<Int>? = nil) {
    computeTheta(w)
    problem.response.withUnsafeBufferPointer { y in
      if let rows {
        mgf_gradient(
          problem.design.packed.base, problem.design.packed.stride, nil, y.baseAddress, rows.baseAddress, rows.count,
          featureCount, theta,
          1 / Double(rows.count), residual, lossGradient)
      } else {
        design.evaluate(theta, target: y.baseAddress, residual: residual, gradient: lossGradient)
      }
    }
    passes += 1
  }

  /// The same over all rows at weights given coordinate by coordinate.
  func evaluate(plus: (Int) -> Double, minus: (Int) -> Double) {
    for i in 0..<featureCount {
      let (p, m) = (plus(i), minus(i))
      theta[i] = 0.25 * (p - m) * (p + m)
    }
    problem.response.withUnsafeBufferPointer {
      design.evaluate(theta, target: $0.baseAddress, residual: residual, gradient: lossGradient)
    }
    passes += 1
  }

  private func computeTheta(_ w: UnsafePointer<Double>) {
    let d = featureCount
    for i in 0..<d {
      theta[i] = 0.25 * (w[i] * w[i] - w[d + i] * w[d + i])
    }
  }

  /// Counts the passes that a jet of this network makes.
  func count(passes more: Int) { passes += more }

  /// Xᵀz into `lossGradient`, z_q = weight(q, r_q) made of the residual at w. One pass over X, in two halves.
  package func pull(_ w: UnsafePointer<Double>, weighted weight: (Int, Double) -> Double) {
    computeTheta(w)
    let x = problem.design.packed
    for q in 0..<sampleCount { residual[q] = problem.response[q] }
    x.image(of: theta, keeping: -1, into: residual)
    for q in 0..<sampleCount { residualRate[q] = weight(q, residual[q]) }
    x.pull(residualRate, into: lossGradient)
    passes += 1
  }

  // MARK: Objective

  public func value(_ w: UnsafePointer<Double>) -> Double {
    computeTheta(w)
    problem.response.withUnsafeBufferPointer {
      design.evaluate(theta, target: $0.baseAddress, residual: residual, gradient: nil)
    }
    passes += 1
    return lossOfResidual
  }

  /// ‖r‖²/(2n) of the last residual over all samples.
  public var lossOfResidual: Double {
    var sum = 0.0
    for i in 0..<sampleCount { sum += residual[i] * residual[i] }
    return sum / (2 * Double(sampleCount))
  }

  /// ‖r‖∞ of the last residual over all samples.
  public var residualMax: Double {
    var largest = 0.0
    for i in 0..<sampleCount {
      // A value that is not a number must not be lost, as it would be in max(_:_:).
      if !(abs(residual[i]) <= largest) { largest = abs(residual[i]) }
    }
    return largest
  }

  public func gradient(_ w: UnsafePointer<Double>, into f: UnsafeMutablePointer<Double>) {
    evaluate(w)
    writeField(w, into: f)
  }

  /// f = (g⊙w₊, −g⊙w₋) by the last g.
  func writeField(_ w: UnsafePointer<Double>, into f: UnsafeMutablePointer<Double>) {
    let d = featureCount
    for i in 0..<d {
      f[i] = lossGradient[i] * w[i]
      f[d + i] = -lossGradient[i] * w[d + i]
    }
  }

  public func gradientDerivative(
    _ w: UnsafePointer<Double>, along v: UnsafePointer<Double>, into derivative: UnsafeMutablePointer<Double>
  ) {
    let d = featureCount
    computeTheta(w)
    for i in 0..<d {
      thetaRate[i] = 0.5 * (w[i] * v[i] - w[d + i] * v[d + i])
    }
    problem.response.withUnsafeBufferPointer {
      design.evaluatePair(
        theta, thetaRate, target: $0.baseAddress, residuals: (residual, residualRate),
        gradients: (lossGradient, gradientRate))
    }
    passes += 2
    for i in 0..<d {
      derivative[i] = gradientRate[i] * w[i] + lossGradient[i] * v[i]
      derivative[d + i] = -(gradientRate[i] * w[d + i] + lossGradient[i] * v[d + i])
    }
  }

  /// Df = diag(g, −g) + ½ (w₊; −w₋)(w₊; −w₋)ᵀ ⊙ (XᵀX/n repeated): O(d²) after O(nd²) once.
  public func gradientJacobian(_ w: UnsafePointer<Double>, into matrix: UnsafeMutablePointer<Double>) {
    let d = featureCount
    let m = 2 * d
    evaluate(w)
    covariance.withUnsafeBufferPointer { h in
      for i in 0..<d {
        for j in 0..<d {
          let half = 0.5 * h[i * d + j]
          matrix[i * m + j] = half * w[i] * w[j]
          matrix[i * m + d + j] = -half * w[i] * w[d + j]
          matrix[(d + i) * m + j] = -half * w[d + i] * w[j]
          matrix[(d + i) * m + d + j] = half * w[d + i] * w[d + j]
        }
        matrix[i * m + i] += lossGradient[i]
        matrix[(d + i) * m + d + i] -= lossGradient[i]
      }
    }
  }

  private func computeCovariance() -> [Double] {
    let d = featureCount
    let n = sampleCount
    var h = [Double](repeating: 0, count: d * d)
    let x = problem.design.packed
    Dense.gram(x.base, n, d, stride: x.stride, scale: 1 / Double(n), into: &h)
    for i in 0..<d {
      for j in 0..<i { h[i * d + j] = h[j * d + i] }
    }
    return h
  }

  public func integrands(
    _ w: UnsafePointer<Double>, _ rate: UnsafePointer<Double>, lambda: Double,
    into values: UnsafeMutablePointer<Double>
  ) {
    let d = featureCount
    for i in 0..<d {
      values[i] = 2 * lambda * rate[i] * rate[d + i]
      values[d + i] = lossGradient[i]
    }
  }

  public func integrandRates(
    _ w: UnsafePointer<Double>, _ rate: UnsafePointer<Double>, _ acceleration: UnsafePointer<Double>, lambda: Double,
    into values: UnsafeMutablePointer<Double>
  ) {
    let d = featureCount
    for i in 0..<d {
      values[i] = 2 * lambda * (acceleration[i] * rate[d + i] + rate[i] * acceleration[d + i])
      values[d + i] = gradientRate[i]
    }
  }

  public func integrandJacobians(
    _ w: UnsafePointer<Double>, _ rate: UnsafePointer<Double>, lambda: Double,
    position: UnsafeMutablePointer<Double>, velocity: UnsafeMutablePointer<Double>
  ) {
    let d = featureCount
    let m = 2 * d
    position.update(repeating: 0, count: m * m)
    velocity.update(repeating: 0, count: m * m)
    covariance.withUnsafeBufferPointer { h in
      for i in 0..<d {
        velocity[i * m + i] = 2 * lambda * rate[d + i]
        velocity[i * m + d + i] = 2 * lambda * rate[i]
        for j in 0..<d {
          position[(d + i) * m + j] = 0.5 * h[i * d + j] * w[j]
          position[(d + i) * m + d + j] = -0.5 * h[i * d + j] * w[d + j]
        }
      }
    }
  }
}
