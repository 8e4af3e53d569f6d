import AutoSteppers
import DiagonalNetworks
import Dynamics
import GSLSteppers
import GradientDynamics
import ImplicitSteppers
import RealModule
import TaylorSteppers

extension FlowSpecification {
  /// Up to this many weights `auto` may use dense matrices, and `radau` works with them.
  static let denseLimits = (auto: 256, radau: 1000)

  /// A stepper for gradient flow or momentum gradient flow of a deep network.
  ///
  /// Throws `InvalidInput` for corrected flows, a start with speeds where there is no momentum, or one where the flow is not
  /// finite.
  func stepper(_ network: DeepNetwork, from start: Initialization) throws(InvalidInput) -> FlowStepper {
    guard kind == .gf || kind == .mgf else {
      throw InvalidInput(
        "\(.flow, kind.rawValue)", because: "corrected flows are built for the diagonal network with the square loss",
        remedy: "choose \(.flow, "gf") or mgf")
    }
    if kind == .gf, start.rates.contains(where: { $0 != 0 }) {
      throw InvalidInput(
        "\(.rates), \(.uRate), \(.vRate)", because: "gradient flow is of first order and has no initial speed",
        remedy: "leave them out, or choose \(.flow, "mgf")")
    }
    let field: any SeriesField & StageField =
      kind == .gf ? GradientFlow(network) : try MomentumGradientFlow(network, lambda: lambda)
    var state = start.weights
    if kind == .mgf { state += start.rates }
    state += [Double](repeating: 0, count: field.dimension - state.count)
    let problem = try InitialValueProblem(field, from: state)
    switch method {
    case .auto where network.dimension > Self.denseLimits.auto, .taylor:
      return .taylor(FlowStepper.Box(try TaylorStepper(problem, control: .adaptive(tolerance))))
    case .auto:
      return .auto(FlowStepper.Box(try autoStepper(problem)))
    case .radau(let stages):
      guard network.dimension <= Self.denseLimits.radau else {
        throw InvalidInput(
          "\(.stepper, method.name)",
          because: "for this network it works with dense matrices of all \(network.dimension) weights, and "
            + "\(Self.denseLimits.radau) are allowed", remedy: "choose taylor")
      }
      return .radau(
        FlowStepper.Box(
          try RadauStepper(problem, control: .adaptive(tolerance), method: RadauMethod(stages: stages))))
    case .gsl(let scheme):
      try requireMemory(for: scheme, dimension: field.dimension)
      return .gsl(FlowStepper.Box(try GSLStepper(scheme, problem, control: .adaptive(tolerance))))
    }
  }
}

/// A flow of a deep network as it stood at the end of a decade of time.
struct Decade {
  let time: Double
  let loss: Double
  let margins: Margins
  /// ‖θ/‖θ‖ − θ′/‖θ′‖‖ (ℓ2) from the decade before; nil for the first.
  let directionChange: Double?
  let steps: Int
}

/// One integrated flow of a deep network: the record and the identities' defects.
struct NetworkRun {
  let outcome: Outcome
  let failure: Message?
  let time: Double
  let weights, rates: [Double]
  let statistics: Statistics
  let record: NetworkRecord
  /// What the last state says.
  let end: NetworkRecord
  /// max |E(t) − E(0) + ∫‖ẇ‖²/s| / E(0) over recorded times.
  let energyDrift: Double
  /// The largest defect of the additive identity over recorded times, relative to its scale.
  let balanceCheck: Double
  /// The largest change of what gradient flow conserves, relative to it.
  let conservedDrift: Double
  /// For losses of classification: each decade from t ≥ 1 on.
  let decades: [Decade]
  let wallSeconds: Double

  init(
    _ setup: Setup, _ model: NetworkModel, _ specification: FlowSpecification, stop: StopRule, sampling: Sampling,
    monitor: RunMonitor
  ) throws(InvalidInput) {
    let network = DeepNetwork(setup.problem, model.parametrization, model.loss)
    let probe = DeepNetwork(setup.problem, model.parametrization, model.loss)
    let (m, q) = (network.dimension, network.integralCount)
    let hasMomentum = specification.kind.hasMomentum
    let lambda = specification.lambda
    var stepper = try specification.stepper(network, from: setup.start)
    let (ends, conditions) = Self.ends(stop, probe, monitor, isClassification: model.loss.isClassification)
    if case .count(let count) = sampling { try requireRecordable(8 * Double(count), numbers: stepper.dimension) }
    var isFull = false
    var stops = conditions
    if sampling == .everyStep {
      let most = recordingLimit / (8 * stepper.dimension)
      stops.append(
        StopCondition {
          isFull = $0.statistics.steps >= most
          return isFull ? .interrupted : nil
        })
    }

    let clock = ContinuousClock()
    let began = clock.now
    var solutions: [Solution] = []
    var failure: Message?
    var from = 0.0
    for end in ends {
      do {
        solutions.append(
          try integrate(
            &stepper, until: end, recording: Self.recording(sampling, stop, after: from, until: end),
            stoppingWhen: stops, locating: [.signChanges(of: 0..<m)]))
      } catch {
        solutions.append(error.partial)
        failure = Message(error.description)
      }
      from = end
      guard failure == nil, solutions.last?.outcome == .reached else { break }
    }
    wallSeconds = (clock.now - began).inSeconds
    if isFull { failure = recordingLimitReached }
    self.failure = failure

    func rates(_ state: [Double]) -> [Double] {
      if hasMomentum { return Array(state[m..<2 * m]) }
      var force = [Double](repeating: 0, count: m)
      state.withUnsafeBufferPointer { w in
        force.withUnsafeMutableBufferPointer { f in
          if let w = w.baseAddress, let f = f.baseAddress { probe.gradient(w, into: f) }
        }
      }
      return force.map { -$0 }
    }
    var first = NetworkRecord(setup, model, isDiscrete: false)
    let initial = setup.start.weights
    first.append(time: 0, weights: initial, rates: setup.start.rates, lambda: lambda, network: probe)
    let defects = NetworkDefects(
      model.parametrization, lambda: lambda, weights: initial, rates: setup.start.rates, energy: first.energy[0])
    var record = NetworkRecord(setup, model, isDiscrete: false)
    var ending = first
    var decades: [Decade] = []
    var lastDirection: [Double]?
    var lastSteps = 0
    for solution in solutions {
      for (index, time) in solution.times.enumerated() where record.times.last.map({ $0 < time }) ?? true {
        // Of all legs together only the first and the last state are ends.
        if sampling == .endpoints, record.count > 0, time < (solutions.last?.time ?? time) { continue }
        let state = Array(solution.recordedState(index))
        let (w, v) = (Array(state[..<m]), rates(state))
        record.append(time: time, weights: w, rates: v, lambda: lambda, network: probe)
        defects.observe(
          w, v, energy: record.energy[record.count - 1], integrals: Array(state[(state.count - q - 1)...]))
      }
      ending = NetworkRecord(setup, model, isDiscrete: false)
      let w = Array(solution.state[..<m])
      let v = rates(solution.state)
      ending.append(time: solution.time, weights: w, rates: v, lambda: lambda, network: probe)
      defects.observe(
        w, v, energy: ending.energy[0], integrals: Array(solution.state[(solution.state.count - q - 1)...]))
      record.occurrences += solution.occurrences
      guard model.loss.isClassification else { continue }
      let now = direction(model.parametrization.theta(w))
      decades.append(
        Decade(
          time: solution.time, loss: ending.loss[0], margins: ending.margins[0],
          directionChange: lastDirection.map { Margins(0, zip(now, $0).map { $0 - $1 }).norms.l2 },
          steps: solution.statistics.steps - lastSteps))
      (lastDirection, lastSteps) = (now, solution.statistics.steps)
    }
    self.record = record
    self.decades = decades
    end = ending
    weights = Array(ending.weights)
    self.rates = Array(ending.rates)
    time = ending.times[0]
    statistics = solutions.last?.statistics ?? Statistics()
    energyDrift = defects.energyDrift
    balanceCheck = defects.balanceCheck
    conservedDrift = defects.conservedDrift
    var outcome = solutions.last?.outcome ?? .reached
    if case .residual = stop, outcome == .reached { outcome = .maxTime }
    self.outcome = outcome
  }

  /// Where legs of the integration end: for classification at T/10ᵏ, so that decades can be told apart.
  private static func ends(
    _ stop: StopRule, _ probe: DeepNetwork, _ monitor: RunMonitor, isClassification: Bool
  ) -> (ends: [Double], conditions: [StopCondition]) {
    let interrupted = StopCondition.interrupted(when: monitor.isInterrupted)
    switch stop {
    case .time(let end):
      var ends = [end]
      if isClassification {
        while let first = ends.first, first / 10 >= 1 { ends.insert(first / 10, at: 0) }
      }
      let isLong = ends.count > 1
      return (
        ends,
        [
          .observe {
            let part = isLong ? Double.log(onePlus: $0.time) / Double.log(onePlus: end) : $0.time / end
            monitor.progress(part, "t = \(short($0.time))")
          }, interrupted,
        ]
      )
    case .residual(let tolerance, let maximum):
      return (
        [maximum],
        [
          StopCondition { view in
            _ = probe.value(view.state)
            monitor.progress(0, "t = \(short(view.time)), residual \(short(probe.residualMax))")
            return probe.residualMax <= tolerance ? .residual : nil
          }, interrupted,
        ]
      )
    }
  }

  private static func recording(
    _ sampling: Sampling, _ stop: StopRule, after start: Double, until end: Double
  ) -> Recording {
    func within(_ times: [Double]) -> Recording {
      .times(times.filter { ($0 > start || start == 0) && $0 <= end })
    }
    switch (sampling, stop) {
    case (.everyStep, _): return .everyStep
    case (.endpoints, _): return .endpoints
    case (.summary, _): return .logarithmic(count: 100)
    case (.times(let times), _): return within(times)
    case (.count(let count), .residual): return .logarithmic(count: count)
    case (.count(let count), .time(let last)):
      return within((0..<count).map { $0 == count - 1 ? last : Double($0) / Double(count - 1) * last })
    }
  }
}

/// Follows what must stay the same along a flow of a deep network.
private final class NetworkDefects {
  private let parametrization: Parametrization
  private let lambda: Double
  private let (balance, conserved): ([Double], [Double])
  private let energy: Double
  private var energyDefect = 0.0
  private var balanceDefect = 0.0
  private var balanceScale: Double
  private(set) var conservedDrift = 0.0

  init(_ parametrization: Parametrization, lambda: Double, weights: [Double], rates: [Double], energy: Double) {
    self.parametrization = parametrization
    self.lambda = lambda
    self.energy = energy
    balance = parametrization.balance(weights, rates, lambda: lambda)
    conserved = parametrization.conserved(weights)
    balanceScale = parametrization.balanceScale(weights).maximumMagnitude
  }

  var energyDrift: Double { energyDefect / energy }
  var balanceCheck: Double { balanceScale > 0 ? balanceDefect / balanceScale : balanceDefect }

  /// `integrals`: those of the network, then ∫‖ẇ‖²/2.
  func observe(_ w: [Double], _ v: [Double], energy now: Double, integrals: [Double]) {
    let dissipated = 2 / parametrization.speed * (integrals.last ?? 0)
    energyDefect = largerOrNaN(energyDefect, abs(now - energy + dissipated))
    balanceScale = max(balanceScale, parametrization.balanceScale(w).maximumMagnitude)
    for (i, value) in parametrization.balance(w, v, lambda: lambda).enumerated() {
      balanceDefect = largerOrNaN(balanceDefect, abs(value - balance[i] - integrals[i]))
    }
    // Differences of squares are compared with the largest one, inverse powers each with itself.
    let isLayered: Bool = if case .layers = parametrization { true } else { false }
    let common = max(conserved.maximumMagnitude, balanceScale)
    for (i, value) in parametrization.conserved(w).enumerated() {
      let scale = isLayered ? common : abs(conserved[i])
      let change = abs(value - conserved[i])
      conservedDrift = largerOrNaN(conservedDrift, scale > 0 ? change / scale : change)
    }
  }
}
