import DiagonalNetworks
import Dynamics
import RealModule

/// Where a run is to end.
public enum StopRule: Sendable, Equatable {
  /// At this time.
  case time(Double)
  /// When ‖Xθ − y‖∞ is at most `tolerance`, at the latest at `maximum`.
  case residual(tolerance: Double, maximum: Double)

  /// The longest time where nobody says otherwise.
  public static let defaultMaximumTime = 1e6
}

/// Which times of a run are recorded.
public enum Sampling: Sendable, Equatable {
  /// Every accepted step (every iteration).
  case everyStep
  /// This many: equal times with 0 and T, or, when the end is not known before, step ends spread in ln(1 + t).
  case count(Int)
  /// These times, increasing.
  case times([Double])
  /// Enough for a summary: nothing is written, so memory is bounded.
  case summary
  /// The first and the last.
  case endpoints
}

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
  /// max |E(t) − E(0) + ∫(‖ẇ₊‖² + ‖ẇ₋‖²)/2| / E(0) over recorded times.
  public let energyDrift: Double
  /// The largest defect of the additive balance identity over recorded times, relative to max|D|.
  public let balanceCheck: Double
  /// Seconds of integration alone.
  public let wallSeconds: Double
  let layout: FlowLayout
  /// How far it came for which part of the whole, when its budget ended it.
  let budgetEnd: BudgetEnd?
  /// The weights too small for doubles at the end, and when which were.
  let farWeights: [FarWeights.Weight]
  let farEpisodes: [FarWeights.Episode]
  /// Whether such a weight has grown unheeded.
  let farHaveEscaped: Bool

  /// w± at the end, 2d numbers.
  public var weights: [Double] { Array(solution.state[layout.weights]) }
  /// ẇ± at the end, 2d numbers.
  public var rates: [Double] {
    layout.rates.isEmpty ? Array(solution.rate[layout.weights]) : Array(solution.state[layout.rates])
  }
  /// ∫g at the end, d numbers.
  public var gradientIntegral: [Double] { Array(solution.state[layout.gradientIntegral]) }
  /// 2λ∫ẇ₊ẇ₋ at the end, d numbers.
  public var balanceIntegral: [Double] { Array(solution.state[layout.balanceIntegral]) }

  /// Integrates `specification` on `setup`.
  ///
  /// Throws `InvalidInput` when the flow cannot start. A failure on the way is an outcome, with all before it kept.
  public static func run(
    _ setup: Setup, _ specification: FlowSpecification, stop: StopRule, sampling: Sampling,
    monitor: RunMonitor = RunMonitor()
  ) throws(InvalidInput) -> FlowRun {
    try run(setup, specification, stop: stop, sampling: sampling, monitor: monitor, maximumPasses: nil)
  }

  /// The same for runs that go on until `settled` agrees: asked every `interval` steps once the residual is small.
  static func run(
    _ setup: Setup, _ specification: FlowSpecification, stop: StopRule, sampling: Sampling,
    monitor: RunMonitor, maximumPasses: Int?, interval: Int = 1, following far: FarWeights? = nil,
    settled: ((StepView, ResidualProbe) -> Bool)? = nil
  ) throws(InvalidInput) -> FlowRun {
    let network = DiagonalNetwork(setup.problem)
    let layout = FlowLayout(specification.kind, features: network.featureCount)
    var stepper = try specification.stepper(setup, network)
    let far = far ?? specification.farWeights(layout)
    // Processes that share a run record alike.
    let numbers = setup.problem.reduction.map { Int($0.largest(Double(layout.dimension))) } ?? layout.dimension
    let end: Double =
      switch stop {
      case .time(let time): time
      case .residual(_, let maximum): maximum
      }
    let isBound: Bool = if case .residual = stop { true } else { false }
    let pace = Pace("t", until: end, monitor, isBound: isBound)
    var conditions: [StopCondition] = []
    switch stop {
    case .time(let time):
      conditions.append(
        .observe {
          pace.observe($0.time, steps: $0.statistics.steps)
          monitor.progress($0.time / time, "t = \(short($0.time))")
        })
    case .residual(let tolerance, _):
      conditions.append(.observe { pace.observe($0.time, steps: $0.statistics.steps) })
      conditions.append(
        ResidualProbe(setup.problem, layout, lambda: specification.lambda)
          .condition(tolerance: tolerance, every: interval, monitor, settled))
    }
    let field = try specification.field(network, carryingIntegrals: false)
    conditions.append(
      .spending(
        on: monitor.meter, until: end, surcharge: specification.surcharge(field, setup),
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
    let solution: Solution
    var failure: Message?
    do {
      solution = try integrate(
        &stepper, until: end, recording: Self.recording(sampling, stop, numbers: numbers),
        stoppingWhen: conditions,
        locating: [.signChanges(of: layout.weights)], following: far)
    } catch {
      solution = error.partial
      failure = Message(error.description)
    }
    let seconds = (clock.now - began).inSeconds
    if isFull { failure = recordingLimitReached }
    var outcome = solution.outcome
    if case .residual = stop, outcome == .reached { outcome = .maxTime }
    let budgetEnd = BudgetEnd(
      outcome, pace, monitor, setup, specification, at: Array(solution.state[layout.weights]),
      seeksLimit: settled != nil)
    return FlowRun(
      setup, specification, layout, solution, outcome, failure ?? budgetEnd?.text, budgetEnd, far, wallSeconds: seconds)
  }

  private init(
    _ setup: Setup, _ specification: FlowSpecification, _ layout: FlowLayout, _ solution: Solution,
    _ outcome: Outcome, _ failure: Message?, _ budgetEnd: BudgetEnd?, _ far: FarWeights?, wallSeconds: Double
  ) {
    self.budgetEnd = budgetEnd
    self.layout = layout
    farWeights = far?.weights ?? []
    farEpisodes = far?.episodes ?? []
    farHaveEscaped = far?.hasEscaped ?? false
    self.solution = solution
    self.outcome = outcome
    self.failure = failure
    self.wallSeconds = wallSeconds
    let network = DiagonalNetwork(setup.problem)
    var record = TrajectoryRecord(setup, occurrences: solution.occurrences, isDiscrete: false)
    let lambda = specification.lambda
    let initial = NetworkQuantities.extendedBalancedness(
      setup.start.weights, setup.start.rates, lambda: lambda)
    // E(0) belongs to the start, which need not be among the recorded times.
    var first = TrajectoryRecord(setup, occurrences: [], isDiscrete: false)
    first.append(
      time: 0, weights: setup.start.weights, rates: setup.start.rates, lambda: lambda, network: network)
    let initialEnergy = first.energy[0]
    var drift = 0.0
    var defect = 0.0
    var largest = 0.0
    var rateBuffer = [Double](repeating: 0, count: layout.weights.count)
    for (index, time) in solution.times.enumerated() {
      let state = Array(solution.recordedState(index))
      let w = Array(state[layout.weights])
      let v: [Double]
      if layout.rates.isEmpty {
        w.withUnsafeBufferPointer { w in
          rateBuffer.withUnsafeMutableBufferPointer { f in
            if let w = w.baseAddress, let f = f.baseAddress { network.gradient(w, into: f) }
          }
        }
        v = rateBuffer.map { -$0 }
      } else {
        v = Array(state[layout.rates])
      }
      record.append(time: time, weights: w, rates: v, lambda: lambda, network: network)
      let friction = state[layout.dissipation]
      let dissipation = setup.problem.reduction?.sum(friction) ?? friction
      drift = largerOrNaN(drift, abs(record.energy[index] - initialEnergy + dissipation))
      let extended = NetworkQuantities.extendedBalancedness(w, v, lambda: lambda)
      for i in 0..<layout.features {
        defect = largerOrNaN(defect, abs(extended[i] - initial[i] - state[layout.balanceIntegral.lowerBound + i]))
        largest = max(largest, abs(w[i] * w[layout.features + i]))
      }
    }
    if let reduction = setup.problem.reduction {
      (defect, largest) = (reduction.largest(defect), reduction.largest(largest))
    }
    energyDrift = drift / initialEnergy
    balanceCheck = largest > 0 ? defect / largest : defect
    self.record = record
  }

  private static func recording(_ sampling: Sampling, _ stop: StopRule, numbers: Int) -> Recording {
    switch (sampling, stop) {
    // A large problem's states are kept sparingly: a summary of it is its two ends.
    case (.summary, _) where 8 * numbers * 8 * 100 > recordingLimit: return .endpoints
    case (.everyStep, _): return .everyStep
    case (.endpoints, _): return .endpoints
    case (.summary, _): return .logarithmic(count: 100)
    case (.times(let times), _): return .times(times)
    case (.count(let count), .residual): return .logarithmic(count: count)
    case (.count(let count), .time(let end)):
      return .times((0..<count).map { $0 == count - 1 ? end : Double($0) / Double(count - 1) * end })
    }
  }
}
