import Descent
import Dynamics

/// What is said of a run that its budget ended: how far it came, what the whole would cost, what bounds its steps, and what
/// helps. Counted numbers are in the text; what was timed stands beside it.
struct BudgetEnd {
  /// `maxWork` or `maxSeconds`.
  let outcome: Outcome
  /// For people; the same on every machine for `maxWork`.
  let text: Message
  private let forecast: (unit: String, count: Double?, seconds: Double?)

  /// Nil unless a budget ended the run.
  ///
  /// - Parameters:
  ///   - why: what bounds its steps, in a sentence.
  ///   - remedies: what helps, beside a larger budget.
  init?(_ outcome: Outcome, _ pace: Pace, _ monitor: RunMonitor, why: Message? = nil, remedies: [Message] = []) {
    guard outcome == .maxWork || outcome == .maxSeconds else { return nil }
    self.outcome = outcome
    let isTime = pace.unit == "t"
    let name = isTime ? "steps" : "\(pace.unit)s"
    let whole = pace.forecastSteps
    forecast = (name, whole, pace.forecastSeconds)
    let place =
      isTime
      ? "t = \(short(pace.position)) of \(pace.isBound ? "at most " : "")\(short(pace.end)), after \(pace.steps) steps"
      : "\(pace.unit) \(short(pace.position, digits: 12)) of \(short(pace.end, digits: 12))"
    var text: Message = "\(Self.spent(outcome, monitor)) at \(place)"
    if isTime, let whole {
      text += "; \(pace.isBound ? "that far it" : "the whole") would take about \(short(whole, digits: 2)) steps"
    }
    if isTime, whole == nil { text += "; the time does not get on" }
    if let why { text += ". " + why }
    let more: Message = outcome == .maxWork ? "raise \(.maximumWork)" : "raise \(.maximumSeconds)"
    text += ": " + (remedies + [more]).joined(separator: "; or ")
    self.text = text
  }

  /// "--max-work 1000 is spent".
  static func spent(_ outcome: Outcome, _ monitor: RunMonitor) -> Message {
    outcome == .maxWork
      ? "\(.maximumWork, monitor.meter.limit.passes ?? 0) is spent"
      : "the time of \(.maximumSeconds, short(monitor.meter.limit.seconds ?? 0)) is up"
  }

  /// Adds the forecast.
  func describe(in result: inout Measurements) {
    result.forecast = Measurements {
      $0.countUnit = forecast.unit
      $0.set(\.count, forecast.count, otherwise: "the run does not get on")
      $0.set(\.seconds, forecast.seconds, otherwise: "the run does not get on")
    }
  }
}

extension BudgetEnd {
  /// Of a run that stands at `weights`: what its steepest mode says of the steps, and what helps.
  private init?(
    _ outcome: Outcome, _ pace: Pace, _ monitor: RunMonitor, _ setup: Setup, at weights: [Double], seeksLimit: Bool,
    _ explain: (SteepestMode) -> (why: Message, remedies: [Message])
  ) {
    guard outcome == .maxWork || outcome == .maxSeconds else { return nil }
    let found = SteepestMode(setup, at: weights).map(explain)
    var remedies = found?.remedies ?? []
    if found != nil || setup.model != .standard, let remedy = setup.scaleRemedy { remedies.append(remedy) }
    if !seeksLimit, setup.model == .standard { remedies.append("ask for the limit instead") }
    self.init(outcome, pace, monitor, why: found?.why, remedies: remedies)
  }

  /// Of a flow that stands at `weights`.
  init?(
    _ outcome: Outcome, _ pace: Pace, _ monitor: RunMonitor, _ setup: Setup, _ flow: FlowSpecification,
    at weights: [Double], seeksLimit: Bool = false
  ) {
    self.init(outcome, pace, monitor, setup, at: weights, seeksLimit: seeksLimit) { mode in
      var remedies: [Message] = []
      let (lambda, names) = (flow.lambda, setup.problem.featureNames)
      let byGradient = mode.gradient > mode.curvature
      let (rate, feature, size) =
        byGradient
        ? (mode.gradient, mode.gradientFeature, mode.sizes.gradient) : (mode.curvature, mode.feature, mode.sizes.mode)
      let what = byGradient ? "|g| = \(short(rate))" : "the steepest mode's curvature h = \(short(rate))"
      let column = "feature \"\(names[feature])\" (entries up to \(short(size)))"
      let step = pace.position / Double(max(pace.steps, 1))
      let fastest = lambda == 0 ? rate : 4 * lambda * rate > 1 ? (rate / lambda).squareRoot() : 1 / lambda
      var why: Message = "Steps of about \(short(step, digits: 2)) follow \(column): \(what)"
      if lambda > 0, 4 * lambda * rate > 1 {
        why += ", frequency √(\(byGradient ? "|g|" : "h")/λ) = \(short(fastest))"
      } else {
        why += lambda > 0 ? ", fastest rate 1/λ = \(short(fastest))" : ""
        if step * fastest > 0.2, step * fastest < 100, flow.isExplicit {
          why += ", stability bounds the step"
          remedies.append("choose \(.stepper, "auto") or radau")
        }
      }
      return (why, remedies)
    }
  }

  /// Of a discrete method that stands at `weights`.
  init?(
    _ outcome: Outcome, _ pace: Pace, _ monitor: RunMonitor, _ setup: Setup, _ settings: DescentSettings,
    at weights: [Double], seeksLimit: Bool = false
  ) {
    self.init(outcome, pace, monitor, setup, at: weights, seeksLimit: seeksLimit) { mode in
      let gammaH = settings.gamma * mode.curvature
      let name = setup.problem.featureNames[mode.feature]
      let why: Message =
        "The steepest mode, of feature \"\(name)\" (entries up to \(short(mode.sizes.mode))), has γh = \(short(gammaH)) where "
        + "\(short(settings.stabilityLimit)) is the limit of stability"
      return (why, gammaH < 0.01 * settings.stabilityLimit ? ["choose a larger step"] : [])
    }
  }
}

extension FlowSpecification {
  /// Whether no implicit step is taken.
  var isExplicit: Bool { method.stages == nil && !method.isImplicit }

  /// What integrations by this method cost beside their passes, in passes over X of n × d: linear algebra, by its multiply-adds.
  func surcharge(_ field: any VectorField, _ setup: Setup) -> (Statistics) -> Int {
    let pass = WorkLimit.work(samples: setup.problem.sampleCount, features: setup.problem.featureCount)
    if let stages = method.stages {
      guard let field = field as? any StageField else { return { _ in 0 } }
      let share = Int(min(field.stageWork(stages: stages) / pass, 1e12))
      return { $0.implicitSteps * share }
    }
    if method.isImplicit {
      let size = Double(field.dimension)
      let share = Int(min(size * size * size / (3 * pass), 1e12))
      return { ($0.steps + $0.rejectedSteps) * share }
    }
    return { _ in 0 }
  }
}
