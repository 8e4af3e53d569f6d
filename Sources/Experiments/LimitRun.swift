import Comparison
import Descent
import Dynamics
import ImplicitBias
import Networks

/// A run to its limit: Δ∞, θ∞ and what they cost.
package struct LimitRun {
  package private(set) var outcome: Outcome
  package let failure: Message?
  package let limit: AsymptoticLimit
  package let time: Double
  package let residual: Double
  package let record: TrajectoryRecord
  /// What it cost, as its kind of run says it.
  package private(set) var cost = Measurements()

  /// When which weights were too small for doubles.
  package private(set) var farEpisodes: [FarWeights.Episode] = []

  /// Whether every step was one of the Taylor series.
  private var usesSeriesOnly = false
  /// Whether some steps were implicit.
  private(set) var isStiff = false
  /// Whether the balance identity is fine enough to tell the error of the state.
  private var balanceTellsError = true

  /// How far the limit moved against a run with ten times the tolerance; nil when none was made.
  package private(set) var integrationError: (delta: Double, theta: Double)?

  /// The limit of a flow.
  package init(
    _ setup: Setup, _ specification: FlowSpecification, _ criteria: LimitCriteria, monitor: RunMonitor
  ) throws(InvalidInput) {
    switch criteria.route {
    case .integrate:
      try self.init(integrating: setup, specification, criteria, monitor: monitor)
    case .project where specification.kind == .gf:
      try self.init(projectingGradientFlow: setup, specification)
    case .project:
      try self.init(projecting: setup, specification, criteria, monitor: monitor)
    }
  }

  // MARK: Flows

  private init(
    integrating setup: Setup, _ specification: FlowSpecification, _ criteria: LimitCriteria, monitor: RunMonitor
  ) throws(InvalidInput) {
    let lambda = specification.lambda
    let criterion = TailCriterion(setup.problem, lambda: lambda, tolerance: criteria.deltaTolerance)
    let run = try FlowRun.run(
      setup, specification,
      stop: .residual(tolerance: criteria.residualTolerance(on: setup), maximum: criteria.maximumTime),
      sampling: .endpoints, monitor: monitor, maximumPasses: criteria.maximumPasses
    ) { view, probe in
      let (loss, residual) = (probe.look.loss, probe.look.residualMax)
      return probe.rates(view.state).withUnsafeBufferPointer {
        $0.baseAddress.map { criterion.isMet(view.state, $0, loss: loss, residual: residual) } ?? true
      }
    }
    let end = ScaledWeights(run.weights, run.rates, run.farWeights)
    limit = try AsymptoticLimit(
      setup.problem, start: setup.start, weights: end.weights, rates: end.rates, lambda: lambda,
      gradientIntegral: run.gradientIntegral, balanceIntegral: run.balanceIntegral,
      tailLambda: lambda, stateError: run.farHaveEscaped ? .infinity : 0, exponents: end.exponents)
    farEpisodes = run.farEpisodes
    (outcome, failure) = (run.outcome, run.failure)
    time = run.solution.time
    residual = run.end.residualMax[0]
    record = run.record
    run.describeCost(in: &cost)
  }

  private init(
    projecting setup: Setup, _ specification: FlowSpecification, _ criteria: LimitCriteria, monitor: RunMonitor
  ) throws(InvalidInput) {
    let layout = FlowLayout(specification.kind, setup.network)
    let lambda = specification.lambda
    let criterion = ProjectionCriterion(
      setup, specification.motion, tolerance: criteria.deltaTolerance, monitor: monitor)
    let initial = NetworkQuantities.extendedBalancedness(setup.start.weights, setup.start.rates, lambda: lambda)
    let far = specification.farWeights(layout)
    func state(_ y: [Double]) -> ProjectionCriterion.State {
      let (w, v) = (Array(y[layout.weights]), Array(y[layout.rates]))
      let scaled = ScaledWeights(w, v, far?.weights ?? [])
      let defect = BalanceDefect(
        NetworkQuantities.extendedBalancedness(w, v, lambda: lambda), initial: initial,
        integral: Array(y[layout.balanceIntegral]), weights: w)
      // The balance identity tells the state's error where it resolves a tenth of what is allowed; else a second run does.
      // Of products beyond the range of doubles it says nothing.
      let isResolved = scaled.exponents == nil && defect.resolution <= 0.1 * criteria.deltaTolerance
      return ProjectionCriterion.State(
        weights: scaled.weights, rates: scaled.rates, gradientIntegral: Array(y[layout.gradientIntegral]),
        stateError: far?.hasEscaped == true
          ? .infinity : 8 * 0x1p-52 + (isResolved ? defect.relative + defect.resolution : 0),
        balanceCheck: defect.ofLargest, needsSecondRun: !isResolved, exponents: scaled.exponents)
    }
    let run = try FlowRun.run(
      setup, specification, stop: .residual(tolerance: .infinity, maximum: criteria.maximumTime),
      sampling: .endpoints, monitor: monitor, maximumPasses: criteria.maximumPasses, interval: 8, following: far
    ) { view, probe in
      criterion.isMet(view.time, time: view.time, energy: probe.energy(view.state)) {
        state(Array(UnsafeBufferPointer(start: view.state, count: layout.dimension)))
      }
    }
    let last = state(run.solution.state)
    limit = try criterion.project(run.solution.time, last)
    balanceTellsError = !last.needsSecondRun
    farEpisodes = run.farEpisodes
    usesSeriesOnly =
      (specification.method == .taylor || specification.method == .auto)
      && run.solution.statistics.implicitSteps == 0
    isStiff = run.solution.statistics.implicitSteps > 0
    outcome = Self.outcome(run.outcome, criterion.accepts(limit))
    failure = outcome == .reached ? nil : run.failure
    time = run.solution.time
    residual = run.end.residualMax[0]
    record = run.record
    run.describeCost(in: &cost)
    run.budgetEnd?.describe(in: &cost)
  }

  /// What the end of a run means: a limit that is good enough is reached, whatever else ended the run first.
  package static func outcome(_ outcome: Outcome, _ isAccepted: Bool) -> Outcome {
    switch outcome {
    case .residual: .reached
    case .maxTime, .maxIterations, .maxWork, .stationary: isAccepted ? .reached : outcome
    default: outcome
    }
  }

  /// Gradient flow keeps w₊w₋ and moves ln w± by ∓G: its limit is the projection of the start itself.
  private init(projectingGradientFlow setup: Setup, _ specification: FlowSpecification) throws(InvalidInput) {
    guard setup.start.rates.allSatisfy({ $0 == 0 }) else { throw FlowSpecification.speedsWithoutMomentum(setup.model) }
    let clock = ContinuousClock()
    let began = clock.now
    let zero = [Double](repeating: 0, count: setup.problem.featureCount)
    limit = try AsymptoticLimit(
      projecting: setup.problem, setup.rowSpace, start: setup.start, weights: setup.start.weights,
      rates: setup.start.rates, motion: .gradientFlow, gradientIntegral: zero, stateError: 0, balanceCheck: 0)
    let seconds = (clock.now - began).inSeconds
    let isFound = limit.projectionError?.delta == 0
    outcome = isFound ? .reached : .nonFinite
    failure = isFound ? nil : "the dual Newton method did not converge; check the data for very large values"
    (time, integrationError) = (0, (0, 0))
    var record = TrajectoryRecord(setup, isDiscrete: false)
    record.append(
      time: 0, weights: setup.start.weights, rates: setup.start.rates, lambda: 0, network: setup.network)
    residual = record.residualMax[0]
    self.record = record
    cost.passes = 0
    cost.wallSeconds = seconds
  }

  /// Integrates once more with ten times the tolerance: the distance of the two limits is about nine times the error
  /// of the first; half of it is kept, to be on the safe side.
  ///
  /// A projected run at the tightest tolerances needs none: its state errs by rounding, which the balance identity shows.
  package mutating func estimateIntegrationError(
    _ setup: Setup, _ specification: FlowSpecification, _ criteria: LimitCriteria, monitor: RunMonitor
  ) throws(InvalidInput) {
    guard outcome == .residual || outcome == .reached, integrationError == nil else { return }
    // Far above the λ below which no weight changes sign, trajectories are sensitive to rounding itself: there the gap of
    // two runs is their error, and counts in full.
    let certified = setup.certifiedLambda(lambda: specification.lambda) ?? 0
    let isSensitive = specification.lambda > 50 * certified
    if criteria.route == .project, usesSeriesOnly, !isSensitive, specification.tolerance.relative <= 1e-14,
      specification.tolerance.absolute == 0, balanceTellsError
    {
      integrationError = (0, 0)
      return
    }
    let looser = try LimitRun(setup, try specification.loosened(by: 10), criteria, monitor: monitor)
    cost.steps? += looser.cost.steps ?? 0
    cost.rejectedSteps? += looser.cost.rejectedSteps ?? 0
    cost.passes? += looser.cost.passes ?? 0
    cost.wallSeconds? += looser.cost.wallSeconds ?? 0
    if [.interrupted, .maxWork, .maxSeconds].contains(looser.outcome) { outcome = looser.outcome }
    guard looser.outcome == outcome else { return }
    let gap = AsymptoticGap(limit, looser.limit)
    let share = isSensitive ? 6 : 0.5
    integrationError = (share * gap.balancedness, share * gap.theta * limit.theta.maximumMagnitude)
  }

  // MARK: Discrete runs

  /// Increments and carry keep the rounding of k iterations to that of a random walk.
  package static func stateError(iterations: Int) -> Double {
    4 * 0x1p-52 * (4 + Double(iterations).squareRoot())
  }

  /// The limit of a discrete run. The time for which a weight coasts on, βε/(1−β), takes the place of λ.
  package init(_ setup: Setup, _ settings: DescentSettings, _ criteria: LimitCriteria, monitor: RunMonitor)
    throws(InvalidInput)
  {
    let budget = min(criteria.maximumTime / settings.step, 1e15)
    let maximum = min(Int(budget.rounded(.up)), criteria.maximumPasses ?? .max)
    let run: DescentRun
    var found: TailHandOver.Result?
    switch criteria.route {
    case .integrate:
      guard settings.batches == nil else {
        throw InvalidInput(
          "\(.route, "integrate")", because: "the tail of minibatch runs is known to the projection only",
          remedy: "choose \(.route, "project"), or descend \(.identity) as a second route")
      }
      let coasting = settings.beta * settings.step / (1 - settings.beta)
      // The factor 2 is that of the tail of a discrete run.
      let criterion = TailCriterion(setup.problem, lambda: settings.lambda, tolerance: 0.5 * criteria.deltaTolerance)
      run = try DescentRun(
        setup, settings, stop: .residual(tolerance: criteria.residualTolerance(on: setup), maximum: maximum),
        recording: .endpoints, monitor: monitor
      ) { descent in
        descent.rateArray.withUnsafeBufferPointer { rates in
          rates.baseAddress.map {
            criterion.isMet(descent.weights, $0, loss: descent.loss(), residual: descent.residualMax())
          } ?? true
        }
      }
      let descent = run.descent
      limit = try AsymptoticLimit(
        setup.problem, start: setup.start, weights: descent.weightArray, rates: descent.rateArray, lambda: coasting,
        gradientIntegral: descent.gradientIntegral, balanceIntegral: nil,
        tailLambda: settings.lambda, tailFactor: 2, stateError: Self.stateError(iterations: descent.iteration))
      outcome = run.result.outcome
    case .project:
      let criterion = ProjectionCriterion(
        setup, settings.motion(samples: setup.problem.sampleCount), tolerance: criteria.deltaTolerance, monitor: monitor
      )
      let handOver = TailHandOver(setup, settings, criteria, monitor: monitor)
      func state(_ descent: Descent) -> ProjectionCriterion.State {
        ProjectionCriterion.State(
          weights: descent.weightArray, rates: descent.incrementArray, gradientIntegral: descent.gradientIntegral,
          stateError: Self.stateError(iterations: descent.iteration), balanceCheck: nil,
          needsSecondRun: false)
      }
      run = try DescentRun(
        setup, settings, stop: .residual(tolerance: .infinity, maximum: maximum), recording: .endpoints,
        // The criterion knows better how far there is to go. Looking each time would cost as much as a small iteration.
        monitor: monitor.reporting { _, _ in }, looks: .sparse
      ) { descent in
        let energy = descent.loss() + NetworkQuantities.kineticEnergy(descent.rateArray, lambda: settings.lambda)
        return criterion.isMet(Double(descent.iteration), time: descent.time, energy: energy) { state(descent) }
          || handOver?.isFound(descent.iteration) {
            SlowTail.Iterate(
              descent.iteration, weights: descent.weightArray, increments: descent.incrementArray,
              gradientIntegral: descent.gradientIntegral)
          } ?? false
      }
      found = handOver?.result
      if let found {
        (limit, outcome) = (found.limit, .reached)
      } else {
        limit = try criterion.project(Double(run.descent.iteration), state(run.descent))
        outcome = Self.outcome(run.result.outcome, criterion.accepts(limit))
      }
    }
    let descent = run.descent
    failure =
      run.result.divergedAt.map { "the iterates diverged at iteration \($0); choose a smaller step" }
      ?? (outcome == .reached ? nil : run.budgetEnd?.text)
    run.budgetEnd?.describe(in: &cost)
    time = found?.time ?? descent.time
    var record = run.record
    if let found {
      record.append(
        time: found.time, iteration: found.iterations, weights: found.end.weights, rates: found.end.rates,
        lambda: settings.lambda, network: setup.network)
      record.append(occurrences: found.end.occurrences)
      residual = record.residualMax.last ?? .nan
    } else {
      residual = descent.residualMax()
    }
    self.record = record
    cost.iterations = found?.iterations ?? descent.iteration
    cost.passes = descent.network.passes + (found?.passes ?? 0)
    cost.wallSeconds = run.wallSeconds
    if let found { cost.tail = found.measurement }
    integrationError = found?.error ?? (0, 0)
  }
}

extension DescentSettings {
  /// How weights move in the tail of a run on n samples.
  package func motion(samples n: Int) -> LogTail.Motion {
    let scatter = batches.map { LogTail.scatter(batch: $0.size, of: n, replacement: $0.replacement) } ?? 0
    return switch method {
    case .heavyBall: .heavyBall(gamma: gamma, beta: beta, scatter: scatter)
    case .nesterov: .nesterov(gamma: gamma, beta: beta, scatter: scatter)
    }
  }
}
