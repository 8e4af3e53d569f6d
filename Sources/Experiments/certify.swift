import Dynamics
import ImplicitBias
import Networks

/// The limit with its certificate, and where between the kernel and the rich regime it lies, whatever the size of the
/// linear programme: the command `certify`.
///
/// Throws `InvalidInput` as `limit`.
package func certify(
  _ setup: Setup, of subject: LimitSubject, _ criteria: LimitCriteria, monitor: RunMonitor = RunMonitor()
) throws(InvalidInput) -> Measurements {
  let setup = try setup.decomposed(monitor)
  var result = try limit(setup, of: subject, criteria, monitor: monitor, programmeSize: .max)
  result.command = "certify"
  return result
}

/// Compares θ∞ with the interpolators of least ℓ1 norm (a linear programme, solved for X of at most `programmeSize`
/// entries) and of least ℓ2 norm, and θ̃₀ with θ₀.
func describeRegime(
  _ setup: Setup, theta: [Double], start: [Double], programmeSize: Int, _ monitor: RunMonitor,
  in result: inout Measurements
) throws(InvalidInput) {
  func norm1(_ values: [Double]) -> Double { values.reduce(0) { $0 + abs($1) } }
  func norm2(_ values: [Double]) -> Double { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }
  func distance(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).map { $0 - $1 }.maximumMagnitude }
  let shortest = try setup.rowSpace.minimumNormSolution(setup.problem.response)
  let problem = setup.problem
  let entries = problem.sampleCount * problem.featureCount
  let isSmall = entries <= programmeSize
  // The simplex method cannot be asked to stop.
  let solved =
    isSmall
    ? try monitor.perform("linear programme of the minimum-ℓ1 interpolator", work: entries <= 4000 ? 0 : nil) {
      () throws(InvalidInput) in SparsestInterpolator(problem)
    } : .some(nil)
  let sparsest = solved ?? nil
  let reason =
    solved == nil
    ? "the run was stopped"
    : isSmall
      ? "the linear programme of the minimum-ℓ1 interpolator was not solved"
      : "the linear programme of the minimum-ℓ1 interpolator is large: mgf certify solves it"
  var regime = Measurements()
  regime.set(\.thetaL1, norm1(theta), otherwise: "it overflows")
  regime.set(\.minimumL1, sparsest?.norm, otherwise: reason)
  regime.set(\.distanceToMinimumL1, sparsest.map { distance(theta, $0.theta) }, otherwise: reason)
  regime.set(\.thetaL2, norm2(theta), otherwise: "it overflows")
  regime.set(\.minimumL2, norm2(shortest), otherwise: "it overflows")
  regime.set(\.distanceToMinimumL2, distance(theta, shortest), otherwise: "it overflows")
  // 0 at the least ℓ1 norm, 1 at the ℓ1 norm of the interpolator of least ℓ2 norm.
  let span = sparsest.map { norm1(shortest) - $0.norm } ?? .nan
  regime.set(
    \.position, span > 1e-12 * norm1(shortest) ? sparsest.map { (norm1(theta) - $0.norm) / span } : nil,
    otherwise: sparsest == nil ? reason : "both interpolators have the same ℓ1 norm")
  result.regimes = regime
  let theta0 = NetworkQuantities.theta(setup.start.weights)
  var shift = Measurements()
  shift.set(\.perturbedStartMax, start.maximumMagnitude, otherwise: "some entries overflow")
  shift.set(\.moved, distance(start, theta0), otherwise: "some entries overflow")
  shift.set(
    \.relative, start.maximumMagnitude / theta.maximumMagnitude, otherwise: "θ∞ is zero, or some entries overflow")
  result.startShift = shift
}
