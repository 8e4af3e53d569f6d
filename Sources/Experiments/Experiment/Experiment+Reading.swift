import Descent
import Dynamics
import Files
import Networks
import Regression

extension Experiment {
  /// Reads an experiment from its parts `command`, `problem`, `initialisation`, `network`, `motion`, `numerics`, `goal` and
  /// `recording`; what is left out has its default.
  ///
  /// Throws `InvalidInput`, which names the field at fault by its path, for what cannot be used.
  package init(_ value: JSONValue) throws(InvalidInput) {
    let whole = try ExperimentPart(value, "")
    let commands = ["solve", "descend", "compare", "limit", "certify", "thresholds"]
    guard let command = try whole.choice(.command, commands, { commands.contains($0) ? $0 : nil }) else {
      throw InvalidInput(
        "\(.command)", because: "it is missing", remedy: "choose one of \(commands.joined(separator: ", "))")
    }
    let (problem, start) = (try whole.part("problem"), try whole.part("initialisation"))
    self.problem = try Self.problem(problem, start)
    let network = try whole.part("network")
    self.network = NetworkModel(
      try Parametrization(named: network.text(.network) ?? "diagonal", depth: network.count(.depth)),
      try network.choice(.loss, Loss.self) ?? .square)
    let (motion, numerics) = (try whole.part("motion"), try whole.part("numerics"))
    let (goal, recording) = (try whole.part("goal"), try whole.part("recording"))
    let (passes, seconds) = (try goal.count(.maximumWork), try goal.number(.maximumSeconds))
    limit = passes == nil && seconds == nil ? nil : try WorkLimit(passes: passes, seconds: seconds)
    let source = self.problem
    switch command {
    case "solve":
      let flow = try Self.flow(motion, numerics)
      self.goal = .solve(flow, until: try Self.end(goal), recording: try Self.states(recording))
    case "descend":
      let settings = try Self.descent(motion, source)
      self.goal = .descend(
        settings, until: try Self.iterations(goal), recording: try Self.states(recording),
        identity: try goal.flag(.identity) ?? false)
    case "compare":
      let criteria = try Self.comparison(motion, goal, source)
      self.goal = .compare(try Self.flow(motion, numerics), criteria)
    case "limit", "certify":
      let isDiscrete = motion.has(.method) || motion.has(.gamma)
      let route = try goal.choice(.route, LimitRoute.self) ?? .project
      let subject: LimitSubject =
        try isDiscrete ? .descent(Self.descent(motion, source)) : .flow(Self.flow(motion, numerics, seekingLimit: true))
      let criteria = try Self.limitCriteria(goal, subject, route)
      self.goal =
        try command == "certify"
        ? .certify(subject, criteria) : .limit(subject, criteria, sensitivity: goal.flag(.sensitivity) ?? false)
    default:
      let range = try goal.numbers(.optimal)
      guard range.map({ $0.count == 2 && $0[0] > 0 && $0[0] < $0[1] }) ?? true else {
        throw InvalidInput(
          "\(.optimal)", because: "two values of λ are needed, 0 < λ1 < λ2", remedy: "for example [1e-3, 10]")
      }
      let step = try motion.number(.step)
      self.goal = .thresholds(
        try ThresholdCriteria(
          step: step, method: (step == nil ? nil : motion.choice(.method, DescentSettings.Method.self)) ?? .heavyBall,
          tolerance: goal.number(.tolerance) ?? ThresholdCriteria.defaultTolerance,
          range: range.map { $0[0]...$0[1] }))
    }
    for part in [whole, problem, start, network, motion, numerics, goal, recording] { try part.finish() }
  }

  /// The keys of each part.
  package static var keys: JSONObject {
    var keys = JSONObject()
    for (part, fields) in ExperimentPart.fields.sorted(by: { $0.key < $1.key }) {
      keys[part] = .array(fields.map { .string($0.name) })
    }
    return keys
  }

  // MARK: The problem

  fileprivate static func problem(
    _ part: ExperimentPart, _ start: ExperimentPart
  ) throws(InvalidInput) -> ProblemSpecification {
    let gaussian = part.has(.gaussian) ? try part.part("gaussian") : nil
    let (data, design, preset) = (try part.text(.data), try part.text(.design), try part.text(.preset))
    let arrays = try part.text(.arrays)
    let seeds = (try gaussian?.seed(.seed), try part.seed(.seed))
    let seed = seeds.0 ?? seeds.1 ?? 1
    guard [gaussian != nil, data != nil, design != nil, preset != nil, arrays != nil].filter({ $0 }).count == 1 else {
      throw InvalidInput(
        Field(rawValue: "problem"), because: "exactly one source of data is needed",
        remedy: "give one of gaussian, data, design and preset")
    }
    func required<T>(_ field: Field, _ value: T?) throws(InvalidInput) -> T {
      guard let value else { throw InvalidInput(field, because: "it is missing") }
      return value
    }
    let source: ProblemSpecification.Source
    if let gaussian {
      source = .gaussian(
        try SyntheticProblem(
          samples: required(.samples, gaussian.count(.samples)),
          features: required(.features, gaussian.count(.features)),
          nonzeros: required(.nonzeros, gaussian.count(.nonzeros)), mean: gaussian.number(.mean) ?? 0, seed: seed))
      try gaussian.finish()
    } else if let data {
      source = .table(
        path: data, target: try required(.target, part.text(.target)),
        standardize: try part.flag(.standardize) ?? false,
        format: try format(part, isMatrix: false))
    } else if let design {
      source = .matrices(
        design: design, response: try required(.response, part.text(.response)), truth: try part.text(.truth),
        format: try format(part, isMatrix: true))
    } else if let arrays {
      source = .arrays(name: arrays, standardize: try part.flag(.standardize) ?? false)
    } else {
      source = .preset(name: preset ?? "", mean: try part.number(.mean))
    }
    return ProblemSpecification(
      source: source, start: try self.start(start), holdout: try part.number(.holdout) ?? 0, seed: seed)
  }

  private static func format(_ part: ExperimentPart, isMatrix: Bool) throws(InvalidInput) -> TableFormat? {
    var format = TableFormat()
    format.index = try part.text(.index)
    format.drop = try part.texts(.drop) ?? []
    format.delimiter = try part.choice(.delimiter, Delimiter.allCases.map(\.rawValue)) { Delimiter($0) }
    format.decimal = try part.choice(.decimal, ["point", "comma"]) { DecimalMark($0) }
    format.missing = try part.choice(.missing, MissingValues.self) ?? .refuse
    if isMatrix { format.header = try part.flag(.header) }
    return format == TableFormat() ? nil : format
  }

  private static func start(_ part: ExperimentPart) throws(InvalidInput) -> ProblemSpecification.Start? {
    if let alpha = try part.number(.alpha) { return .alpha(alpha) }
    if let weights = try part.values(.weights) { return .blocks(weights: weights, rates: try part.values(.rates)) }
    switch (try part.values(.u), try part.values(.v)) {
    case (let u?, let v?):
      return .layers(u: u, v: v, uRate: try part.values(.uRate), vRate: try part.values(.vRate))
    case (nil, nil): return nil
    case (let u, _):
      throw InvalidInput(u == nil ? Field.u : .v, because: "it is missing", remedy: "\(.u) and \(.v) go together")
    }
  }

  // MARK: The motion

  private static func flow(
    _ motion: ExperimentPart, _ numerics: ExperimentPart, seekingLimit: Bool = false
  ) throws(InvalidInput) -> FlowSpecification {
    let stepper = try numerics.text(.stepper) ?? FlowSpecification.defaultStepper.name
    let standard =
      seekingLimit
      ? FlowSpecification.limitTolerance(stepper: stepper) : FlowSpecification.defaultRelativeTolerance
    return try FlowSpecification(
      kind: motion.choice(.flow, FlowSpecification.Kind.all.map(\.rawValue)) { FlowSpecification.Kind(rawValue: $0) }
        ?? .mgf, lambda: motion.number(.lambda), stepper: stepper,
      relative: numerics.number(.relativeTolerance) ?? standard, absolute: numerics.number(.absoluteTolerance) ?? 0,
      step: motion.number(.step))
  }

  private static func batches(
    _ motion: ExperimentPart, _ problem: ProblemSpecification
  ) throws(InvalidInput) -> DescentSettings.Batches? {
    guard let size = try motion.count(.batch) else { return nil }
    // How many samples there are is known when they are loaded.
    return try DescentSettings.Batches(
      size: size, of: .max, replacement: motion.flag(.replacement) ?? false, seed: problem.seed)
  }

  private static func descent(
    _ motion: ExperimentPart, _ problem: ProblemSpecification
  ) throws(InvalidInput) -> DescentSettings {
    let method = try motion.choice(.method, DescentSettings.Method.self) ?? .heavyBall
    let batches = try batches(motion, problem)
    var (gamma, beta) = (try motion.number(.gamma), try motion.number(.beta))
    let (lambda, step) = (try motion.number(.lambda), try motion.number(.step))
    if gamma == nil, beta == nil, lambda == nil, step == nil, case .preset(let name, _) = problem.source {
      let preset = try Preset.named(name)
      (gamma, beta) = (preset.gamma, preset.beta)
    }
    switch (gamma, beta, lambda, step) {
    case (let gamma?, let beta?, nil, nil):
      return try DescentSettings(gamma: gamma, beta: beta, method: method, batches: batches)
    case (nil, nil, let lambda?, let step?):
      return try DescentSettings(lambda: lambda, step: step, method: method, batches: batches)
    default:
      throw InvalidInput(
        "\(.method, method.rawValue)",
        because: "its step is given either by \(.gamma) and \(.beta), or by \(.lambda) and \(.step)")
    }
  }

  private static func comparison(
    _ motion: ExperimentPart, _ goal: ExperimentPart, _ problem: ProblemSpecification
  ) throws(InvalidInput) -> ComparisonCriteria {
    guard let steps = try motion.numbers(.steps) else { throw InvalidInput("\(.steps)", because: "it is missing") }
    guard let end = try goal.number(.until) else { throw InvalidInput("\(.until)", because: "it is missing") }
    let batches = try batches(motion, problem)
    return ComparisonCriteria(
      method: try motion.choice(.method, DescentSettings.Method.self) ?? .heavyBall,
      order: try motion.count(.order) ?? 1, steps: steps, until: end,
      gap: GapCriteria(work: try goal.number(.gapWork) ?? GapCriteria.defaultWork), batches: batches,
      paths: (batches == nil ? nil : try motion.count(.paths)) ?? ComparisonCriteria.defaultPaths)
  }

  // MARK: The goal

  private static func end(_ goal: ExperimentPart) throws(InvalidInput) -> StopRule {
    switch (try goal.number(.until), try goal.number(.residual)) {
    case (let time?, nil): return .time(time)
    case (nil, let tolerance?):
      return .residual(tolerance: tolerance, maximum: try goal.number(.maximumTime) ?? StopRule.defaultMaximumTime)
    default:
      throw InvalidInput(
        Field(rawValue: "goal"), because: "exactly one end is needed", remedy: "give \(.until) or \(.residual)")
    }
  }

  private static func iterations(_ goal: ExperimentPart) throws(InvalidInput) -> IterationRule {
    switch (try goal.count(.iterations), try goal.number(.residual)) {
    case (let count?, nil): return .count(count)
    case (nil, let tolerance?):
      return .residual(
        tolerance: tolerance, maximum: try goal.count(.maximumIterations) ?? IterationRule.defaultMaximum)
    default:
      throw InvalidInput(
        Field(rawValue: "goal"), because: "exactly one end is needed",
        remedy: "give \(.iterations) or \(.residual)")
    }
  }

  private static func limitCriteria(
    _ goal: ExperimentPart, _ subject: LimitSubject, _ route: LimitRoute
  ) throws(InvalidInput) -> LimitCriteria {
    let hasTail: Bool = if case .descent = subject { route == .project } else { false }
    return try LimitCriteria(
      of: subject, route: route, deltaTolerance: goal.number(.deltaTolerance),
      residualTolerance: goal.number(.residualTolerance), maximumTime: goal.number(.maximumTime),
      tail: hasTail ? goal.choice(.tail, LimitTail.self) : nil)
  }

  private static func states(_ recording: ExperimentPart) throws(InvalidInput) -> RecordedStates {
    let (count, times) = (try recording.count(.recordedSamples), try recording.numbers(.recordedTimes))
    let (spread, first) = (try recording.count(.logSamples), try recording.number(.logFrom))
    let every = try recording.flag(.everyState) ?? false
    guard [count != nil, times != nil, spread != nil, every].filter({ $0 }).count <= 1 else {
      throw InvalidInput(
        Field(rawValue: "recording"), because: "several ways to choose the states to record are given",
        remedy: "give one of samples, at, log_samples and every")
    }
    guard first == nil || spread != nil else {
      throw InvalidInput("\(.logFrom)", because: "it goes with \(.logSamples)")
    }
    if let count { return .count(count) }
    if let times { return .at(times) }
    if let spread { return .logarithmic(count: spread, from: first ?? 1) }
    return every ? .every : .summary
  }
}

extension ProblemSpecification {
  /// Reads the part "problem" of an experiment. Throws `InvalidInput`, which names the field at fault.
  package init(_ value: JSONValue) throws(InvalidInput) {
    let (part, start) = (
      try ExperimentPart(value, "problem"), try ExperimentPart(.object(JSONObject()), "initialisation")
    )
    self = try Experiment.problem(part, start)
    try part.finish()
  }
}
