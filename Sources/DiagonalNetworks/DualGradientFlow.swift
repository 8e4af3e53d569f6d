import COpenBLAS
import Dynamics
import RealModule

/// Gradient flow in dual coordinates: ν ∈ Rⁿ with ln w± = ln w±,₀ ∓ Xᵀν and ν̇ = (Xθ(Xᵀν) − y)/n.
///
/// The invariant w₊w₋ is exact, every weight keeps its full relative accuracy at any scale α, and n unknowns replace 2d.
/// State: ν (n) | ∫‖ẇ‖²/2 dt (1, a quadrature). ∫g dt = Xᵀν.
///
/// Source: theory, section 6 and numerics, last point; the mirror flow of the hyperbolic entropy (Woodworth et al., 2020).
public final class DualGradientFlow: StageField {
  /// The regression problem.
  public let problem: RegressionProblem
  public private(set) var passes = 0
  fileprivate let n: Int
  fileprivate let d: Int
  private let start: [Double]
  private let logStart: [Double]
  private let rowScale: [Double]
  private var drift: [Double]
  private var theta: [Double]
  private var gradient: [Double]
  private var weights: [Double]

  /// The flow of a network's loss from weights w± (2d numbers).
  public init(_ problem: RegressionProblem, from start: [Double]) {
    self.problem = problem
    (n, d) = (problem.sampleCount, problem.featureCount)
    self.start = start
    logStart = start.map { Double.log(abs($0)) }
    rowScale = (0..<problem.sampleCount).map { max(problem.design[row: $0].maximumMagnitude, 0x1p-500) }
    drift = [Double](repeating: 0, count: d)
    (theta, gradient) = (drift, drift)
    weights = [Double](repeating: 0, count: 2 * d)
  }

  public var dimension: Int { n + 1 }
  public var quadratures: Range<Int> { n..<n + 1 }

  /// A local error e of ν moves ln w by Xᵀe: at most the relative tolerance for every weight.
  public func errorBounds(
    _ y: UnsafePointer<Double>, _ tolerance: Tolerance, into bounds: UnsafeMutablePointer<Double>
  ) {
    let share = max(tolerance.relative, 1e-16) / Double(n).squareRoot()
    for q in 0..<n { bounds[q] = share / rowScale[q] }
    bounds[n] = .infinity
  }

  /// Writes w± (2d numbers) and G = Xᵀν (d numbers) at ν.
  public func expand(
    _ nu: UnsafePointer<Double>, weights w: UnsafeMutablePointer<Double>, drift g: UnsafeMutablePointer<Double>
  ) {
    pull(nu, into: g)
    for i in 0..<d {
      w[i] = start[i] == 0 ? 0 : Double.exp(logStart[i] - g[i]) * (start[i] < 0 ? -1 : 1)
      w[d + i] = start[d + i] == 0 ? 0 : Double.exp(logStart[d + i] + g[i]) * (start[d + i] < 0 ? -1 : 1)
    }
  }

  /// Writes Xᵀν, d numbers.
  public func pull(_ nu: UnsafePointer<Double>, into g: UnsafeMutablePointer<Double>) {
    let x = problem.design.packed
    cblas_dgemv(CblasRowMajor, CblasTrans, CInt(n), CInt(d), 1, x.base, CInt(x.stride), nu, 1, 0, g, 1)
  }

  fileprivate func count(_ more: Int) { passes += more }

  public func evaluate(_ t: Double, _ y: UnsafePointer<Double>, into rate: UnsafeMutablePointer<Double>) {
    weights.withUnsafeMutableBufferPointer { w in
      drift.withUnsafeMutableBufferPointer { g in
        if let w = w.baseAddress, let g = g.baseAddress { expand(y, weights: w, drift: g) }
      }
    }
    for i in 0..<d { theta[i] = 0.25 * (weights[i] - weights[d + i]) * (weights[i] + weights[d + i]) }
    let x = problem.design.packed
    for q in 0..<n { rate[q] = problem.response[q] }
    cblas_dgemv(CblasRowMajor, CblasNoTrans, CInt(n), CInt(d), 1, x.base, CInt(x.stride), theta, 1, -1, rate, 1)
    pull(rate, into: &gradient)
    rate[n] = 0
    for q in 0..<n { rate[q] /= Double(n) }
    for i in 0..<d {
      let g = gradient[i] / Double(n)
      rate[n] += 0.5 * g * g * (weights[i] * weights[i] + weights[d + i] * weights[d + i])
    }
    passes += 1
  }

  /// Nobody asks: neither Hermite segments nor dense implicit methods are used with it.
  public func secondDerivative(
    _ t: Double, _ y: UnsafePointer<Double>, _ rate: UnsafePointer<Double>, into second: UnsafeMutablePointer<Double>
  ) {
    for q in 0...n { second[q] = .nan }
  }

  public func jacobian(
    _ t: Double, _ y: UnsafePointer<Double>, into matrix: UnsafeMutablePointer<Double>,
    timeDerivative: UnsafeMutablePointer<Double>
  ) {
    for k in 0..<dimension * dimension { matrix[k] = .nan }
  }

  public func makeStageSystem(stages: Int) -> any StageSystem { DualStages(self, stages: stages) }

  public func stageWork(stages: Int) -> Double {
    let (samples, features, s) = (Double(n), Double(d), Double(stages))
    return 5 * s * (2 * samples * features + samples * samples) + samples * samples * features
      + (2 * s - 1) * samples * samples * samples / 3
  }
}

/// The structure of the dual flow: ν̇ = −f with f = (y − Xθ)/n and Df = X D Xᵀ/n, D = (w₊² + w₋²)/2, an n × n system.
/// Increments of θ come from those of G by expm1, and residuals are carried from step to step.
private final class DualStages: StageSystem {
  let inertia = 0.0
  let positionCount: Int
  private(set) var work = 0.0
  private let flow: DualGradientFlow
  private let stages: Int
  private let n: Int
  private let d: Int
  private var position: [Double]
  private var weights: [Double]
  private var drift: [Double]
  private var residual: [Double]
  private var lastPosition: [Double]
  private var lastResidual: [Double]
  private var stageDrifts: [Double]
  private var stageThetas: [Double]
  private var stageResiduals: [Double]
  private var stageGradients: [Double]
  private var center: [Double]
  private var scaledDesign: [Double]
  private var curvature: [Double]
  private var realFactor: [Double]
  private var realPivots: [CInt]
  private var complexFactors: [[Double]]
  private var complexPivots: [[CInt]]

  init(_ flow: DualGradientFlow, stages: Int) {
    self.flow = flow
    self.stages = stages
    (n, d) = (flow.n, flow.d)
    positionCount = n
    func zeros(_ count: Int) -> [Double] { [Double](repeating: 0, count: count) }
    position = zeros(n)
    weights = zeros(2 * d)
    drift = zeros(d)
    residual = zeros(n)
    lastPosition = zeros(n)
    lastResidual = zeros(n)
    stageDrifts = zeros(stages * d)
    stageThetas = zeros(stages * d)
    stageResiduals = zeros(stages * n)
    stageGradients = zeros(stages * d)
    center = zeros(d)
    scaledDesign = zeros(n * d)
    curvature = zeros(n * n)
    realFactor = zeros(n * n)
    realPivots = [CInt](repeating: 0, count: n)
    let pairs = (stages - 1) / 2
    complexFactors = [[Double]](repeating: zeros(2 * n * n), count: pairs)
    complexPivots = [[CInt]](repeating: [CInt](repeating: 0, count: n), count: pairs)
  }

  func begin(_ nu: UnsafePointer<Double>) {
    move(to: nu)
    let x = flow.problem.design.packed
    for i in 0..<d { center[i] = 0.25 * (weights[i] - weights[d + i]) * (weights[i] + weights[d + i]) }
    for q in 0..<n { residual[q] = flow.problem.response[q] }
    cblas_dgemv(CblasRowMajor, CblasNoTrans, CInt(n), CInt(d), 1, x.base, CInt(x.stride), center, 1, -1, &residual, 1)
    flow.count(1)
  }

  private func move(to nu: UnsafePointer<Double>) {
    for q in 0..<n { position[q] = nu[q] }
    flow.expand(nu, weights: &weights, drift: &drift)
  }

  func advance(to nu: UnsafePointer<Double>) {
    // The last Newton correction and rounding, from the last stage.
    let correction = (0..<n).map { nu[$0] - position[$0] }
    addChange(correction, rows: 1)
    for q in 0..<n { residual[q] += stageResiduals[q] }
    move(to: nu)
    flow.count(1)
  }

  /// X δθ of the increments `zeta` (rows × n) into `stageResiduals`, and their drifts.
  private func addChange(_ zeta: UnsafePointer<Double>, rows: Int) {
    let x = flow.problem.design.packed
    cblas_dgemm(
      CblasRowMajor, CblasNoTrans, CblasNoTrans, CInt(rows), CInt(d), CInt(n), 1, zeta, CInt(n), x.base, CInt(x.stride),
      0, &stageDrifts, CInt(d))
    for k in 0..<rows {
      for i in 0..<d {
        let change = 2 * stageDrifts[k * d + i]
        let (p, m) = (weights[i], weights[d + i])
        stageThetas[k * d + i] = 0.25 * (p * p * Double.expMinusOne(-change) - m * m * Double.expMinusOne(change))
      }
    }
    cblas_dgemm(
      CblasRowMajor, CblasNoTrans, CblasTrans, CInt(rows), CInt(n), CInt(d), 1, stageThetas, CInt(d), x.base,
      CInt(x.stride), 0, &stageResiduals, CInt(n))
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
    flow.pull(zeta, into: &stageDrifts)
    for i in 0..<d {
      let p = weights[i] * Double.exp(-stageDrifts[i])
      let m = weights[d + i] * Double.exp(stageDrifts[i])
      center[i] = 0.5 * (p * p + m * m) / Double(n)
    }
    let x = flow.problem.design.packed
    for q in 0..<n {
      let row = x.base + q * x.stride
      for i in 0..<d { scaledDesign[q * d + i] = row[i] * center[i] }
    }
    cblas_dgemm(
      CblasRowMajor, CblasNoTrans, CblasTrans, CInt(n), CInt(n), CInt(d), 1, scaledDesign, CInt(d), x.base,
      CInt(x.stride), 0, &curvature, CInt(n))
    flow.count(1)
    work += Double(n * n) * Double(d)
  }

  func factor(real: Double, complex: [(real: Double, imaginary: Double)]) -> Bool {
    guard curvature.allSatisfy(\.isFinite) else { return false }
    var (size, info) = (CInt(n), CInt(0))
    realFactor = curvature
    for q in 0..<n { realFactor[q * n + q] += real }
    dgetrf_(&size, &size, &realFactor, &size, &realPivots, &info)
    guard info == 0 else { return false }
    for (k, shift) in complex.enumerated() {
      for q in 0..<n * n { (complexFactors[k][2 * q], complexFactors[k][2 * q + 1]) = (curvature[q], 0) }
      for q in 0..<n {
        complexFactors[k][2 * (q * n + q)] += shift.real
        complexFactors[k][2 * (q * n + q) + 1] += shift.imaginary
      }
      zgetrf_(&size, &size, &complexFactors[k], &size, &complexPivots[k], &info)
      guard info == 0 else { return false }
    }
    work += (1 + 4 * Double(complex.count)) * Double(n * n) * Double(n) / 3
    return true
  }

  func solve(_ b: UnsafeMutablePointer<Double>) {
    solveReal(b)
    var (size, one, info) = (CInt(n), CInt(1), CInt(0))
    for k in complexFactors.indices {
      let (re, im) = (b + (2 * k + 1) * n, b + (2 * k + 2) * n)
      withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * n) { pair in
        for q in 0..<n { (pair[2 * q], pair[2 * q + 1]) = (re[q], im[q]) }
        zgetrs_("N", &size, &one, complexFactors[k], &size, complexPivots[k], pair.baseAddress, &size, &info)
        for q in 0..<n { (re[q], im[q]) = (pair[2 * q], pair[2 * q + 1]) }
      }
    }
    work += Double(stages * n * n)
  }

  func solveReal(_ b: UnsafeMutablePointer<Double>) {
    var (size, one, info) = (CInt(n), CInt(1), CInt(0))
    dgetrs_("N", &size, &one, realFactor, &size, realPivots, b, &size, &info)
  }

  func integrands(_ rates: UnsafePointer<Double>, into values: UnsafeMutablePointer<Double>) {
    // ‖ẇ‖²/2 = ½ Σ g² (w₊² + w₋²) with g = Xᵀν̇.
    let x = flow.problem.design.packed
    cblas_dgemm(
      CblasRowMajor, CblasNoTrans, CblasNoTrans, CInt(stages), CInt(d), CInt(n), 1, rates, CInt(n), x.base,
      CInt(x.stride), 0, &stageGradients, CInt(d))
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
