import Dynamics

/// A small system whose Taylor coefficients are given by a closure, for testing Taylor steppers without a network.
public final class SeriesTestField: SeriesField, DifferentiableField {
  public let dimension: Int
  public private(set) var passes = 0
  fileprivate let series: (Double, [Double], Int) -> [[Double]]

  /// `series` gives coefficients 0 … degree (`dimension` numbers each) of the solution through y at t, in units of time.
  public init(dimension: Int, series: @escaping (_ t: Double, _ y: [Double], _ degree: Int) -> [[Double]]) {
    self.dimension = dimension
    self.series = series
  }

  public func evaluate(_ t: Double, _ y: Span<Double>, into rate: inout MutableSpan<Double>) {
    passes += 1
    for (i, value) in series(t, copy(y), 1)[1].enumerated() { rate[i] = value }
  }

  public func secondDerivative(
    _ t: Double, _ y: Span<Double>, _ rate: Span<Double>, into second: inout MutableSpan<Double>
  ) {
    for (i, value) in series(t, copy(y), 2)[2].enumerated() { second[i] = 2 * value }
  }

  public func makeJet(degree: Int) -> any Jet { SeriesTestJet(self, degree: degree) }
  public var seriesWork: (linear: Double, quadratic: Double) { (1, 1) }

  private func copy(_ y: Span<Double>) -> [Double] { (0..<dimension).map { y[$0] } }

  /// y₁ = cos t, y₂ = −sin t from (1, 0).
  public static func oscillator() -> SeriesTestField {
    SeriesTestField(dimension: 2) { _, y, degree in
      var c = [y]
      for k in 1...degree { c.append([c[k - 1][1] / Double(k), -c[k - 1][0] / Double(k)]) }
      return c
    }
  }

  /// y = p(t) + constant for the polynomial Σ aₖ tᵏ.
  public static func polynomial(_ a: [Double]) -> SeriesTestField {
    SeriesTestField(dimension: 1) { t, y, degree in
      (0...degree).map { k in
        if k == 0 { return y }
        var (sum, binomial, power) = (0.0, 1.0, 1.0)
        for j in k..<max(k, a.count) {
          sum += binomial * a[j] * power
          binomial *= Double(j + 1) / Double(j + 1 - k)
          power *= t
        }
        return [sum]
      }
    }
  }
}

private final class SeriesTestJet: Jet {
  let degree: Int
  private let field: SeriesTestField
  private var c: [[Double]] = []

  init(_ field: SeriesTestField, degree: Int) {
    self.field = field
    self.degree = degree
  }

  func expand(_ y: UnsafePointer<Double>, at t: Double, unit: Double) {
    c = field.series(t, Array(UnsafeBufferPointer(start: y, count: field.dimension)), degree)
    var power = 1.0
    for k in c.indices {
      c[k] = c[k].map { power * $0 }
      power *= unit
    }
  }

  func lastOrders(_ tolerance: Tolerance) -> (before: Double, last: Double) {
    func size(_ k: Int) -> Double { zip(c[k], c[0]).reduce(0) { max($0, abs($1.0) / tolerance.bound($1.1)) } }
    return (size(degree - 1), size(degree))
  }

  func mayChangeSign(_ coordinates: Range<Int>, within s: Double) -> Bool { true }

  func increment(to s: Double, into change: UnsafeMutablePointer<Double>) {
    for i in 0..<field.dimension {
      change[i] = stride(from: degree, to: 0, by: -1).reduce(0) { ($0 + c[$1][i]) * s }
    }
  }

  func copyCoefficients(upTo s: Double, into out: UnsafeMutablePointer<Double>) {
    var power = 1.0
    for k in 0...degree {
      for i in 0..<field.dimension { out[k * field.dimension + i] = power * c[k][i] }
      power *= s
    }
  }
}
