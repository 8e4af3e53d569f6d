import CGSL
import Dynamics

/// Every `gsl_odeiv2` scheme behind the one stepper interface.
///
/// Errors are controlled by the field's own bounds (`VectorField.errorBounds`) through a GSL control type of our own;
/// values that are not finite make the attempt fail and the step shrink. The library has no dense output: segments are
/// quintic Hermite polynomials, and states within a step are found by stepping again from its start.
public final class GSLStepper: Stepper {
  /// The scheme.
  public let scheme: GSLScheme
  /// The system integrated.
  public let field: any DifferentiableField
  /// How the step is chosen.
  public let control: StepControl

  private let main: GSLWorkspace
  private var second: GSLWorkspace?
  private var nextStep: Double
  private var startTime: Double
  private var hermite: Segment
  private var counts = Statistics()
  private var secondDerivativeAtEnd = false
  private var secondDerivativeAtStart = false

  /// The time reached.
  public private(set) var time: Double

  /// A stepper at the start of `problem`.
  ///
  /// Throws `InvalidInput` for a fixed step with a multistep scheme, a step that is not positive and finite, or when the
  /// field does not know its derivatives or is not finite at the start.
  public init(_ scheme: GSLScheme, _ problem: InitialValueProblem, control: StepControl) throws(InvalidInput) {
    let tolerance: Tolerance?
    switch control {
    case .adaptive(let value):
      tolerance = value
    case .fixed:
      try control.validate()
      guard !scheme.isMultistep else {
        throw InvalidInput(
          "fixed step with \(scheme.rawValue)", because: "a multistep scheme chooses its own order and step",
          remedy: "use rkf45, rkck, rk8pd or bsimp")
      }
      tolerance = nil
    }
    guard let field = problem.field as? any DifferentiableField, !scheme.isImplicit || field is any JacobianField else {
      throw InvalidInput(
        "stepper \(scheme.rawValue)", because: "this field does not provide the derivatives that it needs",
        remedy: "choose another stepper")
    }
    let workspace = try GSLWorkspace(scheme, field, tolerance)
    for (i, value) in problem.state.enumerated() { workspace.y[i] = value }
    problem.field.evaluate(problem.time, workspace.y, into: workspace.rate)
    guard workspace.isFinite(workspace.rate) else {
      throw InvalidInput(
        "initial state", because: "the right-hand side is not finite there",
        remedy: "check the data for very large values")
    }
    self.scheme = scheme
    self.field = field
    self.control = control
    time = problem.time
    startTime = problem.time
    hermite = Segment(dimension: problem.field.dimension, degree: 5)
    main = workspace
    nextStep = if case .fixed(let step) = control { step } else { workspace.initialStep() }
  }

  public var hasDenseOutput: Bool { false }
  public var dimension: Int { field.dimension }
  public var state: UnsafePointer<Double> { UnsafePointer(main.y) }
  public var rate: UnsafePointer<Double> { UnsafePointer(main.rate) }

  public var statistics: Statistics {
    var result = counts
    result.rejectedSteps = main.rejectedSteps
    result.passes = field.passes
    result.localError = main.worstError
    return result
  }

  public func step(notBeyond limit: Double) throws(StepFailure) {
    main.saveStart()
    swap(&secondDerivativeAtStart, &secondDerivativeAtEnd)
    secondDerivativeAtEnd = false
    startTime = time
    switch control {
    case .adaptive:
      time = try main.adaptiveStep(from: time, notBeyond: limit, step: &nextStep)
    case .fixed(let step):
      time = try main.fixedStep(from: time, step: min(step, limit - time), limit: limit)
    }
    counts.steps += 1
  }

  public func overwrite(_ coordinate: Int, with value: Double, isRestart: Bool) {
    main.overwrite(coordinate, with: value, at: time, isRestart: isRestart)
    if isRestart { secondDerivativeAtEnd = false }
  }

  public func segment() -> Segment {
    if hermite.end == time, hermite.start == startTime { return hermite }
    if !secondDerivativeAtStart {
      field.secondDerivative(startTime, main.startY, main.startRate, into: main.startSecond)
      secondDerivativeAtStart = true
    }
    field.secondDerivative(time, main.y, main.rate, into: main.second)
    secondDerivativeAtEnd = true
    hermite.interpolate(
      from: startTime, main.startY, main.startRate, main.startSecond, to: time, main.y, main.rate, main.second)
    return hermite
  }

  public func refinedState(
    at t: Double, into state: UnsafeMutablePointer<Double>, rate: UnsafeMutablePointer<Double>?
  ) throws(StepFailure) {
    let work: GSLWorkspace
    if let second {
      work = second
    } else {
      let tolerance: Tolerance? = if case .adaptive(let value) = control { value } else { nil }
      do {
        work = try GSLWorkspace(scheme, field, tolerance)
      } catch {
        throw StepFailure.method(time: t, message: error.description)
      }
      second = work
    }
    work.restart(at: main)
    var now = startTime
    var step = t - startTime
    while now < t {
      if case .adaptive = control {
        now = try work.adaptiveStep(from: now, notBeyond: t, step: &step)
      } else {
        now = try work.fixedStep(from: now, step: t - now, limit: t)
      }
    }
    state.update(from: work.y, count: dimension)
    rate?.update(from: work.rate, count: dimension)
  }
}
