import Dynamics

/// Gradient flow ẇ = −f(w).
///
/// State: w (m) | the objective's integrals (q) | ∫‖ẇ‖²/2 dt (1). The last q + 1 are quadratures,
/// which a flow made without integrals leaves out.
/// Source: Papazov, Pesme, Flammarion, arXiv 2403.05293, equation (GF), in balanced coordinates.
public final class GradientFlow: SeriesField, StageField, JacobianField {
  /// What is descended.
  public let objective: any Objective
  private let m: Int
  private let q: Int
  private let carriesIntegrals: Bool

  /// The flow of `objective`.
  public init(_ objective: any Objective, carryingIntegrals: Bool = true) {
    self.objective = objective
    m = objective.dimension
    q = carryingIntegrals ? objective.integralCount : 0
    carriesIntegrals = carryingIntegrals
  }

  public var dimension: Int { m + q + (carriesIntegrals ? 1 : 0) }
  public var quadratures: Range<Int> { m..<dimension }
  public var passes: Int { objective.passes }
  public var seriesWork: (linear: Double, quadratic: Double) { objective.seriesWork }

  public func makeJet(degree: Int) -> any Jet {
    objective.makeJet(degree: degree, lambda: 0, carryingIntegrals: carriesIntegrals)
  }

  public func makeStageSystem(stages: Int) -> any StageSystem {
    objective.makeStageSystem(stages: stages, lambda: 0)
  }

  public func stageWork(stages: Int) -> Double { objective.stageWork(stages: stages) }

  public func evaluate(_ t: Double, _ y: Span<Double>, into rate: inout MutableSpan<Double>) {
    withPointers(y, &rate, count: dimension) { y, rate in
      objective.gradient(y, into: rate)
      var dissipation = 0.0
      for i in 0..<m {
        rate[i] = -rate[i]
        dissipation += rate[i] * rate[i]
      }
      guard carriesIntegrals else { return }
      objective.integrands(y, rate, lambda: 0, into: rate + m)
      rate[m + q] = 0.5 * dissipation
    }
  }

  public func secondDerivative(
    _ t: Double, _ y: Span<Double>, _ rate: Span<Double>, into second: inout MutableSpan<Double>
  ) {
    withPointers(y, rate, &second, count: dimension) { y, rate, second in
      objective.gradientDerivative(y, along: rate, into: second)
      var dissipation = 0.0
      for i in 0..<m {
        second[i] = -second[i]
        dissipation += rate[i] * second[i]
      }
      guard carriesIntegrals else { return }
      objective.integrandRates(y, rate, second, lambda: 0, into: second + m)
      second[m + q] = dissipation
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
      let block = UnsafeMutablePointer<Double>.allocate(capacity: m * m + m + 2 * q * m)
      defer { block.deallocate() }
      let rate = block + m * m
      let position = rate + m
      let velocity = position + q * m
      objective.gradientJacobian(y, into: block)
      objective.gradient(y, into: rate)
      for i in 0..<m { rate[i] = -rate[i] }
      for i in 0..<m {
        for j in 0..<m { matrix[i * n + j] = -block[i * m + j] }
      }
      guard carriesIntegrals else { return }
      objective.integrandJacobians(y, rate, lambda: 0, position: position, velocity: velocity)
      for i in 0..<m {
        for j in 0..<m {
          // ẇ depends on w, so the velocity part of the integrands enters through the chain rule.
          matrix[(m + q) * n + j] -= rate[i] * block[i * m + j]
        }
      }
      for k in 0..<q {
        for j in 0..<m {
          matrix[(m + k) * n + j] = position[k * m + j]
        }
        for i in 0..<m where velocity[k * m + i] != 0 {
          for j in 0..<m {
            matrix[(m + k) * n + j] -= velocity[k * m + i] * block[i * m + j]
          }
        }
      }
    }
  }

  /// |e_w| ≤ atol + rtol·(the objective's size), coordinate by coordinate. No bound on the quadratures.
  public func errorBounds(_ y: Span<Double>, _ tolerance: Tolerance, into bounds: inout MutableSpan<Double>) {
    withPointers(y, &bounds, count: dimension) { y, bounds in
      objective.sizes(y, nil, lambda: 0, into: bounds)
      for i in 0..<m { bounds[i] = tolerance.bound(bounds[i]) }
      for i in quadratures { bounds[i] = .infinity }
    }
  }
}
