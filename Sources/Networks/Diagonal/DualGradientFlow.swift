import Dynamics
import RealModule
import Regression

/// Gradient flow in dual coordinates: ν ∈ Rⁿ with ln w± = ln w±,₀ ∓ Xᵀν and ν̇ = (Xθ(Xᵀν) − y)/n.
///
/// The invariant w₊w₋ is exact, every weight keeps its full relative accuracy at any scale α, and n unknowns replace 2d.
/// State: ν (n) | ∫‖ẇ‖²/2 dt (1, a quadrature). ∫g dt = Xᵀν.
///
/// Source: Theory, eq. 3.1; the mirror flow of the hyperbolic entropy (Woodworth et al., 2020).
public final class DualGradientFlow: StageField {
  /// The regression problem.
  public let problem: RegressionProblem
  public private(set) var passes = 0
  let n: Int
  let d: Int
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
  public func errorBounds(_ y: Span<Double>, _ tolerance: Tolerance, into bounds: inout MutableSpan<Double>) {
    withPointers(y, &bounds, count: dimension) { y, bounds in
      let share = max(tolerance.relative, 1e-16) / Double(n).squareRoot()
      for q in 0..<n { bounds[q] = share / rowScale[q] }
      bounds[n] = .infinity
    }
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
    problem.design.packed.pull(nu, into: g)
  }

  func count(_ more: Int) { passes += more }

  public func evaluate(_ t: Double, _ y: Span<Double>, into rate: inout MutableSpan<Double>) {
    withPointers(y, &rate, count: dimension) { y, rate in
      expand(y, weights: &weights, drift: &drift)
      for i in 0..<d { theta[i] = 0.25 * (weights[i] - weights[d + i]) * (weights[i] + weights[d + i]) }
      for q in 0..<n { rate[q] = problem.response[q] }
      problem.design.packed.image(of: theta, keeping: -1, into: rate)
      pull(rate, into: &gradient)
      rate[n] = 0
      for q in 0..<n { rate[q] /= Double(n) }
      for i in 0..<d {
        let g = gradient[i] / Double(n)
        rate[n] += 0.5 * g * g * (weights[i] * weights[i] + weights[d + i] * weights[d + i])
      }
      passes += 1
    }
  }

  public func makeStageSystem(stages: Int) -> any StageSystem { DualStages(self, stages: stages) }

  public func stageWork(stages: Int) -> Double {
    let (samples, features, s) = (Double(n), Double(d), Double(stages))
    return 5 * s * (2 * samples * features + samples * samples) + samples * samples * features
      + (2 * s - 1) * samples * samples * samples / 3
  }
}
