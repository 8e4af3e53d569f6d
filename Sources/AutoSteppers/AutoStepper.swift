import Dynamics
import ImplicitSteppers
import TaylorSteppers

/// Taylor where accuracy bounds the step, Radau IIA where stability does: the choice made for the user.
///
/// Starts with Taylor. In the stiff phase its steps stagnate, however smooth the solution. At geometrically spaced numbers of
/// steps a Radau step is tried that would pay: 1.5 times as long as the Taylor steps of the same work. If the tolerance allows
/// it, Radau goes on from there, and hands back when its own steps no longer pay. Work is counted in multiply-adds, never
/// timed, so that the same input takes the same path everywhere.
public struct AutoStepper: Stepper, ~Copyable {
  /// What the system has to offer for both.
  public typealias Field = SeriesField & StageField

  private let field: any Field
  private let tolerance: Tolerance
  private let implicitTolerance: Tolerance
  private let method: RadauMethod
  private var taylor: Box<TaylorStepper>?
  private var radau: Box<RadauStepper>?
  private var counts = Statistics()
  /// Multiply-adds of one Taylor step, and the steps since the last trial.
  private let taylorWork: Double
  private var stepsSinceTrial = 0
  private var trialInterval = Self.firstInterval
  private var timeOfTrial: Double
  /// Time per Taylor step before the hand-over.
  private var taylorStep = 0.0
  private var radauWork: Double

  private static let firstInterval = 60

  private final class Box<S: Stepper & ~Copyable> {
    var stepper: S
    init(_ stepper: consuming S) { self.stepper = stepper }
  }

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
    taylor = Box(first)
  }

  public var dimension: Int { field.dimension }
  public var hasDenseOutput: Bool { true }
  public var time: Double { taylor?.stepper.time ?? radau?.stepper.time ?? 0 }

  public var state: UnsafePointer<Double> {
    if let taylor { return taylor.stepper.state }
    if let radau { return radau.stepper.state }
    preconditionFailure("one of the two steppers is always there")
  }

  public var rate: UnsafePointer<Double> {
    if let taylor { return taylor.stepper.rate }
    if let radau { return radau.stepper.rate }
    preconditionFailure("one of the two steppers is always there")
  }

  public var statistics: Statistics {
    var result = counts
    result.add(taylor?.stepper.statistics ?? radau?.stepper.statistics ?? Statistics())
    result.passes = field.passes
    return result
  }

  public func mayHaveChangedSign(_ coordinates: Range<Int>) -> Bool {
    taylor?.stepper.mayHaveChangedSign(coordinates) ?? true
  }

  public mutating func step(notBeyond limit: Double) throws(StepFailure) {
    if isLeaving, let radau { leave(radau) }
    if let radau {
      try stepImplicitly(radau, limit)
    } else if let taylor {
      // A trial that fails must not cost more than a share of what was done.
      let done = taylorWork * Double(taylor.stepper.statistics.steps)
      if stepsSinceTrial >= trialInterval, radauWork <= 0.15 * done, tryImplicitStep(taylor, limit) { return }
      try taylor.stepper.step(notBeyond: limit)
      stepsSinceTrial += 1
    }
  }

  private mutating func stepImplicitly(_ radau: Box<RadauStepper>, _ limit: Double) throws(StepFailure) {
    let (before, began) = (radau.stepper.work, radau.stepper.time)
    try radau.stepper.step(notBeyond: limit)
    let (spent, gained) = (radau.stepper.work - before, radau.stepper.time - began)
    radauWork = 0.8 * radauWork + 0.2 * spent
    // Back as soon as Taylor would have come as far for half of the work (unless the end cut the step short).
    if radau.stepper.time < limit, spent * taylorStep > 2 * taylorWork * gained,
      radauWork * taylorStep > 2 * taylorWork * radau.stepper.plannedStep
    {
      isLeaving = true
    }
  }

  /// Set after a step of Radau that did not pay: Taylor takes the next one, since this one's segment is still to be read.
  private var isLeaving = false

  private mutating func leave(_ radau: Box<RadauStepper>) {
    isLeaving = false
    let values = Array(UnsafeBufferPointer(start: radau.stepper.state, count: field.dimension))
    guard let problem = try? InitialValueProblem(field, from: values, at: radau.stepper.time),
      let next = try? TaylorStepper(problem, control: .adaptive(tolerance))
    else { return }
    counts.add(radau.stepper.statistics)
    timeOfTrial = radau.stepper.time
    stepsSinceTrial = 0
    taylor = Box(next)
    self.radau = nil
  }

  /// Tries a Radau step that would pay; whether it was taken.
  private mutating func tryImplicitStep(_ taylor: Box<TaylorStepper>, _ limit: Double) -> Bool {
    let now = taylor.stepper.time
    let mean = (now - timeOfTrial) / Double(max(stepsSinceTrial, 1))
    let step = 1.5 * radauWork / taylorWork * mean
    timeOfTrial = now
    stepsSinceTrial = 0
    trialInterval *= 2
    guard now + step < limit else { return false }
    let values = Array(UnsafeBufferPointer(start: taylor.stepper.state, count: field.dimension))
    guard let problem = try? InitialValueProblem(field, from: values, at: now),
      var candidate = try? RadauStepper(problem, control: .adaptive(implicitTolerance), method: method)
    else { return false }
    let isTaken = candidate.tryStep(step)
    radauWork = max(candidate.work, 1)
    guard isTaken else { return false }
    counts.add(taylor.stepper.statistics)
    taylorStep = mean
    radau = Box(candidate)
    self.taylor = nil
    return true
  }

  public mutating func overwrite(_ coordinate: Int, with value: Double, isRestart: Bool) {
    taylor?.stepper.overwrite(coordinate, with: value, isRestart: isRestart)
    radau?.stepper.overwrite(coordinate, with: value, isRestart: isRestart)
  }

  public mutating func segment() -> Segment {
    taylor?.stepper.segment() ?? radau?.stepper.segment() ?? Segment(dimension: dimension, degree: 1)
  }

  public mutating func segment(of coordinates: Range<Int>) -> Segment {
    taylor?.stepper.segment(of: coordinates) ?? radau?.stepper.segment(of: coordinates) ?? segment()
  }

  public mutating func refinedState(
    at t: Double, into state: UnsafeMutablePointer<Double>, rate: UnsafeMutablePointer<Double>?
  ) throws(StepFailure) {
    if let taylor {
      try taylor.stepper.refinedState(at: t, into: state, rate: rate)
    } else if let radau {
      try radau.stepper.refinedState(at: t, into: state, rate: rate)
    }
  }
}
