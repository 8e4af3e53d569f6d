import Dynamics

/// What is descended: value and gradient of a loss F(w), with the integrals that make its runs checkable.
///
/// "Gradient" here is the field f(w) of ẇ = −f(w); for the diagonal network in balanced coordinates f = ±g⊙w± is twice
/// ∂F/∂w (Theory, section 1: F depends on u and v, w± = u ± v). An objective owns its scratch memory, so each run has its own.
public protocol Objective: AnyObject {
  /// The number m of coordinates of w.
  var dimension: Int { get }
  /// The number q of integrals carried along.
  var integralCount: Int { get }
  /// Work done so far, in passes over the data.
  var passes: Int { get }

  /// F(w). One half to one pass.
  func value(_ w: UnsafePointer<Double>) -> Double

  /// Writes f(w), m numbers. One pass.
  func gradient(_ w: UnsafePointer<Double>, into f: UnsafeMutablePointer<Double>)

  /// Writes the directional derivative Df(w)·v, m numbers. One pass, plus one if `gradient` was not last called at w.
  func gradientDerivative(
    _ w: UnsafePointer<Double>, along v: UnsafePointer<Double>, into derivative: UnsafeMutablePointer<Double>)

  /// Writes Df(w), m × m, row-major. O(m²) memory.
  func gradientJacobian(_ w: UnsafePointer<Double>, into matrix: UnsafeMutablePointer<Double>)

  /// Writes the integrands of the q integrals at (w, ẇ), right after `gradient` at w. `lambda` is 0 for gradient flow.
  func integrands(
    _ w: UnsafePointer<Double>, _ rate: UnsafePointer<Double>, lambda: Double,
    into values: UnsafeMutablePointer<Double>)

  /// Writes d/dt of the integrands, right after `gradientDerivative` at w along `rate`.
  func integrandRates(
    _ w: UnsafePointer<Double>, _ rate: UnsafePointer<Double>, _ acceleration: UnsafePointer<Double>, lambda: Double,
    into values: UnsafeMutablePointer<Double>)

  /// Writes ∂(integrands)/∂w and ∂(integrands)/∂ẇ, each q × m, row-major.
  func integrandJacobians(
    _ w: UnsafePointer<Double>, _ rate: UnsafePointer<Double>, lambda: Double,
    position: UnsafeMutablePointer<Double>, velocity: UnsafeMutablePointer<Double>)

  /// Memory for the Taylor series of λẅ + ẇ + f(w) = 0 (λ = 0: gradient flow) of at least this degree, for the state
  /// w | ẇ (λ > 0 only) | with integrals: the q integrals | ∫‖ẇ‖²/2.
  func makeJet(degree: Int, lambda: Double, carryingIntegrals: Bool) -> any Jet

  /// The structure that implicit methods of this many stages need.
  func makeStageSystem(stages: Int, lambda: Double) -> any StageSystem

  /// The multiply-adds of a usual step of an implicit method of this many stages.
  func stageWork(stages: Int) -> Double

  /// How the work of a series of degree N grows: linear·N + quadratic·N², in any unit.
  var seriesWork: (linear: Double, quadratic: Double) { get }

  /// Writes the size that the error of each coordinate is measured against, m numbers: |wᵢ| + λ|ẇᵢ| by default. `rate` is nil
  /// for gradient flow. A coordinate that may rest at zero and leave it needs another.
  func sizes(
    _ w: UnsafePointer<Double>, _ rate: UnsafePointer<Double>?, lambda: Double, into sizes: UnsafeMutablePointer<Double>
  )
}

extension Objective {
  public func sizes(
    _ w: UnsafePointer<Double>, _ rate: UnsafePointer<Double>?, lambda: Double, into sizes: UnsafeMutablePointer<Double>
  ) {
    for i in 0..<dimension { sizes[i] = abs(w[i]) + (rate.map { lambda * abs($0[i]) } ?? 0) }
  }
}
