import Descent
import Dynamics
import Experiments
import Networks
import Regression

extension Study {
  /// The experiment of run `index`. Throws `InvalidInput` for settings that cannot be used.
  public func experiment(at index: Int) throws(InvalidInput) -> Experiment { try experiment(settings(index)) }

  /// What a run with these settings is: the only place where they get a meaning. One that seeks λ_c is the one at the λ given.
  ///
  /// Throws `InvalidInput` for settings that cannot be used.
  func experiment(_ settings: Settings) throws(InvalidInput) -> Experiment {
    let limit = try settings[.maxWork].map { (passes: Double) throws(InvalidInput) in
      try WorkLimit(passes: Int(passes))
    }
    let experiment = Experiment(
      try problem(settings), network: try network(settings), try goal(settings), limit: limit)
    try experiment.validate()
    return experiment
  }

  // MARK: Its parts

  /// The data and the start.
  func problem(_ settings: Settings) throws(InvalidInput) -> ProblemSpecification {
    func whole(_ setting: Setting) -> Int { Int(settings[setting] ?? 0) }
    let seed = settings.seed ?? 1
    let source: ProblemSpecification.Source =
      switch source {
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
    let start: ProblemSpecification.Start? =
      if let start { .layers(u: .file(start.u), v: .file(start.v), uRate: nil, vRate: nil) } else {
        settings[.alpha].map { .alpha($0) }
      }
    return ProblemSpecification(source: source, start: start, holdout: settings[.holdout] ?? 0, seed: seed)
  }

  /// The network and its loss.
  func network(_ settings: Settings) throws(InvalidInput) -> NetworkModel {
    func name(_ setting: Setting) -> String? { settings[exactly: setting].map(setting.text) }
    return NetworkModel(
      try Parametrization(
        named: name(.network) ?? (settings[.depth] == nil ? "diagonal" : "power"),
        depth: settings[.depth].map { Int($0) }),
      name(.lossFunction).flatMap { Loss(rawValue: $0) } ?? .square)
  }

  /// What is asked.
  private func goal(_ settings: Settings) throws(InvalidInput) -> Goal {
    let isDiscrete = isDiscrete(settings)
    if let tolerance = settings[.lambdaTolerance] {
      let from = settings[.lambdaFrom] ?? 1e-3
      return .thresholds(
        try ThresholdCriteria(
          step: isDiscrete ? settings[.step] : nil, method: discreteMethod(settings), tolerance: tolerance,
          range: from...max(settings[.lambdaTo] ?? 100, from)))
    }
    return isDiscrete ? try descentGoal(settings) : try flowGoal(settings)
  }

  private func flowGoal(_ settings: Settings) throws(InvalidInput) -> Goal {
    let isGradientFlow = method == .gf || settings[.lambda] == 0
    let isExact = settings[.deltaTolerance] != nil && ["auto", "taylor"].contains(stepper)
    let flow = try FlowSpecification(
      kind: isGradientFlow ? .gf : .mgf, lambda: isGradientFlow ? nil : settings[.lambda], stepper: stepper,
      relative: settings[.rtol] ?? (isExact ? 1e-15 : FlowSpecification.defaultRelativeTolerance),
      absolute: settings[.atol] ?? 0)
    let longest = settings[.maxTime] ?? LimitSubject.flow(flow).longestTime
    if let tolerance = settings[.deltaTolerance] {
      return .limit(.flow(flow), try criteria(tolerance, maximumTime: longest), sensitivity: false)
    }
    let end: StopRule =
      settings[.residual].map { .residual(tolerance: $0, maximum: longest) } ?? .time(settings[.until] ?? 0)
    return .solve(flow, until: end, recording: .summary)
  }

  private func descentGoal(_ settings: Settings) throws(InvalidInput) -> Goal {
    let batches = try settings[.batch].map { (size: Double) throws(InvalidInput) in
      try DescentSettings.Batches(size: Int(size), of: .max, replacement: replacement, seed: settings.seed ?? 1)
    }
    let descent = try descentRates(settings, batches)
    let most =
      settings[.iterations].map { Int($0) }
      ?? settings[.until].map { Int(min(($0 / descent.step).rounded(), 1e15)) }
      ?? settings[.maxIterations].map { Int($0) } ?? IterationRule.defaultMaximum
    if let tolerance = settings[.deltaTolerance] {
      return .limit(
        .descent(descent), try criteria(tolerance, maximumTime: 1e300, maximumPasses: most), sensitivity: false)
    }
    if let order = settings[.order] {
      let flow = try FlowSpecification(
        kind: .mgf, lambda: descent.lambda, stepper: "taylor", relative: 1e-13, absolute: 0)
      return .compare(
        flow,
        ComparisonCriteria(
          method: descent.method, order: Int(order), steps: [descent.step], until: settings[.until] ?? 0,
          gap: GapCriteria(work: 0)))
    }
    let end: IterationRule = settings[.residual].map { .residual(tolerance: $0, maximum: most) } ?? .count(most)
    return .descend(descent, until: end, recording: .summary, identity: false)
  }

  private func criteria(
    _ tolerance: Double, maximumTime: Double, maximumPasses: Int? = nil
  ) throws(InvalidInput) -> LimitCriteria {
    // A trajectory is that of the iterations.
    try LimitCriteria(
      route: .project, deltaTolerance: tolerance, maximumTime: maximumTime, maximumPasses: maximumPasses,
      tail: samples == nil ? .auto : .iterate, maximumTailTime: min(maximumTime, 1e15))
  }

  // MARK: What the settings say

  /// Whether a run with these settings is one of a discrete method: with ε = 0 it is one of the flow.
  func isDiscrete(_ settings: Settings) -> Bool { method.isDiscrete && settings[.step] != 0 }

  /// Which discrete method a run with these settings takes.
  func discreteMethod(_ settings: Settings) -> DescentSettings.Method {
    method == .nesterov || settings[.nesterov] == 1 ? .nesterov : .heavyBall
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
