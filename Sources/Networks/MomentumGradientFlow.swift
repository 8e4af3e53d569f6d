import Dynamics

/// Momentum gradient flow λẅ + ẇ + f(w) = 0, λ > 0.
///
/// State: w (m) | ẇ (m) | the objective's integrals (q) | ∫‖ẇ‖²/2 dt (1). The last q + 1 are quadratures,
/// which a flow made without integrals leaves out.
/// Source: Papazov, Pesme, Flammarion, arXiv 2403.05293, equation (MGF), in balanced coordinates.
public final class MomentumGradientFlow: SeriesField, StageField, JacobianField {
  /// What is descended.
  public let objective: any Objective
  /// The momentum parameter λ = γ/(1−β)² (units of time).
  public let lambda: Double
  private let m: Int
  private let q: Int
  private let carriesIntegrals: Bool

  /// The flow of `objective`. Throws `InvalidInput` unless λ is positive and finite.
  public init(_ objective: any Objective, lambda: Double, carryingIntegrals: Bool = true) throws(InvalidInput) {
    guard lambda > 0, lambda.isFinite else {
      throw InvalidInput(
        "λ = \(lambda)", because: "momentum gradient flow needs λ positive and finite",
        remedy: "for λ = 0 use gradient flow")
    }
    self.objective = objective
    self.lambda = lambda
    m = objective.dimension
    q = carryingIntegrals ? objective.integralCount : 0
    carriesIntegrals = carryingIntegrals
  }

  public var dimension: Int { 2 * m + q + (carriesIntegrals ? 1 : 0) }
  public var quadratures: Range<Int> { 2 * m..<dimension }
  public var passes: Int { objective.passes }
  public var seriesWork: (linear: Double, quadratic: Double) { objective.seriesWork }

  public func makeJet(degree: Int) -> any Jet {
    objective.makeJet(degree: degree, lambda: lambda, carryingIntegrals: carriesIntegrals)
  }

  public func makeStageSystem(stages: Int) -> any StageSystem {
    objective.makeStageSystem(stages: stages, lambda: lambda)
  }

  public func stageWork(stages: Int) -> Double { objective.stageWork(stages: stages) }

  public func evaluate(_ t: Double, _ y: Span<Double>, into rate: inout MutableSpan<Double>) {
    withPointers(y, &rate, count: dimension) { y, rate in
      let v = y + m
      let acceleration = rate + m
      objective.gradient(y, into: acceleration)
      if carriesIntegrals { objective.integrands(y, v, lambda: lambda, into: rate + 2 * m) }
      var dissipation = 0.0
      for i in 0..<m {
        rate[i] = v[i]
        acceleration[i] = -(v[i] + acceleration[i]) / lambda
        dissipation += v[i] * v[i]
      }
      if carriesIntegrals { rate[2 * m + q] = 0.5 * dissipation }
    }
  }

  public func secondDerivative(
    _ t: Double, _ y: Span<Double>, _ rate: Span<Double>, into second: inout MutableSpan<Double>
  ) {
    withPointers(y, rate, &second, count: dimension) { y, rate, second in
      let v = y + m
      let a = rate + m
      let jerk = second + m
      objective.gradientDerivative(y, along: v, into: jerk)
      if carriesIntegrals { objective.integrandRates(y, v, a, lambda: lambda, into: second + 2 * m) }
      var dissipation = 0.0
      for i in 0..<m {
        second[i] = a[i]
        jerk[i] = -(a[i] + jerk[i]) / lambda
        dissipation += v[i] * a[i]
      }
      if carriesIntegrals { second[2 * m + q] = dissipation }
    }
  }

  public func jacobian(
    _ t: Double, _ y: Span<Double>, into matrix: inout MutableSpan<Double>,
    timeDerivative: inout MutableSpan<Double>
  ) {
    withPointers(y, &matrix, &timeDerivative, count: dimension) { y, matrix, timeDerivative in
      let n = dimension
      matrix.update(repeating: 0, count: n * n)
      timeDerivative.update(repeating: 0, count: n)
      let block = UnsafeMutablePointer<Double>.allocate(capacity: m * m + 2 * q * m)
      defer { block.deallocate() }
      let position = block + m * m
      let velocity = position + q * m
      objective.gradientJacobian(y, into: block)
      if carriesIntegrals {
        objective.integrandJacobians(y, y + m, lambda: lambda, position: position, velocity: velocity)
      }
      for i in 0..<m {
        matrix[i * n + m + i] = 1
        for j in 0..<m {
          matrix[(m + i) * n + j] = -block[i * m + j] / lambda
        }
        matrix[(m + i) * n + m + i] = -1 / lambda
        if carriesIntegrals { matrix[(2 * m + q) * n + m + i] = y[m + i] }
      }
      for k in 0..<q {
        for j in 0..<m {
          matrix[(2 * m + k) * n + j] = position[k * m + j]
          matrix[(2 * m + k) * n + m + j] = velocity[k * m + j]
        }
      }
    }
  }

  /// |e_w| and λ|e_ẇ| ≤ atol + rtol(|w| + λ|ẇ|), coordinate by coordinate: neither a velocity that starts at zero nor a
  /// coordinate that passes through zero asks for the impossible. No bound on the quadratures.
  public func errorBounds(_ y: Span<Double>, _ tolerance: Tolerance, into bounds: inout MutableSpan<Double>) {
    withPointers(y, &bounds, count: dimension) { y, bounds in
      objective.sizes(y, y + m, lambda: lambda, into: bounds)
      for i in 0..<m {
        let bound = tolerance.bound(bounds[i])
        bounds[i] = bound
        bounds[m + i] = bound / lambda
      }
      for i in quadratures { bounds[i] = .infinity }
    }
  }
}
