import Dynamics
import Foundation

/// A scalar or small system given by closures, with exact derivatives, for testing steppers.
public final class AnalyticField: JacobianField {
  public let dimension: Int
  public private(set) var passes = 0
  private let rate: (Double, [Double]) -> [Double]
  private let jacobianRows: (Double, [Double]) -> [[Double]]
  private let timePart: (Double, [Double]) -> [Double]

  public init(
    dimension: Int, rate: @escaping (Double, [Double]) -> [Double],
    jacobian: @escaping (Double, [Double]) -> [[Double]],
    time: ((Double, [Double]) -> [Double])? = nil
  ) {
    self.dimension = dimension
    self.rate = rate
    jacobianRows = jacobian
    timePart = time ?? { _, _ in [Double](repeating: 0, count: dimension) }
  }

  private func array(_ y: Span<Double>) -> [Double] { (0..<dimension).map { y[$0] } }

  public func evaluate(_ t: Double, _ y: Span<Double>, into out: inout MutableSpan<Double>) {
    passes += 1
    for (i, value) in rate(t, array(y)).enumerated() { out[i] = value }
  }

  public func secondDerivative(
    _ t: Double, _ y: Span<Double>, _ rate: Span<Double>, into second: inout MutableSpan<Double>
  ) {
    let rows = jacobianRows(t, array(y))
    let partial = timePart(t, array(y))
    for i in 0..<dimension {
      second[i] = partial[i] + (0..<dimension).reduce(0) { $0 + rows[i][$1] * rate[$1] }
    }
  }

  public func jacobian(
    _ t: Double, _ y: Span<Double>, into matrix: inout MutableSpan<Double>,
    timeDerivative: inout MutableSpan<Double>
  ) {
    for (i, row) in jacobianRows(t, array(y)).enumerated() {
      for (j, value) in row.enumerated() { matrix[i * dimension + j] = value }
    }
    for (i, value) in timePart(t, array(y)).enumerated() { timeDerivative[i] = value }
  }

  /// y₁ = cos t, y₂ = −sin t from (1, 0).
  public static func oscillator() -> AnalyticField {
    AnalyticField(
      dimension: 2, rate: { _, y in [y[1], -y[0]] }, jacobian: { _, _ in [[0, 1], [-1, 0]] })
  }

  /// ẏ = y cos t from y(0) = 1: y = exp(sin t).
  public static func exponentialOfSine() -> AnalyticField {
    AnalyticField(
      dimension: 1, rate: { t, y in [y[0] * cos(t)] }, jacobian: { t, _ in [[cos(t)]] },
      time: { t, y in [-y[0] * sin(t)] })
  }

  /// ẏ = p(t) with a polynomial: y is exactly integrable by a method of sufficient order.
  public static func polynomial(degree: Int) -> AnalyticField {
    func power(_ t: Double, _ n: Int) -> Double { (0..<max(n, 0)).reduce(1.0) { x, _ in x * t } }
    return AnalyticField(
      dimension: 1, rate: { t, _ in [Double(degree) * power(t, degree - 1)] }, jacobian: { _, _ in [[0]] },
      time: { t, _ in [Double(degree * (degree - 1)) * power(t, degree - 2)] })
  }
}
