import Dynamics
import ImplicitSteppers
import TaylorSteppers

/// Taylor where accuracy bounds the step, Radau IIA where stability does: the choice made for the user.
///
/// Starts with Taylor. In the stiff phase its steps stagnate, however smooth the solution. At geometrically spaced numbers of
/// steps a Radau step is tried that would pay: 1.5 times as long as the Taylor steps of the same work. If the tolerance allows
/// it, Radau goes on from there, and hands back when its own steps no longer pay. Work is counted in multiply-adds, never
/// timed, so that the same input takes the same path everywhere.
public final class AutoStepper: Stepper {
  /// What the system has to offer for both.
  public typealias Field = SeriesField & StageField

  private enum Turn {
    case taylor(TaylorStepper)
    case radau(RadauStepper)
  }

  private let field: any Field
  private let tolerance: Tolerance
  private let implicitTolerance: Tolerance
  private let method: RadauMethod
  /// Which of the two goes on.
  private var turn: Turn
  private var counts = Statistics()
  /// Multiply-adds of one Taylor step, and the steps since the last trial.
  private let taylorWork: Double
  private var stepsSinceTrial = 0
  private var trialInterval = 60
  private var timeOfTrial: Double
  /// Time per Taylor step before the hand-over.
  private var taylorStep = 0.0
  private var radauWork: Double
  /// Set after a step of Radau that did not pay: Taylor takes the next one, since this one's segment is still to be read.
  private var isLeaving = false

  /// A stepper at the start of `problem`.
  ///
  /// - Parameter implicitTolerance: that of Radau, whose Newton iterations need some digits of their own.
  /// Throws `InvalidInput` when the field offers no series or no structure, or is not finite at the start.
  public init(
    _ problem: InitialValueProblem, tolerance: Tolerance, implicitTolerance: Tolerance, method: RadauMethod
  ) throws(InvalidInput) {
    guard let field = problem.field as? any Field else {
      throw InvalidInput(
        "automatic stepper", because: "this field offers no Taylor series or no structure of its Jacobian",
        remedy: "choose another stepper")
    }
    let first = try TaylorStepper(problem, control: .adaptive(tolerance))
    let degree = Double(first.degree)
    let work = field.seriesWork
    taylorWork = work.linear * degree + work.quadratic * degree * degree
    radauWork = field.stageWork(stages: method.stages) + RadauStepper.overhead
    timeOfTrial = problem.time
    self.field = field
    self.tolerance = tolerance
    self.implicitTolerance = implicitTolerance
    self.method = method
    turn = .taylor(first)
  }

  private var active: any Stepper {
    switch turn {
    case .taylor(let stepper): stepper
    case .radau(let stepper): stepper
    }
  }

  public var dimension: Int { field.dimension }
  public var hasDenseOutput: Bool { true }
  public var time: Double { active.time }
  public var state: UnsafePointer<Double> { active.state }
  public var rate: UnsafePointer<Double> { active.rate }

  public var statistics: Statistics {
    var result = counts
    result.add(active.statistics)
    result.passes = field.passes
    return result
  }

  public func step(notBeyond limit: Double) throws(StepFailure) {
    if isLeaving, case .radau(let radau) = turn { leave(radau) }
    switch turn {
    case .radau(let radau): try stepImplicitly(radau, limit)
    case .taylor(let taylor):
      // A trial that fails must not cost more than a share of what was done.
      let done = taylorWork * Double(taylor.statistics.steps)
      if stepsSinceTrial >= trialInterval, radauWork <= 0.15 * done, tryImplicitStep(taylor, limit) { return }
      try taylor.step(notBeyond: limit)
      stepsSinceTrial += 1
    }
  }

  private func stepImplicitly(_ radau: RadauStepper, _ limit: Double) throws(StepFailure) {
    let (before, began) = (radau.work, radau.time)
    try radau.step(notBeyond: limit)
    let (spent, gained) = (radau.work - before, radau.time - began)
    radauWork = 0.8 * radauWork + 0.2 * spent
    // Back as soon as Taylor would have come as far for half of the work (unless the end cut the step short).
    if radau.time < limit, spent * taylorStep > 2 * taylorWork * gained,
      radauWork * taylorStep > 2 * taylorWork * radau.plannedStep
    {
      isLeaving = true
    }
  }

  private func leave(_ radau: RadauStepper) {
    isLeaving = false
    let values = Array(UnsafeBufferPointer(start: radau.state, count: field.dimension))
    guard let problem = try? InitialValueProblem(field, from: values, at: radau.time),
      let next = try? TaylorStepper(problem, control: .adaptive(tolerance))
    else { return }
    counts.add(radau.statistics)
    timeOfTrial = radau.time
    stepsSinceTrial = 0
    turn = .taylor(next)
  }

  /// Tries a Radau step that would pay; whether it was taken.
  private func tryImplicitStep(_ taylor: TaylorStepper, _ limit: Double) -> Bool {
    let now = taylor.time
    let mean = (now - timeOfTrial) / Double(max(stepsSinceTrial, 1))
    let step = 1.5 * radauWork / taylorWork * mean
    timeOfTrial = now
    stepsSinceTrial = 0
    trialInterval *= 2
    guard now + step < limit else { return false }
    let values = Array(UnsafeBufferPointer(start: taylor.state, count: field.dimension))
    guard let problem = try? InitialValueProblem(field, from: values, at: now),
      let candidate = try? RadauStepper(problem, control: .adaptive(implicitTolerance), method: method)
    else { return false }
    let isTaken = candidate.tryStep(step)
    radauWork = max(candidate.work, 1)
    guard isTaken else { return false }
    counts.add(taylor.statistics)
    taylorStep = mean
    turn = .radau(candidate)
    return true
  }

  public func mayHaveChangedSign(_ coordinates: Range<Int>) -> Bool { active.mayHaveChangedSign(coordinates) }

  public func overwrite(_ coordinate: Int, with value: Double, isRestart: Bool) {
    active.overwrite(coordinate, with: value, isRestart: isRestart)
  }

  public func segment() -> Segment { active.segment() }

  public func segment(of coordinates: Range<Int>) -> Segment { active.segment(of: coordinates) }

  public func refinedState(
    at t: Double, into state: UnsafeMutablePointer<Double>, rate: UnsafeMutablePointer<Double>?
  ) throws(StepFailure) {
    try active.refinedState(at: t, into: state, rate: rate)
  }
}
