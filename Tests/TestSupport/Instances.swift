import Dynamics
import LinearAlgebra
import Networks
import RandomStreams
import Regression

/// Random instances for tests, drawn from a stream of their own.
public enum Instances {
  /// A dense problem whose y has nothing to do with X.
  public static func problem(_ n: Int, _ d: Int, seed: UInt64) throws -> RegressionProblem {
    var stream = RandomStream(seed: seed, substream: 100)
    let elements = (0..<n * d).map { _ in stream.normal() }
    let response = (0..<n).map { _ in stream.normal() }
    return try RegressionProblem(
      name: "test", design: DesignMatrix(rows: n, columns: d, elements: elements), response: response)
  }

  /// `count` normal numbers.
  public static func normals(_ count: Int, seed: UInt64) -> [Double] {
    var stream = RandomStream(seed: seed, substream: 101)
    return (0..<count).map { _ in stream.normal() }
  }

  /// Momentum gradient flow from `start` (gradient flow for λ = 0), without integrals.
  public static func flow(
    _ problem: RegressionProblem, _ start: Initialization, lambda: Double
  ) throws -> InitialValueProblem {
    let network = DiagonalNetwork(problem)
    let field: any DifferentiableField =
      lambda > 0
      ? try MomentumGradientFlow(network, lambda: lambda, carryingIntegrals: false)
      : GradientFlow(network, carryingIntegrals: false)
    return try InitialValueProblem(field, from: lambda > 0 ? start.weights + start.rates : start.weights)
  }

  /// Shapes worth testing: one sample, one feature, both, more samples than features, odd sizes.
  public static let shapes = [(1, 1), (1, 7), (7, 1), (3, 5), (9, 4), (4, 9), (20, 30), (5, 64), (37, 13)]
}

/// The largest |a − b|.
public func distance(_ a: some Sequence<Double>, _ b: some Sequence<Double>) -> Double {
  zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) }
}

/// The largest |a|.
public func largest(_ a: some Sequence<Double>) -> Double {
  a.reduce(0) { max($0, abs($1)) }
}
