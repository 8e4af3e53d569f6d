import Descent
import Dynamics
import Regression

extension Experiment {
  /// Makes the start on `data`, or what there is to load or draw, and notes what is worth saying before the run.
  ///
  /// Throws `InvalidInput` for what cannot be used.
  public func setup(
    on data: ProblemData? = nil, monitor: RunMonitor = RunMonitor()
  ) throws(InvalidInput) -> Setup {
    let setup = try problem.load(network, on: data, drawingBatches: goal.batches != nil, monitor: monitor)
    try requireBatches(on: setup)
    switch goal {
    case .solve(let flow, .time(let end), _): return setup.noting(flow, until: end)
    case .descend(let settings, let stop, _, _):
      let noted = setup.noting(settings)
      return if case .count(let count) = stop { noted.noting(iterations: count, try limit(on: setup)) } else { noted }
    case .limit(.descent(let settings), _, _), .certify(.descent(let settings), _): return setup.noting(settings)
    default: return setup
    }
  }

  /// Throws `InvalidInput` when a minibatch has more samples than there are.
  package func requireBatches(on setup: Setup) throws(InvalidInput) {
    guard let batches = goal.batches else { return }
    _ = try DescentSettings.Batches(
      size: batches.size, of: setup.problem.sampleCount, replacement: batches.replacement, seed: batches.seed)
  }

  /// What the run may cost on a problem.
  public func limit(on setup: Setup) throws(InvalidInput) -> WorkLimit {
    let (n, d) = (setup.problem.sampleCount, setup.problem.featureCount)
    return try WorkLimit(
      passes: limit?.passes ?? WorkLimit.standardPasses(samples: n, features: d), seconds: limit?.seconds)
  }

  /// Sets it up and carries it out. Throws `InvalidInput` as the two do.
  public func run(monitor: RunMonitor = RunMonitor()) throws(InvalidInput) -> Measurements {
    let setup = try setup(monitor: monitor)
    // A team of one always has the result.
    return try run(on: setup, monitor: monitor.paying(WorkMeter(try limit(on: setup)))) ?? Measurements()
  }

  /// Carries it out, by all processes of `team` together; rank 0 has the result, the others nil. `keepingPath` keeps a flow
  /// between its steps, too, where it is solved for.
  ///
  /// Throws `InvalidInput` for what cannot be used; what fails on the way is told in the result.
  public func run(
    on setup: Setup, sharedBy team: any Reduction = Alone(), keepingPath: Bool = false,
    monitor: RunMonitor = RunMonitor()
  ) throws(InvalidInput) -> Measurements? {
    try validate(team: team.size)
    try requireBatches(on: setup)
    switch goal {
    case .solve(let flow, let stop, let recording):
      // The only messages are n numbers for each gradient, two for each step, and the states at the end.
      let shared = team.size > 1 && flow.method == .auto ? try flow.with(stepper: "taylor") : flow
      return try solve(
        setup.block(of: team), shared, stop: stop, sampling: recording.sampling(stop),
        keepingPath: keepingPath && team.size == 1, monitor: monitor
      ).joined(setup, by: team)
    case .descend(let settings, let stop, let recording, let identity):
      return try descend(
        setup.block(of: team), settings, stop: stop, recording: recording.iterations(stop),
        checkingIdentity: identity, monitor: monitor
      ).joined(setup, by: team)
    case .compare(let flow, let criteria):
      if let batches = criteria.batches {
        return try compareWeakly(
          setup, flow, order: criteria.order, steps: criteria.steps, batches: batches,
          paths: criteria.paths, until: criteria.end, monitor: monitor)
      }
      return try compare(
        setup, flow, order: criteria.order, method: criteria.method, steps: criteria.steps, until: criteria.end,
        gap: criteria.gap, monitor: monitor)
    case .limit(let subject, let criteria, let sensitivity):
      var result = try Experiments.limit(setup, of: subject, criteria, monitor: monitor)
      if sensitivity { try addSensitivity(setup, of: subject, criteria, to: &result, monitor: monitor) }
      return result
    case .certify(let subject, let criteria):
      return try certify(setup, of: subject, criteria, monitor: monitor)
    case .thresholds(let criteria):
      return try thresholds(setup, criteria, monitor: monitor)
    }
  }

  /// The title of what it writes.
  public var title: String {
    switch goal {
    case .solve(let flow, _, _):
      switch flow.kind {
      case .gf: "Gradient flow"
      case .mgf: "Momentum gradient flow"
      case .corrected: "Corrected momentum gradient flow of order \(flow.kind.order)"
      }
    case .descend: "Momentum gradient descent"
    case .compare(_, let criteria):
      criteria.batches == nil ? "Flow against descent" : "Stochastic flow against minibatch descent"
    case .limit: "Asymptotic limit"
    case .certify: "Certified limit"
    case .thresholds: "Thresholds of λ"
    }
  }
}
