import Dynamics
import LinearAlgebra
import Networks
import Regression

/// Momentum gradient flow as one would write it without this package: the gradient by two OpenBLAS dgemv, the rest in one
/// loop. State: w (2d) | ẇ (2d).
final class TwoProductFlow: DifferentiableField {
  let dimension: Int
  private(set) var passes = 0
  private let n: Int
  private let d: Int
  private let lambda: Double
  private let x: [Double]
  private let y: [Double]
  private var theta: [Double]
  private var r: [Double]
  private var g: [Double]
  /// For second derivatives, which nobody asks for here.
  private let twin: MomentumGradientFlow

  init(_ problem: RegressionProblem, lambda: Double) throws {
    (n, d) = (problem.sampleCount, problem.featureCount)
    dimension = 4 * d
    self.lambda = lambda
    x = problem.design.elements
    y = problem.response
    theta = [Double](repeating: 0, count: d)
    r = y
    g = theta
    twin = try MomentumGradientFlow(DiagonalNetwork(problem), lambda: lambda, carryingIntegrals: false)
  }

  func evaluate(_ t: Double, _ state: Span<Double>, into rate: inout MutableSpan<Double>) {
    passes += 1
    let (d, n, lambda) = (d, n, lambda)
    withPointers(state, &rate, count: dimension) { state, rate in
      theta.withUnsafeMutableBufferPointer { theta in
        for i in 0..<d { theta[i] = 0.25 * (state[i] * state[i] - state[d + i] * state[d + i]) }
      }
      r.withUnsafeMutableBufferPointer { r in
        for i in 0..<n { r[i] = y[i] }
      }
      Dense.image(of: theta, by: x, n, d, keeping: -1, into: &r)
      Dense.pull(r, by: x, n, d, scale: 1 / Double(n), into: &g)
      g.withUnsafeBufferPointer { g in
        let v = state + 2 * d
        for i in 0..<2 * d { rate[i] = v[i] }
        for i in 0..<d {
          rate[2 * d + i] = -(v[i] + g[i] * state[i]) / lambda
          rate[3 * d + i] = -(v[d + i] - g[i] * state[d + i]) / lambda
        }
      }
    }
  }

  func secondDerivative(
    _ t: Double, _ y: Span<Double>, _ rate: Span<Double>, into second: inout MutableSpan<Double>
  ) { twin.secondDerivative(t, y, rate, into: &second) }

  func errorBounds(_ y: Span<Double>, _ tolerance: Tolerance, into bounds: inout MutableSpan<Double>) {
    for i in 0..<2 * d {
      bounds[i] = tolerance.bound(abs(y[i]) + lambda * abs(y[2 * d + i]))
      bounds[2 * d + i] = bounds[i] / lambda
    }
  }
}
