import Descent
import Dynamics
import Experiments
import ImplicitBias
import Networks
import Regression

/// One run of a study, made ready: its experiment, and the problem loaded.
package struct Run {
  let study: Study
  let index: Int
  let settings: Settings
  /// What it is; nil while λ is to be found first.
  let experiment: Experiment?
  package let setup: Setup

  /// Throws `InvalidInput` when the start does not fit, or settings cannot be used.
  package init(_ study: Study, _ index: Int, _ setup: Setup) throws(InvalidInput) {
    self.study = study
    self.index = index
    settings = study.settings(index)
    experiment = settings[.lambdaRatio] == nil ? try study.experiment(settings) : nil
    let model = try study.network(settings)
    var start = setup.start
    if study.start == nil {
      start = try model.start(
        alpha: settings[.alpha], fallback: setup.preset?.alpha ?? ProblemSpecification.defaultAlpha,
        features: setup.problem.featureCount)
    }
    self.setup = try setup.training(model, from: start, takingSigns: study.problem(settings).isSynthetic)
    try experiment?.requireBatches(on: setup)
  }

  /// Loads the data of a run; the start is each run's own, unless files give it. Throws `InvalidInput`.
  package static func load(_ study: Study, _ settings: Settings) throws(InvalidInput) -> Setup {
    var problem = try study.problem(settings)
    if study.start == nil { problem.start = nil }
    return try problem.load(drawingBatches: settings[.batch] != nil)
  }

  /// The discrete method, where it is one.
  var descent: DescentSettings? {
    if case .descent(let settings)? = experiment?.goal.motion { settings } else { nil }
  }

  /// How the limit is found, when it is the end.
  var limitCriteria: LimitCriteria? { experiment?.goal.limitCriteria }

  /// The residual that is the end, if one is.
  var residual: Double? { settings[.residual] }

  /// The most iterations of a discrete method.
  var maximum: Int {
    switch experiment?.goal {
    case .descend(_, .count(let count), _, _), .descend(_, .residual(_, let count), _, _): count
    case .limit(_, let criteria, _): criteria.maximumPasses ?? .max
    default: .max
    }
  }

  /// What it may cost: passes over X, counted.
  var affordable: Int {
    settings[.maxWork].map { Int($0) }
      ?? WorkLimit.standardPasses(samples: setup.problem.sampleCount, features: setup.problem.featureCount)
  }

  private var budget: WorkLimit { (try? WorkLimit(passes: affordable)) ?? .unlimited }

  /// Throws `InvalidInput` unless the end can be reached at all.
  func requireSolvable() throws(InvalidInput) {
    if settings[.deltaTolerance] != nil {
      try setup.requireSolvable(to: setup.smallResidual, option: "\(.deltaTolerance)")
    }
    if let residual { try setup.requireSolvable(to: residual, option: "\(.residual, residual)") }
  }

  /// The experiment whose trajectory ends where the run did.
  func recording(_ result: Measurements, samples: Int) throws(InvalidInput) -> Experiment {
    var experiment = if let experiment { experiment } else { try study.experiment(settings) }
    switch experiment.goal.motion {
    case .flow(let flow)?:
      // The limit of gradient flow takes no time to find: its way there ends where the residual does.
      let end: StopRule =
        if let time = result.time, time > 0 {
          .time(time)
        } else {
          .residual(tolerance: setup.smallResidual, maximum: LimitSubject.flow(flow).longestTime)
        }
      experiment.goal = .solve(flow, until: end, recording: .count(samples))
    case .descent(let descent)?:
      experiment.goal = .descend(
        descent, until: .count(result.iterations ?? 0), recording: .count(samples), identity: false)
    case nil: break
    }
    return experiment
  }

  // MARK: Doing it

  /// The run by itself. What cannot be done is told in the result.
  func result(_ monitor: RunMonitor) -> Measurements {
    let monitor = monitor.paying(WorkMeter(budget))
    let clock = ContinuousClock()
    let began = clock.now
    var result: Measurements
    do throws(InvalidInput) {
      try requireSolvable()
      result = if let experiment { try measure(experiment.goal, monitor) } else { try atRatio(monitor) }
    } catch {
      result = Measurements(failure: Message(error.description))
    }
    result.wallSeconds = (clock.now - began).inSeconds
    return result
  }

  private func measure(_ goal: Goal, _ monitor: RunMonitor) throws(InvalidInput) -> Measurements {
    switch goal {
    case .solve(let flow, let stop, _): try solve(flow, stop, monitor)
    case .descend(let descent, let stop, _, _): try descend(descent, stop, monitor)
    case .compare(let flow, let criteria): try compare(flow, criteria, monitor)
    case .limit(let subject, let criteria, _), .certify(let subject, let criteria):
      try limit(subject, criteria, monitor)
    case .thresholds(let criteria): try bestLambda(criteria, monitor)
    }
  }

  /// Finds λ_c first, then is the run at a multiple of it.
  private func atRatio(_ monitor: RunMonitor) throws(InvalidInput) -> Measurements {
    let motion: CriticalLambda.Motion =
      study.isDiscrete(settings) ? .descent(step: settings[.step] ?? 0, study.discreteMethod(settings)) : .flow
    return try found(monitor) { () throws(InvalidInput) in
      guard let certified = setup.certifiedLambda(lambda: 0) else {
        throw InvalidInput("lambda_ratio", because: "λ_cert is not defined for this start")
      }
      let critical = try CriticalLambda(setup, motion, from: certified, tolerance: 1e-6, monitor: monitor)
      var own = settings
      own[.lambda] = (settings[.lambdaRatio] ?? 1) * critical.value
      var result = try measure(study.experiment(own).goal, monitor)
      result.lambda = own[.lambda]
      (result.lambdaCertified, result.lambdaCritical) = (certified, critical.value)
      return result
    }
  }

  /// λ*.
  private func bestLambda(_ criteria: ThresholdCriteria, _ monitor: RunMonitor) throws(InvalidInput) -> Measurements {
    try found(monitor) { () throws(InvalidInput) in
      let best = try OptimalLambda(
        setup, criteria.step.map { .descent(step: $0, criteria.method) } ?? .flow, in: criteria.range ?? 1e-3...100,
        tolerance: criteria.tolerance, monitor: monitor)
      var result = Measurements(.reached)
      result.lambda = best.value
      result.describe(Fit(theta: best.theta, problem: setup.problem))
      result.plainTestError = best.plainError
      return result
    }
  }

  /// What a search finds; what it says of an interruption is not a property of the run.
  private func found(
    _ monitor: RunMonitor, _ search: () throws(InvalidInput) -> Measurements
  ) throws(InvalidInput) -> Measurements {
    do throws(InvalidInput) {
      return try search()
    } catch {
      guard let reason = monitor.stopReason else { throw error }
      return Measurements(reason)
    }
  }

  private func descend(
    _ descent: DescentSettings, _ stop: IterationRule, _ monitor: RunMonitor
  ) throws(InvalidInput) -> Measurements {
    let run = try DescentRun(setup, descent, stop: stop, recording: .endpoints, monitor: monitor)
    let end = run.descent
    var result = Measurements(run.result.outcome)
    result.iterations = end.iteration
    result.passes = end.network.passes
    describeEnd(
      &result, descent.motion(samples: setup.problem.sampleCount), time: end.time, loss: end.loss(),
      residualMax: setup.model.loss.isClassification ? nil : end.residualMax(),
      weights: end.weightArray, rates: end.incrementArray, gradientIntegral: end.gradientIntegral,
      stateError: LimitRun.stateError(iterations: end.iteration))
    return result
  }

  /// The iterates beside the flow of some order.
  private func compare(
    _ flow: FlowSpecification, _ criteria: ComparisonCriteria, _ monitor: RunMonitor
  ) throws(InvalidInput) -> Measurements {
    let run = try ComparisonRun(
      setup, flow, order: criteria.order, method: criteria.method, steps: criteria.steps, until: criteria.end,
      monitor: monitor)
    var result = Measurements(run.outcome, failure: run.outcome == .maxWork ? nil : run.failure)
    guard let row = run.rows.first else { return result }
    result.iterations = row.iterations
    result.time = criteria.end
    result.passes = run.passes + row.iterations
    if row.divergedAt != nil { result.outcome = .diverged } else { result.pathError = row.weights.maximum }
    return result
  }

  private func solve(
    _ flow: FlowSpecification, _ stop: StopRule, _ monitor: RunMonitor
  ) throws(InvalidInput) -> Measurements {
    let run = try FlowRun.run(setup, flow, stop: stop, sampling: .endpoints, monitor: monitor)
    var result = Measurements(run.outcome, failure: run.outcome == .maxWork ? nil : run.failure)
    result.passes = run.solution.statistics.passes
    describeEnd(
      &result, flow.motion, time: run.solution.time, loss: run.end.loss[0], residualMax: run.end.residualMax.last,
      weights: run.weights, rates: run.rates, gradientIntegral: run.gradientIntegral,
      stateError: flow.tolerance.relative)
    return result
  }

  /// The limit, where another network moves as the diagonal one does by way of that.
  private func limit(
    _ subject: LimitSubject, _ criteria: LimitCriteria, _ monitor: RunMonitor
  ) throws(InvalidInput) -> Measurements {
    let twin = try DiagonalTwin(setup)
    let criteria = try twin.criteria(criteria)
    var result: Measurements
    switch try twin.subject(subject) {
    case .flow(let flow):
      var run = try LimitRun(twin.setup, flow, criteria, monitor: monitor)
      try run.estimateIntegrationError(twin.setup, flow, criteria, monitor: monitor)
      result = self.result(of: run, criteria, iterations: nil)
    case .descent(let descent):
      let run = try LimitRun(twin.setup, descent, criteria, monitor: monitor)
      result = self.result(of: run, criteria, iterations: (run.time / descent.step).rounded())
    }
    result.time = result.time.map { $0 / twin.pace }
    return result
  }

  private func result(of run: LimitRun, _ criteria: LimitCriteria, iterations: Double?) -> Measurements {
    // Divergence, and a budget that was spent, are results.
    let isResult = run.outcome == .diverged || run.outcome == .maxWork
    var result = Measurements(run.outcome, failure: isResult ? nil : run.failure)
    result.passes = run.cost.passes
    result.iterations = iterations.map { Int($0) }
    result.time = run.time
    result.loss = run.record.loss.last
    result.residualMax = run.residual
    let error = run.limit.balancednessError + (run.integrationError?.delta ?? .infinity)
    result.describe(run.limit, error: error, setup.problem, isLimit: true)
    result.require(deltaError: error, criteria.deltaTolerance)
    return result
  }

  /// The result of a discrete run whose tail was handed over, but for its passes.
  func result(of found: TailHandOver.Result, _ criteria: LimitCriteria) -> Measurements {
    var result = Measurements(.reached)
    result.iterations = found.iterations
    result.time = found.time
    (result.loss, result.residualMax) = found.end(setup.problem)
    let error = found.limit.balancednessError + found.error.delta
    result.describe(found.limit, error: error, setup.problem, isLimit: true)
    result.require(deltaError: error, criteria.deltaTolerance)
    return result
  }

  /// What is kept of a run that did not ask for its limit; Δ∞ is projected from where it stands if that can be done.
  func describeEnd(
    _ result: inout Measurements, _ motion: LogTail.Motion, time: Double, loss: Double, residualMax: Double?,
    weights: [Double], rates: [Double], gradientIntegral: [Double], stateError: Double
  ) {
    result.time = time
    result.loss = loss
    result.residualMax = residualMax
    guard result.outcome != .diverged else { return }
    result.describe(
      Fit(theta: setup.model.parametrization.theta(weights), problem: setup.problem, loss: setup.model.loss))
    guard !result.hasFailed, setup.model == .standard else { return }
    let limit = try? AsymptoticLimit(
      projecting: setup.problem, setup.rowSpace, start: setup.start, weights: weights, rates: rates, motion: motion,
      gradientIntegral: gradientIntegral, stateError: stateError, balanceCheck: nil)
    if let limit { result.describe(limit, error: limit.balancednessError, setup.problem, isLimit: false) }
  }
}
