import Descent
import Dynamics
import ImplicitBias
import ImplicitSteppers
import Networks
import Regression

/// The rest of a discrete run from an iterate where it has become slow: the recursion itself in long steps, by collocation
/// (`Recursion`), until its limit can be projected.
///
/// No power of ε is left out, so no modified flow has to be trusted. What moves fast in the iterates, an alternating mode or
/// one that still oscillates, shows as a local error of the first step, and there is no tail then.
package struct SlowTail {
  /// The limit from where it ended, errors of integration left out.
  let limit: AsymptoticLimit
  /// Where it ended: t = kε (k need not be whole), w, (w_k − w_{k−1})/ε and the sign changes on the way.
  let time: Double
  let weights: [Double]
  let rates: [Double]
  let occurrences: [Occurrence]
  /// Steps taken, and passes over X.
  let steps: Int
  let passes: Int

  /// An iterate of a run.
  package struct Iterate {
    let iteration: Int
    let weights: [Double]
    let increments: [Double]
    let gradientIntegral: [Double]

    /// From k, w_k, w_k − w_{k−1} (2d numbers each) and ε Σ g (d numbers).
    package init(_ iteration: Int, weights: [Double], increments: [Double], gradientIntegral: [Double]) {
      self.iteration = iteration
      self.weights = weights
      self.increments = increments
      self.gradientIntegral = gradientIntegral
    }
  }

  /// The shortest step in units of ε: shorter ones would hardly pay, and what needs them is not slow.
  private static let shortest = 64.0

  /// Multiply-adds of an iteration in units of those of an implicit step, which take twice as long; what small iterations
  /// cost beside, by experience, included.
  static func iterationWork(_ problem: RegressionProblem) -> Double {
    Double(problem.sampleCount) * Double(problem.featureCount) + 150
  }

  /// Follows the iterates after `iterate`; nil when they are not slow there, or the tail does not come to its end before
  /// `maximumTime` and within `work` multiply-adds.
  ///
  /// Throws `InvalidInput` when a linear-algebra routine fails.
  init?(
    _ setup: Setup, _ settings: DescentSettings, from iterate: Iterate, relative tolerance: Double,
    deltaTolerance: Double, maximumTime: Double, work: Double, monitor: RunMonitor
  ) throws(InvalidInput) {
    let network = DiagonalNetwork(setup.problem)
    let field = try MomentumGradientFlow(network, lambda: settings.lambda)
    let method = try RadauMethod(stages: 7)
    let stepWork = field.stageWork(stages: method.stages) + RadauStepper.overhead
    // A handful of steps at least.
    guard settings.batches == nil, setup.problem.reduction == nil, work >= 8 * stepWork else { return nil }
    let layout = FlowLayout(.mgf, network)
    var state = iterate.weights + iterate.increments.map { $0 / settings.step }
    state += [Double](repeating: 0, count: field.dimension - state.count)
    state.replaceSubrange(layout.gradientIntegral, with: iterate.gradientIntegral)
    let began = Double(iterate.iteration) * settings.step
    guard
      let stepper = try? RadauStepper(
        InitialValueProblem(field, from: state, at: began),
        control: .adaptive(Tolerance(relative: tolerance)), method: method,
        recursion: Recursion(
          step: settings.step, lookahead: settings.method == .nesterov ? settings.beta * settings.step : 0))
    else { return nil }
    guard stepper.tryStep(4 * Self.shortest * settings.step) else { return nil }
    // Sign changes within it, timed by linear interpolation.
    let early = layout.weights.filter { state[$0] * stepper.state[$0] < 0 }.map { i in
      Occurrence(
        coordinate: i, time: began + (stepper.time - began) * state[i] / (state[i] - stepper.state[i]),
        direction: stepper.state[i] > 0 ? 1 : -1)
    }.sorted { ($0.time, $0.coordinate) < ($1.time, $1.coordinate) }

    let criterion = ProjectionCriterion(
      setup, settings.motion(samples: network.sampleCount), tolerance: deltaTolerance, monitor: monitor)
    func project(_ y: UnsafePointer<Double>) -> ProjectionCriterion.State {
      let state = Array(UnsafeBufferPointer(start: y, count: layout.dimension))
      return ProjectionCriterion.State(
        weights: Array(state[layout.weights]), rates: state[layout.rates].map { $0 * settings.step },
        gradientIntegral: Array(state[layout.gradientIntegral]),
        stateError: LimitRun.stateError(iterations: iterate.iteration), balanceCheck: nil, needsSecondRun: false)
    }
    let probe = ResidualProbe(setup, layout, lambda: settings.lambda)
    var last = stepper.time
    let shortest = Self.shortest * settings.step
    let solution = try? integrate(
      stepper, until: maximumTime,
      stoppingWhen: [
        StopCondition { view in
          defer { last = view.time }
          _ = probe.look(view.state)
          let isMet = criterion.isMet(view.time, time: view.time, energy: probe.energy(view.state)) {
            project(view.state)
          }
          if isMet { return .residual }
          let spent = Double(view.statistics.steps + view.statistics.rejectedSteps) * stepWork
          if spent > work || view.time > last && view.time - last < shortest { return .stationary }
          return monitor.isInterrupted() ? .interrupted : nil
        }
      ], locating: [.signChanges(of: layout.weights)])
    guard let solution, solution.outcome == .residual else { return nil }
    limit = try criterion.project(solution.time, project(stepper.state))
    time = solution.time
    (weights, rates) = (Array(solution.state[layout.weights]), Array(solution.state[layout.rates]))
    occurrences = early + solution.occurrences
    (steps, passes) = (solution.statistics.steps, solution.statistics.passes)
  }
}
