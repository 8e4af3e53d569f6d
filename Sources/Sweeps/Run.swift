import Descent
import Dynamics
import Experiments
import ImplicitBias
import Networks
import Regression

/// One run of a study, made ready: its settings checked, its problem loaded.
package struct Run {
  let study: Study
  let index: Int
  private(set) var settings: Settings
  package let setup: Setup

  /// Most iterations when a study states none.
  static let defaultMaximum = 10_000_000

  /// Throws `InvalidInput` when the start does not fit.
  package init(_ study: Study, _ index: Int, _ setup: Setup) throws(InvalidInput) {
    self.study = study
    self.index = index
    settings = study.settings(index)
    let model = try study.network(settings)
    var start = setup.start
    if study.start == nil {
      start = try model.start(
        alpha: settings[.alpha], fallback: setup.preset?.alpha ?? ProblemSpecification.defaultAlpha,
        features: setup.problem.featureCount)
    }
    self.setup = try setup.training(model, from: start, takingSigns: study.isSynthetic)
  }

  /// Loads the data of a run. Throws `InvalidInput`.
  package static func load(_ study: Study, _ settings: Settings) throws(InvalidInput) -> Setup {
    func whole(_ setting: Setting) -> Int { Int(settings[setting] ?? 0) }
    let seed = settings.seed ?? 1
    let source: ProblemSpecification.Source =
      switch study.source {
      case .gaussian:
        .gaussian(
          try SyntheticProblem(
            samples: whole(.samples), features: whole(.features), nonzeros: whole(.nonzeros),
            mean: settings[.mean] ?? 0, seed: seed))
      case .table(let path, let target, let standardize, let format):
        .table(path: path, target: target, standardize: standardize, format: format)
      case .matrices(let design, let response, let truth, let format):
        .matrices(design: design, response: response, truth: truth, format: format)
      case .preset(let name): .preset(name: name, mean: settings[.mean])
      }
    let start = study.start.map { ProblemSpecification.Start.files(u: $0.u, v: $0.v, uRate: nil, vRate: nil) }
    return try ProblemSpecification(source: source, start: start, holdout: settings[.holdout] ?? 0, seed: seed)
      .load(drawingBatches: settings[.batch] != nil)
  }

  // MARK: What is to be done

  /// Whether it is one of a discrete method: with ε = 0 it is one of the flow.
  var isDiscrete: Bool { study.method.isDiscrete && settings[.step] != 0 }

  /// The relative error allowed for Δ∞, when the limit is the end.
  var deltaTolerance: Double? { settings[.deltaTolerance] }

  /// The most iterations.
  func maximum(_ descent: DescentSettings) -> Int {
    if let count = settings[.iterations] { return Int(count) }
    if let time = settings[.until] { return Int(min((time / descent.step).rounded(), 1e15)) }
    return settings[.maxIterations].map { Int($0) } ?? Self.defaultMaximum
  }

  /// What it may cost: passes over X, counted.
  var affordable: Int {
    settings[.maxWork].map { Int($0) }
      ?? WorkLimit.standardPasses(samples: setup.problem.sampleCount, features: setup.problem.featureCount)
  }

  private var limit: WorkLimit { (try? WorkLimit(passes: affordable)) ?? .unlimited }

  /// The discrete method. Throws `InvalidInput`.
  func descentSettings() throws(InvalidInput) -> DescentSettings {
    var batches: DescentSettings.Batches?
    if let batch = settings[.batch] {
      batches = try DescentSettings.Batches(
        size: Int(batch), of: setup.problem.sampleCount, replacement: study.replacement,
        seed: settings.seed ?? 1)
    }
    return try study.descentRates(settings, batches)
  }

  /// The flow. Throws `InvalidInput`.
  func flowSpecification() throws(InvalidInput) -> FlowSpecification { try study.flowSpecification(settings) }

  func limitCriteria(_ tolerance: Double, maximumTime: Double, passes: Int?) throws(InvalidInput) -> LimitCriteria {
    // A trajectory is that of the iterations.
    try LimitCriteria(
      route: .project, deltaTolerance: tolerance,
      maximumTime: maximumTime, maximumPasses: passes, tail: study.samples == nil ? .auto : .iterate,
      maximumTailTime: min(maximumTime, 1e15))
  }

  /// Throws `InvalidInput` unless the end can be reached at all.
  func requireSolvable() throws(InvalidInput) {
    if deltaTolerance != nil {
      try setup.requireSolvable(to: setup.smallResidual, option: "\(.deltaTolerance)")
    }
    if let residual = settings[.residual] { try setup.requireSolvable(to: residual, option: "\(.residual, residual)") }
  }

  // MARK: Doing it

  /// The run by itself. What cannot be done is told in the result.
  func result(_ monitor: RunMonitor) -> Measurements {
    let monitor = monitor.paying(WorkMeter(limit))
    let clock = ContinuousClock()
    let began = clock.now
    var result: Measurements
    do throws(InvalidInput) {
      try requireSolvable()
      result =
        try settings[.lambdaTolerance] != nil || settings[.lambdaRatio] != nil
        ? search(monitor) : isDiscrete ? descend(monitor) : flow(monitor)
    } catch {
      result = Measurements(failure: Message(error.description))
    }
    result.wallSeconds = (clock.now - began).inSeconds
    return result
  }

  /// Finds λ first: λ*, or λ_c and a multiple of it.
  private func search(_ monitor: RunMonitor) throws(InvalidInput) -> Measurements {
    let motion: CriticalLambda.Motion =
      isDiscrete ? .descent(step: settings[.step] ?? 0, study.discreteMethod(settings)) : .flow
    do throws(InvalidInput) {
      if let tolerance = settings[.lambdaTolerance] {
        let best = try OptimalLambda(
          setup, motion,
          in: (settings[.lambdaFrom] ?? 1e-3)...max(settings[.lambdaTo] ?? 100, settings[.lambdaFrom] ?? 1e-3),
          tolerance: tolerance, monitor: monitor)
        var result = Measurements(.reached)
        result.lambda = best.value
        result.describe(theta: best.theta, setup.problem)
        result.plainTestError = best.plainError
        return result
      }
      guard let certified = setup.certifiedLambda(lambda: 0) else {
        throw InvalidInput("lambda_ratio", because: "λ_cert is not defined for this start")
      }
      let critical = try CriticalLambda(setup, motion, from: certified, tolerance: 1e-6, monitor: monitor)
      var own = self
      own.settings[.lambda] = (settings[.lambdaRatio] ?? 1) * critical.value
      var result = try isDiscrete ? own.descend(monitor) : own.flow(monitor)
      result.lambda = own.settings[.lambda]
      (result.lambdaCertified, result.lambdaCritical) = (certified, critical.value)
      return result
    } catch {
      // What a search says of an interruption is not a property of the run.
      guard let reason = monitor.stopReason else { throw error }
      return Measurements(reason)
    }
  }

  private func descend(_ monitor: RunMonitor) throws(InvalidInput) -> Measurements {
    let descent = try descentSettings()
    let maximum = maximum(descent)
    if let tolerance = deltaTolerance {
      let run = try LimitRun(
        setup, descent, limitCriteria(tolerance, maximumTime: 1e300, passes: maximum), monitor: monitor)
      return result(of: run, iterations: (run.time / descent.step).rounded())
    }
    if let order = settings[.order] { return try follow(descent, order: Int(order), monitor) }
    let stop: IterationRule = settings[.residual].map { .residual(tolerance: $0, maximum: maximum) } ?? .count(maximum)
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
  private func follow(
    _ descent: DescentSettings, order: Int, _ monitor: RunMonitor
  ) throws(InvalidInput) -> Measurements {
    let flow = try FlowSpecification(
      kind: .mgf, lambda: descent.lambda, stepper: "taylor", relative: 1e-13, absolute: 0)
    let run = try ComparisonRun(
      setup, flow, order: order, method: descent.method, steps: [descent.step], until: settings[.until] ?? 0,
      monitor: monitor)
    var result = Measurements(run.outcome, failure: run.outcome == .maxWork ? nil : run.failure)
    guard let row = run.rows.first else { return result }
    result.iterations = row.iterations
    result.time = settings[.until]
    result.passes = run.passes + row.iterations
    if row.divergedAt != nil { result.outcome = .diverged } else { result.pathError = row.weights.maximum }
    return result
  }

  private func flow(_ monitor: RunMonitor) throws(InvalidInput) -> Measurements {
    let flow = try flowSpecification()
    let longest = settings[.maxTime] ?? LimitSubject.flow(flow).longestTime
    if let tolerance = deltaTolerance {
      let criteria = try limitCriteria(tolerance, maximumTime: longest, passes: nil)
      var run = try LimitRun(setup, flow, criteria, monitor: monitor)
      try run.estimateIntegrationError(setup, flow, criteria, monitor: monitor)
      return result(of: run, iterations: nil)
    }
    let stop: StopRule =
      settings[.residual].map { .residual(tolerance: $0, maximum: longest) } ?? .time(settings[.until] ?? 0)
    let run = try FlowRun.run(setup, flow, stop: stop, sampling: .endpoints, monitor: monitor)
    var result = Measurements(run.outcome, failure: run.outcome == .maxWork ? nil : run.failure)
    result.passes = run.solution.statistics.passes
    describeEnd(
      &result, flow.motion, time: run.solution.time, loss: run.end.loss[0], residualMax: run.end.residualMax.last,
      weights: run.weights, rates: run.rates, gradientIntegral: run.gradientIntegral,
      stateError: flow.tolerance.relative)
    return result
  }

  private func result(of run: LimitRun, iterations: Double?) -> Measurements {
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
    if let deltaTolerance { result.require(deltaError: error, deltaTolerance) }
    return result
  }

  /// The result of a discrete run whose tail was handed over, but for its passes.
  func result(of found: TailHandOver.Result) -> Measurements {
    var result = Measurements(.reached)
    result.iterations = found.iterations
    result.time = found.time
    (result.loss, result.residualMax) = found.end(setup.problem)
    let error = found.limit.balancednessError + found.error.delta
    result.describe(found.limit, error: error, setup.problem, isLimit: true)
    if let deltaTolerance { result.require(deltaError: error, deltaTolerance) }
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
    result.describe(theta: setup.model.parametrization.theta(weights), setup.problem, setup.model.loss)
    guard !result.hasFailed, setup.model == .standard else { return }
    let limit = try? AsymptoticLimit(
      projecting: setup.problem, setup.rowSpace, start: setup.start, weights: weights, rates: rates, motion: motion,
      gradientIntegral: gradientIntegral, stateError: stateError, balanceCheck: nil)
    if let limit { result.describe(limit, error: limit.balancednessError, setup.problem, isLimit: false) }
  }
}

extension Study {
  /// The network of a run with these settings. Throws `InvalidInput` for a depth that it cannot have.
  func network(_ settings: Settings) throws(InvalidInput) -> NetworkModel {
    func name(_ setting: Setting) -> String? { settings[exactly: setting].map(setting.text) }
    return NetworkModel(
      try Parametrization(
        named: name(.network) ?? (settings[.depth] == nil ? "diagonal" : "power"),
        depth: settings[.depth].map { Int($0) }),
      name(.lossFunction).flatMap { Loss(rawValue: $0) } ?? .square)
  }

  /// Whether data are drawn: labels for classification are then the signs of the targets.
  var isSynthetic: Bool {
    switch source {
    case .gaussian, .preset: true
    case .table, .matrices: false
    }
  }

  /// Which discrete method a run with these settings takes.
  func discreteMethod(_ settings: Settings) -> DescentSettings.Method {
    method == .nesterov || settings[.nesterov] == 1 ? .nesterov : .heavyBall
  }

  /// The flow of a run with these settings. Throws `InvalidInput`.
  func flowSpecification(_ settings: Settings) throws(InvalidInput) -> FlowSpecification {
    let isGradientFlow = method == .gf || settings[.lambda] == 0
    let isExact = settings[.deltaTolerance] != nil && ["auto", "taylor"].contains(stepper)
    return try FlowSpecification(
      kind: isGradientFlow ? .gf : .mgf, lambda: isGradientFlow ? nil : settings[.lambda], stepper: stepper,
      relative: settings[.rtol] ?? (isExact ? 1e-15 : FlowSpecification.defaultRelativeTolerance),
      absolute: settings[.atol] ?? 0)
  }

  /// The discrete method of a run from whichever two of γ, β, λ and ε are given. Throws `InvalidInput`.
  func descentRates(
    _ settings: Settings, _ batches: DescentSettings.Batches? = nil
  ) throws(InvalidInput) -> DescentSettings {
    let kind = discreteMethod(settings)
    if let gamma = settings[.gamma], let beta = settings[.beta] {
      return try DescentSettings(gamma: gamma, beta: beta, method: kind, batches: batches)
    }
    if let lambda = settings[.lambda], let step = settings[.step] {
      return try DescentSettings(lambda: lambda, step: step, method: kind, batches: batches)
    }
    if let lambda = settings[.lambda], let beta = settings[.beta] {
      return try DescentSettings(gamma: lambda * (1 - beta) * (1 - beta), beta: beta, method: kind, batches: batches)
    }
    if let rates = try presetRates() {
      return try DescentSettings(gamma: rates.gamma, beta: rates.beta, method: kind, batches: batches)
    }
    throw InvalidInput("\(.method)", because: "it needs gamma and beta, lambda and step, or lambda and beta")
  }
}
