import Dynamics
import Networks
import RealModule

/// One integrated flow: the solution, the record and the conserved quantities' defects.
public struct FlowRun {
  /// How it ended.
  public let outcome: Outcome
  /// Why it failed, when it did.
  public let failure: Message?
  /// The last state and the cost.
  public let solution: Solution
  /// The recorded states.
  public let record: TrajectoryRecord
  /// The last state, recorded or not.
  package let end: TrajectoryRecord
  /// Seconds of integration alone.
  public let wallSeconds: Double
  let layout: FlowLayout
  /// How well it has kept what it keeps.
  let defects: FlowDefects
  /// For losses of classification: each decade from t ≥ 1 on.
  let decades: [Decade]
  /// How far it came for which part of the whole, when its budget ended it.
  let budgetEnd: BudgetEnd?
  /// The weights too small for doubles at the end, and when which were.
  let farWeights: [FarWeights.Weight]
  let farEpisodes: [FarWeights.Episode]
  /// Whether such a weight has grown unheeded.
  let farHaveEscaped: Bool

  /// max |E(t) − E(0) + ∫‖ẇ‖²/s| / E(0) over recorded times.
  public var energyDrift: Double { defects.energyDrift }
  /// The largest defect of the additive balance identity over recorded times, relative to its scale.
  public var balanceCheck: Double { defects.balanceCheck }
  /// The weights at the end, m numbers.
  public var weights: [Double] { Array(solution.state[layout.weights]) }
  /// Their rates at the end, m numbers.
  public var rates: [Double] {
    layout.rates.isEmpty ? Array(solution.rate[layout.weights]) : Array(solution.state[layout.rates])
  }
  /// ∫g at the end, d numbers; none for networks that do not carry it.
  public var gradientIntegral: [Double] { Array(solution.state[layout.gradientIntegral]) }
  /// What balances the additive identity at the end: 2λ∫ẇ₊ẇ₋, d numbers, for the diagonal network.
  public var balanceIntegral: [Double] { Array(solution.state[layout.balanceIntegral]) }

  /// Integrates `specification` on `setup`; `path` is given every step.
  ///
  /// Throws `InvalidInput` when the flow cannot start. A failure on the way is an outcome, with all before it kept.
  public static func run(
    _ setup: Setup, _ specification: FlowSpecification, stop: StopRule, sampling: Sampling, path: FlowPath? = nil,
    monitor: RunMonitor = RunMonitor()
  ) throws(InvalidInput) -> FlowRun {
    try run(setup, specification, stop: stop, sampling: sampling, path: path, monitor: monitor, maximumPasses: nil)
  }

  /// The same for runs that go on until `settled` agrees: asked every `interval` steps once the residual is small.
  static func run(
    _ setup: Setup, _ specification: FlowSpecification, stop: StopRule, sampling: Sampling, path: FlowPath? = nil,
    monitor: RunMonitor, maximumPasses: Int?, interval: Int = 1, following far: FarWeights? = nil,
    settled: ((StepView, ResidualProbe) -> Bool)? = nil
  ) throws(InvalidInput) -> FlowRun {
    let network = setup.network
    let layout = FlowLayout(specification.kind, network)
    let stepper = try specification.stepper(setup, network)
    let far = far ?? specification.farWeights(layout)
    // Processes that share a run record alike.
    let numbers = setup.problem.reduction.map { Int($0.largest(Double(layout.dimension))) } ?? layout.dimension
    let legs = stop.legs(inDecades: setup.model.loss.isClassification)
    let pace = Pace("t", until: stop.latest, monitor, isBound: stop.isBound)
    var conditions: [StopCondition] = [.observe { pace.observe($0.time, steps: $0.statistics.steps) }]
    switch stop {
    case .time(let time):
      let isLong = legs.count > 1
      conditions.append(
        .observe {
          let part = isLong ? Double.log(onePlus: $0.time) / Double.log(onePlus: time) : $0.time / time
          monitor.progress(part, "t = \(short($0.time))")
        })
    case .residual(let tolerance, _):
      conditions.append(
        ResidualProbe(setup, layout, lambda: specification.lambda)
          .condition(tolerance: tolerance, every: interval, monitor, settled))
    }
    let field = try specification.field(network, carryingIntegrals: false)
    conditions.append(
      .spending(
        on: monitor.meter, until: stop.latest, surcharge: specification.surcharge(field, setup),
        stop: monitor.stop(together: setup.problem.reduction)))
    if let maximumPasses {
      conditions.append(StopCondition { $0.statistics.passes > maximumPasses ? .maxTime : nil })
    }

    if case .count(let count) = sampling {
      try requireRecordable(8 * Double(count), numbers: numbers)
    }
    var isFull = false
    if sampling == .everyStep {
      let bytes = 8 * numbers
      conditions.append(
        StopCondition {
          isFull = $0.statistics.steps >= recordingLimit / bytes
          return isFull ? .interrupted : nil
        })
    }

    let clock = ContinuousClock()
    let began = clock.now
    var solutions: [Solution] = []
    var failure: Message?
    for (start, end) in zip([0] + legs, legs) where failure == nil && solutions.last?.outcome ?? .reached == .reached {
      do {
        solutions.append(
          try integrate(
            stepper, until: end, recording: sampling.recording(stop, from: start, to: end, numbers: numbers),
            stoppingWhen: conditions, locating: [.signChanges(of: layout.weights)], following: far,
            afterEachStep: path.map { path in { path.take($0) } }))
      } catch {
        solutions.append(error.partial)
        failure = Message(error.description)
      }
    }
    let seconds = (clock.now - began).inSeconds
    if isFull { failure = recordingLimitReached }
    return FlowRun(
      setup, specification, network, layout, solutions, stop, sampling, failure, far, wallSeconds: seconds
    ) { outcome, weights in
      BudgetEnd(outcome, pace, monitor, setup, specification, at: weights, seeksLimit: settled != nil)
    }
  }

  private init(
    _ setup: Setup, _ specification: FlowSpecification, _ network: any Network, _ layout: FlowLayout,
    _ solutions: [Solution], _ stop: StopRule, _ sampling: Sampling, _ failure: Message?, _ far: FarWeights?,
    wallSeconds: Double, budgetEnd: (Outcome, [Double]) -> BudgetEnd?
  ) {
    let last = solutions[solutions.count - 1]
    let outcome = stop.isBound && last.outcome == .reached ? .maxTime : last.outcome
    self.budgetEnd = budgetEnd(outcome, Array(last.state[layout.weights]))
    self.layout = layout
    farWeights = far?.weights ?? []
    farEpisodes = far?.episodes ?? []
    farHaveEscaped = far?.hasEscaped ?? false
    solution = last
    self.outcome = outcome
    self.failure = failure ?? self.budgetEnd?.text
    self.wallSeconds = wallSeconds
    let lambda = specification.lambda
    func state(_ time: Double, _ w: [Double], _ v: [Double]) -> TrajectoryRecord {
      var record = TrajectoryRecord(setup, isDiscrete: false)
      record.append(time: time, weights: w, rates: v, lambda: lambda, network: network)
      return record
    }
    // E(0) belongs to the start, which need not be among the recorded times.
    let first = state(0, setup.start.weights, setup.start.rates)
    var defects = FlowDefects(network, lambda: lambda, from: setup.start, energy: first.energy[0])
    var record = TrajectoryRecord(setup, isDiscrete: false)
    var decades: [Decade] = []
    var (lastDirection, lastSteps, end) = ([Double]?.none, 0, first)
    for solution in solutions {
      for (index, time) in solution.times.enumerated() where record.times.last.map({ $0 < time }) ?? true {
        // Of all legs together only the first and the last state are ends.
        if sampling == .endpoints, record.count > 0, time < last.time { continue }
        let all = Array(solution.recordedState(index))
        let w = Array(all[layout.weights])
        let v = layout.rates.isEmpty ? network.gradient(w).map { -$0 } : Array(all[layout.rates])
        record.append(time: time, weights: w, rates: v, lambda: lambda, network: network)
        defects.observe(
          w, v, energy: record.energy[record.count - 1], balanceIntegral: all[layout.balanceIntegral],
          friction: all[layout.dissipation])
      }
      record.append(occurrences: solution.occurrences)
      let w = Array(solution.state[layout.weights])
      let v = Array(layout.rates.isEmpty ? solution.rate[layout.weights] : solution.state[layout.rates])
      end = state(solution.time, w, v)
      guard let margins = end.margins.last else { continue }
      let now = direction(setup.model.parametrization.theta(w))
      decades.append(
        Decade(
          time: solution.time, loss: end.loss[0], margins: margins,
          directionChange: lastDirection.map { Margins(0, zip(now, $0).map { $0 - $1 }).norms.l2 },
          steps: solution.statistics.steps - lastSteps))
      (lastDirection, lastSteps) = (now, solution.statistics.steps)
    }
    defects.join()
    self.record = record
    self.end = end
    self.decades = decades
    self.defects = defects
  }
}
