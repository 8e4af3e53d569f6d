import Descent
import Dynamics
import Files

extension Experiment: Codable {
  public init(from decoder: any Decoder) throws { try self.init(JSONValue(from: decoder)) }

  public func encode(to encoder: any Encoder) throws { try JSONValue.object(json).encode(to: encoder) }

  /// The experiment in full, its defaults included, as `init(_:)` reads it.
  public var json: JSONObject {
    var parts = Writer()
    parts.put(.command, .string(goal.command))
    write(&parts, problem.source)
    if problem.holdout > 0 { parts.put(.holdout, .number(problem.holdout)) }
    parts.put(.seed, .unsigned(problem.seed))
    switch problem.start {
    case .alpha(let alpha)?: parts.put(.alpha, .number(alpha))
    case .layers(let u, let v, let uRate, let vRate)?:
      for (field, values) in [(Field.u, u), (.v, v), (.uRate, uRate), (.vRate, vRate)] { parts.put(field, values) }
    case .blocks(let weights, let rates)?:
      parts.put(.weights, weights)
      parts.put(.rates, rates)
    case nil: break
    }
    if network != .standard {
      parts.put(.network, network.parametrization.name)
      if network.parametrization != .diagonal { parts.put(.depth, .integer(network.parametrization.depth)) }
      parts.put(.loss, network.loss.rawValue)
    }
    switch goal {
    case .solve(let flow, let stop, let recording):
      write(&parts, flow)
      switch stop {
      case .time(let time): parts.put(.until, .number(time))
      case .residual(let tolerance, let maximum):
        parts.put(.residual, .number(tolerance))
        parts.put(.maximumTime, .number(maximum))
      }
      write(&parts, recording)
    case .descend(let settings, let stop, let recording, let identity):
      write(&parts, settings)
      switch stop {
      case .count(let count): parts.put(.iterations, .integer(count))
      case .residual(let tolerance, let maximum):
        parts.put(.residual, .number(tolerance))
        parts.put(.maximumIterations, .integer(maximum))
      }
      if identity { parts.put(.identity, .bool(true)) }
      write(&parts, recording)
    case .compare(let flow, let criteria):
      write(&parts, flow)
      parts.put(.method, criteria.method.rawValue)
      parts.put(.order, .integer(criteria.order))
      parts.put(.steps, .numbers(criteria.steps))
      parts.put(.until, .number(criteria.end))
      parts.put(.gapWork, .number(criteria.gap.work))
      if let batches = criteria.batches {
        write(&parts, batches)
        parts.put(.paths, .integer(criteria.paths))
      }
    case .limit(let subject, let criteria, let sensitivity):
      write(&parts, subject, criteria)
      if sensitivity { parts.put(.sensitivity, .bool(true)) }
    case .certify(let subject, let criteria): write(&parts, subject, criteria)
    case .thresholds(let criteria):
      if let step = criteria.step {
        parts.put(.step, .number(step))
        parts.put(.method, criteria.method.rawValue)
      }
      parts.put(.tolerance, .number(criteria.tolerance))
      if let range = criteria.range { parts.put(.optimal, .numbers([range.lowerBound, range.upperBound])) }
    }
    if let passes = limit?.passes { parts.put(.maximumWork, .integer(passes)) }
    if let seconds = limit?.seconds { parts.put(.maximumSeconds, .number(seconds)) }
    return parts.object
  }

  /// Collects values by the paths of their fields.
  private struct Writer {
    private(set) var object = JSONObject()

    mutating func put(_ field: Field, _ value: JSONValue) {
      guard let dot = field.rawValue.firstIndex(of: ".") else { return object[field.rawValue] = value }
      let name = String(field.rawValue[..<dot])
      var part = object.object(name) ?? JSONObject()
      part[field.name] = value
      object[name] = .object(part)
    }

    mutating func put(_ field: Field, _ text: String?) { if let text { put(field, .string(text)) } }

    /// A vector is a list of numbers, blocks are a list of these.
    mutating func put(_ field: Field, _ values: ProblemSpecification.Values?) {
      switch values {
      case .file(let path)?: put(field, path)
      case .rows(let rows)?:
        let lists = rows.map { JSONValue.numbers($0) }
        put(field, [Field.weights, .rates].contains(field) ? .array(lists) : lists.first ?? .array([]))
      case nil: break
      }
    }
  }

  private func write(_ parts: inout Writer, _ source: ProblemSpecification.Source) {
    switch source {
    case .table(let path, let target, let standardize, let format):
      parts.put(.data, path)
      parts.put(.target, target)
      if standardize { parts.put(.standardize, .bool(true)) }
      write(&parts, format)
    case .matrices(let design, let response, let truth, let format):
      for (field, path) in [(Field.design, design), (.response, response), (.truth, truth)] { parts.put(field, path) }
      write(&parts, format)
    case .gaussian(let synthetic):
      parts.put(
        .gaussian,
        .object([
          "samples": .integer(synthetic.samples), "features": .integer(synthetic.features),
          "nonzeros": .integer(synthetic.nonzeros), "mean": .number(synthetic.mean),
        ]))
    case .preset(let name, let mean):
      parts.put(.preset, name)
      if let mean { parts.put(.mean, .number(mean)) }
    case .arrays(let name, let standardize):
      parts.put(.arrays, name)
      if standardize { parts.put(.standardize, .bool(true)) }
    }
  }

  private func write(_ parts: inout Writer, _ format: TableFormat?) {
    guard let format else { return }
    parts.put(.index, format.index)
    if !format.drop.isEmpty { parts.put(.drop, .array(format.drop.map { .string($0) })) }
    parts.put(.delimiter, format.delimiter?.rawValue)
    parts.put(.decimal, format.decimal.map { $0 == .point ? "point" : "comma" })
    if format.missing != .refuse { parts.put(.missing, format.missing.rawValue) }
    if let header = format.header { parts.put(.header, .bool(header)) }
  }

  private func write(_ parts: inout Writer, _ flow: FlowSpecification) {
    parts.put(.flow, flow.kind.rawValue)
    if flow.kind.hasMomentum { parts.put(.lambda, .number(flow.matchedLambda)) }
    if let step = flow.step { parts.put(.step, .number(step)) }
    parts.put(.stepper, flow.method.name)
    parts.put(.relativeTolerance, .number(flow.tolerance.relative))
    parts.put(.absoluteTolerance, .number(flow.tolerance.absolute))
  }

  private func write(_ parts: inout Writer, _ settings: DescentSettings) {
    parts.put(.method, settings.method.rawValue)
    switch settings.given {
    case .rates:
      parts.put(.gamma, .number(settings.gamma))
      parts.put(.beta, .number(settings.beta))
    case .matched:
      parts.put(.lambda, .number(settings.lambda))
      parts.put(.step, .number(settings.step))
    }
    if let batches = settings.batches { write(&parts, batches) }
  }

  private func write(_ parts: inout Writer, _ batches: DescentSettings.Batches) {
    parts.put(.batch, .integer(batches.size))
    if batches.replacement { parts.put(.replacement, .bool(true)) }
  }

  private func write(_ parts: inout Writer, _ subject: LimitSubject, _ criteria: LimitCriteria) {
    switch subject {
    case .flow(let flow): write(&parts, flow)
    case .descent(let settings):
      write(&parts, settings)
      if criteria.route == .project { parts.put(.tail, criteria.tail.rawValue) }
    }
    parts.put(.route, criteria.route.rawValue)
    parts.put(.deltaTolerance, .number(criteria.deltaTolerance))
    if let residual = criteria.residualTolerance { parts.put(.residualTolerance, .number(residual)) }
    if criteria.hasOwnMaximumTime { parts.put(.maximumTime, .number(criteria.maximumTime)) }
  }

  private func write(_ parts: inout Writer, _ recording: RecordedStates) {
    switch recording {
    case .summary: break
    case .every: parts.put(.everyState, .bool(true))
    case .count(let count): parts.put(.recordedSamples, .integer(count))
    case .at(let times): parts.put(.recordedTimes, .numbers(times))
    case .logarithmic(let count, let first):
      parts.put(.logSamples, .integer(count))
      parts.put(.logFrom, .number(first))
    }
  }
}
