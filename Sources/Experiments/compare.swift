import Comparison
import Descent
import Dynamics
import ImplicitBias
import Networks

/// How the asymptotic gap between flow and iterates is to be found.
public struct GapCriteria: Sendable, Equatable {
  /// The multiply-adds (n·d + 50d + 500 a pass) that each run to its limit may take; counted, never timed.
  public let work: Double

  /// A bound on the work of each run; 0 leaves the gap out.
  public init(work: Double) { self.work = work }

  /// A few seconds on one core.
  public static let defaultWork = 5e9
}

/// The flow of any network against the iterates at matched λ for several steps: the command `compare`. With order 2 or 3, of
/// the diagonal network with the square loss, each step has its own corrected flow; above, one expansion in ε serves all.
///
/// Throws `InvalidInput` for settings that cannot be used.
package func compare(
  _ setup: Setup, _ specification: FlowSpecification, order: Int = 1, method: DescentSettings.Method = .heavyBall,
  steps: [Double], until end: Double, gap criteria: GapCriteria, monitor: RunMonitor = RunMonitor()
) throws(InvalidInput) -> Measurements {
  let comparison = try ComparisonRun(
    setup, specification, order: order, method: method, steps: steps, until: end, monitor: monitor)
  var outcome = comparison.outcome
  var gaps: [Measurements]?
  var reason: String?
  let model = setup.model
  if model != .standard {
    reason = NetworkModel.standardOnly
  } else if outcome == .reached, criteria.work > 0 {
    do throws(GapFailure) {
      gaps = try asymptoticGaps(setup, specification, order: order, method, comparison, criteria, monitor: monitor)
    } catch {
      switch error {
      case .interrupted: (outcome, reason) = (.interrupted, "the run was interrupted")
      case .spent(let spent):
        (outcome, reason) = (spent, "\(BudgetEnd.spent(spent, monitor)) before the limits were known")
      case .unavailable(let message): reason = message
      }
    }
  } else {
    reason = outcome == .reached ? "left out: gap_work is 0" : "the flow did not reach T"
  }
  var result = Measurements(
    "compare", setup, outcome: outcome,
    failure: comparison.failure
      ?? (outcome == .maxWork || outcome == .maxSeconds
        ? reason.map { "\($0): leave them out by \(.gapWork, "0")" } : nil))
  comparison.budgetEnd?.describe(in: &result)
  model.describe(in: &result)
  result.flow = specification.kind.rawValue
  result.order = order
  result.method = method.rawValue
  result.lambda = specification.lambda
  result.until = end
  specification.describe(in: &result)
  result.rows = comparison.rows.map { $0.measurement(model) }
  result.set(\.slope, comparison.slope, otherwise: "fewer than two steps have a finite error")
  if model == .standard {
    result.set(\.slopeOfTheta, comparison.thetaSlope, otherwise: "fewer than two steps have a finite error")
  }
  result.set(\.limitGap, gaps, otherwise: reason ?? "")
  result.passes = comparison.passes
  result.wallSeconds = comparison.wallSeconds
  if let bad = comparison.rows.first(where: { $0.divergedAt != nil }) {
    result.failure =
      "the iterates with step \(bad.settings.step) diverged at iteration \(bad.divergedAt ?? 0); choose smaller steps"
  }
  return result
}

/// The comparison alone, without the limits: also used by the demonstration.
package struct ComparisonRun {
  package let rows: [FlowComparison.Row]
  package let slope: Double?
  package let thetaSlope: Double?
  package let outcome: Outcome
  package let failure: Message?
  package let passes: Int
  package let wallSeconds: Double
  /// How far it came, when its budget ended it.
  let budgetEnd: BudgetEnd?

  package init(
    _ setup: Setup, _ specification: FlowSpecification, order: Int = 1, method: DescentSettings.Method = .heavyBall,
    steps: [Double], until end: Double, monitor: RunMonitor
  ) throws(InvalidInput) {
    let settings = try Self.settings(specification.lambda, steps: steps, until: end, method: method)
    let clock = ContinuousClock()
    let began = clock.now
    // One flow for all steps, or one for each.
    let isExpanded = order > (method == .nesterov ? 2 : 3)
    let groups = order == 1 || isExpanded ? [settings] : settings.map { [$0] }
    var rows: [FlowComparison.Row] = []
    var (outcome, failure, passes) = (Outcome.reached, Message?.none, 0)
    let counts = try settings.map { one throws(InvalidInput) in Double(try one.iterations(until: end)) }
    let all = counts.reduce(0, +)
    let (clockwork, counter) = (Pace("t", until: end, monitor), Pace("iteration", until: all, monitor.silent))
    var iterated = 0
    let surcharge = specification.surcharge(try specification.field(setup.network, carryingIntegrals: false), setup)
    var weights = setup.start.weights
    for (index, group) in groups.enumerated() where outcome == .reached && failure == nil {
      let stepper: any Stepper
      var expansion: ExpandedFlow?
      if isExpanded {
        let flow = try ExpandedFlow(
          DiagonalNetwork(setup.problem), lambda: specification.lambda,
          in: method == .nesterov ? .nesterovStep : .heavyBallStep, levels: order)
        stepper = try specification.stepper(expanded: InitialValueProblem(flow, from: flow.start(setup.start)))
        expansion = flow
      } else {
        let flow =
          order == 1 ? specification : try specification.corrected(order: order, step: group[0].step, method: method)
        stepper = try flow.stepper(flow.starting(setup), setup.network, carryingIntegrals: false)
      }
      do {
        let report = try FlowComparison.run(
          setup.problem, setup.model, from: setup.start, flow: stepper, until: end, settings: group,
          expansion: expansion,
          stoppingWhen: [
            .observe {
              clockwork.observe($0.time, steps: $0.statistics.steps)
              monitor.progress((Double(index) + $0.time / end) / Double(groups.count), "t = \(short($0.time))")
            },
            .spending(on: monitor.meter, until: end, surcharge: surcharge) { monitor.stopReason },
          ],
          spend: {
            iterated += $0
            counter.observe(Double(iterated), steps: iterated)
            return monitor.spend($0)
          })
        weights = Array(report.flow.state.prefix(weights.count))
        rows += report.rows
        outcome = report.flow.outcome
        passes += report.flow.statistics.passes
      } catch let error as IntegrationError {
        (outcome, failure) = (error.partial.outcome, Message(error.description))
        passes += error.partial.statistics.passes
      } catch let error as InvalidInput {
        throw error
      } catch {
        throw InvalidInput("comparison", because: "\(error)")
      }
    }
    // Iterates may be what takes the time.
    let isDescent = Double(iterated) > Double(passes)
    budgetEnd =
      isDescent
      ? BudgetEnd(outcome, counter, monitor, remedies: ["choose longer steps, or a shorter time"])
      : BudgetEnd(outcome, clockwork, monitor, setup, specification, at: weights, seeksLimit: true)
    (self.rows, self.outcome, self.failure, self.passes) = (rows, outcome, failure ?? budgetEnd?.text, passes)
    (slope, thetaSlope) = FlowComparison.slopes(rows)
    let seconds = (clock.now - began).inSeconds
    wallSeconds = seconds
  }

  /// The discrete methods of some steps. Throws `InvalidInput`.
  static func settings(
    _ lambda: Double, steps: [Double], until end: Double, method: DescentSettings.Method,
    batches: DescentSettings.Batches? = nil
  ) throws(InvalidInput) -> [DescentSettings] {
    guard !steps.isEmpty else {
      throw InvalidInput("\(.steps)", because: "no step is given", remedy: "for example \(.steps, "0.1,0.05,0.025")")
    }
    var settings: [DescentSettings] = []
    for step in steps {
      do {
        settings.append(try DescentSettings(lambda: lambda, step: step, method: method, batches: batches))
      } catch {
        throw error.of("\(.steps, step)")
      }
      guard step <= end else {
        throw InvalidInput("\(.steps, step)", because: "it is longer than the whole time \(end)")
      }
    }
    return settings
  }
}

extension FlowComparison.Row {
  func measurement(_ model: NetworkModel) -> Measurements {
    var result = Measurements()
    result.step = settings.step
    result.gamma = settings.gamma
    result.beta = settings.beta
    result.iterations = iterations
    let reason = divergedAt.map { "the iterates diverged at iteration \($0)" } ?? ""
    let ok = divergedAt == nil
    result.set(\.maximumError, ok ? weights.maximum : nil, otherwise: reason)
    result.set(\.rmsError, ok ? weights.rootMeanSquare : nil, otherwise: reason)
    result.set(\.finalError, ok ? weights.final : nil, otherwise: reason)
    result.set(\.thetaMaximumError, ok ? theta.maximum : nil, otherwise: reason)
    guard model == .standard else { return result }
    result.set(\.thetaRMSError, ok ? theta.rootMeanSquare : nil, otherwise: reason)
    result.set(\.thetaFinalError, ok ? theta.final : nil, otherwise: reason)
    return result
  }
}

private enum GapFailure: Error {
  case interrupted
  case spent(Outcome)
  case unavailable(String)
}

/// The relative gaps in Δ∞ and θ∞ of each step, each limit projected to 1e-8 relative, the flow's by Taylor at full
/// precision.
private func asymptoticGaps(
  _ setup: Setup, _ specification: FlowSpecification, order: Int, _ method: DescentSettings.Method,
  _ comparison: ComparisonRun, _ criteria: GapCriteria, monitor: RunMonitor
) throws(GapFailure) -> [Measurements] {
  guard order == 1 || method == .heavyBall else {
    throw .unavailable("the limit of this corrected flow is not built yet")
  }
  let (n, d) = (Double(setup.problem.sampleCount), Double(setup.problem.featureCount))
  // A pass costs n·d multiply-adds, and the state's own arithmetic beside it.
  let passes = Int(min(criteria.work / (n * d + 50 * d + 500), 1e15))
  switch Result(catching: { () throws(InvalidInput) in try setup.isSolvable(to: setup.smallResidual) }) {
  case .success(true): break
  case .success(false): throw .unavailable("Xθ = y has no solution")
  case .failure(let error): throw .unavailable(error.description)
  }
  func limit(_ what: String, _ make: (LimitCriteria) throws(InvalidInput) -> LimitRun) throws(GapFailure)
    -> AsymptoticLimit
  {
    let run: LimitRun
    do {
      run = try make(
        LimitCriteria(
          route: .project, deltaTolerance: 1e-8, maximumTime: 1e15, maximumPasses: passes))
    } catch {
      throw .unavailable(error.description)
    }
    if run.outcome == .interrupted { throw .interrupted }
    if run.outcome == .maxWork || run.outcome == .maxSeconds { throw .spent(run.outcome) }
    guard run.outcome == .reached else {
      throw .unavailable(
        "\(what) did not come near enough to its limit in \(passes) gradient evaluations (\(run.outcome.rawValue)"
          + " at t = \(short(run.time))); raise gap_work")
    }
    return run.limit
  }
  func flowLimit(_ step: Double?) throws(GapFailure) -> AsymptoticLimit {
    try limit("the flow") { criteria throws(InvalidInput) in
      let precise = try FlowSpecification(
        kind: step == nil ? specification.kind : .corrected(order: order), lambda: specification.matchedLambda,
        stepper: "taylor", relative: 1e-15, absolute: 0, step: step)
      return try LimitRun(precise.starting(setup), precise, criteria, monitor: monitor)
    }
  }
  let common = order == 1 ? try flowLimit(nil) : nil
  var list: [Measurements] = []
  for row in comparison.rows where row.divergedAt == nil {
    let flow = if let common { common } else { try flowLimit(row.settings.step) }
    let iterates = try limit("the descent with step \(row.settings.step)") { criteria throws(InvalidInput) in
      try LimitRun(setup, row.settings, criteria, monitor: monitor)
    }
    let gap = AsymptoticGap(flow, iterates)
    var result = Measurements()
    result.step = row.settings.step
    result.set(\.deltaGap, gap.balancedness, otherwise: "some Δ∞ of the flow is zero")
    result.set(\.thetaGap, gap.theta, otherwise: "θ∞ of the flow is zero")
    list.append(result)
  }
  return list
}

extension FlowSpecification {
  /// A stepper of an expanded flow. Throws `InvalidInput` for implicit methods.
  fileprivate func stepper(expanded problem: InitialValueProblem) throws(InvalidInput) -> any Stepper {
    try method.requireExplicit("expanded flows are")
    return try method.stepper(self, problem, true)
  }

  /// The corrected flow of some order for iterates with this step. Throws `InvalidInput`.
  func corrected(
    order: Int, step: Double, method: DescentSettings.Method
  ) throws(InvalidInput) -> FlowSpecification {
    try FlowSpecification(
      kind: .corrected(order: order), lambda: matchedLambda, stepper: self.method.name,
      relative: tolerance.relative, absolute: tolerance.absolute, step: step, isNesterov: method == .nesterov)
  }
}
