import Dynamics
import ImplicitBias
import Networks
import RealModule
import TaylorSteppers

/// How the limit of momentum gradient flow answers to λ: d ln Δ∞/dλ and dθ∞/dλ, d numbers each.
///
/// w and ∂w/∂λ are integrated together by their Taylor series until the limit can be projected; the projection is then
/// differentiated along (∂w/∂λ, ∂ẇ/∂λ, 1), by differences of fourth order of what is a smooth function of them.
package struct LimitSensitivity {
  /// The limit itself.
  package let limit: AsymptoticLimit
  /// d ln Δ∞/dλ; not a number where a weight left the range of doubles, whose derivative nobody follows.
  package let balancedness: [Double]
  /// dθ∞/dλ.
  package let theta: [Double]
  /// How the run ended.
  package let outcome: Outcome

  /// - Parameters:
  ///   - deltaTolerance: for the limit, as for `limit`.
  ///   - maximumPasses: the most passes over X; then the outcome is `maxTime`.
  /// Throws `InvalidInput` for λ ≤ 0, or when the flow cannot be integrated.
  package init(
    _ setup: Setup, lambda: Double, deltaTolerance: Double, maximumPasses: Int, monitor: RunMonitor = RunMonitor()
  ) throws(InvalidInput) {
    let problem = setup.problem
    let (d, m) = (problem.featureCount, 2 * problem.featureCount)
    let flow = try ExpandedFlow(DiagonalNetwork(problem), lambda: lambda, in: .inertia, levels: 2)
    let criterion = ProjectionCriterion(
      setup, .momentum(lambda: lambda), tolerance: deltaTolerance, monitor: monitor)
    let probe = DiagonalNetwork(problem)
    let zero = [Double](repeating: 0, count: d)
    var isLost = zero.map { _ in false }
    func state(_ y: UnsafePointer<Double>) -> ProjectionCriterion.State {
      ProjectionCriterion.State(
        weights: Array(UnsafeBufferPointer(start: y, count: m)),
        rates: Array(UnsafeBufferPointer(start: y + m, count: m)), gradientIntegral: zero, stateError: 8 * 0x1p-52,
        balanceCheck: nil, needsSecondRun: false)
    }
    let end: Solution
    do {
      let stepper = try TaylorStepper(
        InitialValueProblem(flow, from: flow.start(setup.start)),
        control: .adaptive(Tolerance(relative: 1e-15, absolute: 0)))
      end = try integrate(
        stepper, until: 1e15,
        stoppingWhen: [
          .spending(on: monitor.meter, until: 1e15) { monitor.stopReason },
          StopCondition { view in
            if view.statistics.passes > maximumPasses { return .maxTime }
            guard view.statistics.steps % 8 == 0 else { return nil }
            // Below that doubles keep no digits for the derivative.
            for i in 0..<m
            where FarWeights.hasAny(view.state + i, view.state + m + i, count: 1, lambda: lambda, below: 0x1p-950) {
              isLost[i % d] = true
            }
            let loss = probe.value(view.state)
            let rates = Array(UnsafeBufferPointer(start: view.state + m, count: m))
            let energy = loss + NetworkQuantities.kineticEnergy(rates, lambda: lambda)
            return criterion.isMet(view.time, time: view.time, energy: energy) { state(view.state) } ? .residual : nil
          },
        ])
    } catch let error as InvalidInput {
      throw error
    } catch {
      throw InvalidInput("λ = \(lambda)", because: "\(error)")
    }
    outcome = end.outcome == .residual ? .reached : end.outcome
    let y = end.state
    let (w, v, s, q) = (Array(y[..<m]), Array(y[m..<2 * m]), Array(y[2 * m..<3 * m]), Array(y[3 * m..<4 * m]))
    func projected(_ h: Double) throws(InvalidInput) -> AsymptoticLimit {
      try AsymptoticLimit(
        projecting: problem, setup.rowSpace, start: setup.start, weights: zip(w, s).map { $0 + h * $1 },
        rates: zip(v, q).map { $0 + h * $1 }, motion: .momentum(lambda: lambda + h), gradientIntegral: zero,
        stateError: 0, balanceCheck: nil)
    }
    // No weight may come near zero on the way.
    let steepest = zip(w, s).map { $0 == 0 ? 0 : $1 / $0 }.maximumMagnitude
    let h = 1e-3 * min(lambda, steepest > 0 ? 1 / steepest : lambda)
    let points = [try projected(-2 * h), try projected(-h), try projected(h), try projected(2 * h)]
    func slope(_ value: (AsymptoticLimit) -> Double) -> Double {
      let f = points.map(value)
      return (f[0] - 8 * f[1] + 8 * f[2] - f[3]) / (12 * h)
    }
    limit = try projected(0)
    balancedness = (0..<d).map { i in isLost[i] ? .nan : slope { .log($0.balancedness[i]) } }
    theta = (0..<d).map { i in slope { $0.theta[i] } }
  }
}

/// Adds d ln Δ∞/dλ and dθ∞/dλ to what was found of the limit of momentum gradient flow.
///
/// Throws `InvalidInput` for other subjects.
package func addSensitivity(
  _ setup: Setup, of subject: LimitSubject, _ criteria: LimitCriteria, to result: inout Measurements,
  monitor: RunMonitor = RunMonitor()
) throws(InvalidInput) {
  guard case .flow(let flow) = subject, flow.kind == .mgf else {
    throw InvalidInput("\(.sensitivity)", because: "it is one of momentum gradient flow")
  }
  guard result.isComplete else { return }
  // The limit is known: what follows takes about as long.
  let twin = try DiagonalTwin(setup)
  let found = try LimitSensitivity(
    twin.setup, lambda: twin.pace * flow.lambda, deltaTolerance: criteria.deltaTolerance, maximumPasses: 50_000_000,
    monitor: monitor)
  result.set(
    \.deltaSlope, found.balancedness.map { twin.pace * $0 },
    otherwise: "some Δ∞ is zero, or a weight of it below the range of doubles")
  result.thetaSlope = found.theta.map { twin.pace * $0 }
  guard found.outcome != .reached else { return }
  if found.outcome == .interrupted {
    result.isInterrupted = true
    return
  }
  result.failure =
    found.outcome == .maxWork || found.outcome == .maxSeconds
    ? "\(BudgetEnd.spent(found.outcome, monitor)) before the sensitivities were known"
    : "the sensitivities did not come to their limit (\(found.outcome.rawValue)): the problem is stiff for their Taylor series"
}
