import Dynamics
import RealModule

/// Radau IIA collocation for λẅ + ẇ + f(w) = 0 (λ = 0: ẇ = −f), for stiff flows: small λ and the long tail.
///
/// Simplified Newton's method is that of `RadauStages`. The error estimate is that of Hairer and Wanner, of order s, filtered
/// by the real system; dense output is the collocation polynomial, of the same order.
///
/// Source: Hairer and Wanner, Solving Ordinary Differential Equations II, section IV.8.
public final class RadauStepper: Stepper {
  /// The system integrated.
  public let field: any StageField
  /// The method.
  public let method: RadauMethod
  /// How the step is chosen.
  public let control: StepControl

  private let stages: RadauStages
  private var counts = Statistics()
  private var nextStep: Double
  /// The last step and its error; 0 before the first.
  private var lastStep = 0.0
  private var lastError = 0.0
  private var dense: Segment
  private var startTime: Double

  /// The time reached.
  public private(set) var time: Double

  /// A stepper at the start of `problem`. Throws `InvalidInput` when the field does not offer its structure, or is not
  /// finite at the start.
  ///
  /// - Parameter recursion: makes it follow the iterates of a discrete method instead of the flow; quadratures are then sums.
  public init(
    _ problem: InitialValueProblem, control: StepControl, method: RadauMethod, recursion: Recursion? = nil
  ) throws(InvalidInput) {
    guard let field = problem.field as? any StageField else {
      throw InvalidInput(
        "Radau stepper", because: "this field does not offer the structure of its Jacobian",
        remedy: "choose another stepper")
    }
    try control.validate()
    let system = field.makeStageSystem(stages: method.stages)
    guard recursion == nil || system.inertia > 0 else {
      throw InvalidInput("recursion", because: "it needs λ > 0")
    }
    let stages = try RadauStages(problem, system, method, recursion)
    switch control {
    case .fixed(let step): nextStep = step
    case .adaptive(let tolerance):
      // A hundredth of the fastest time scale, in which some position would change by itself; the control takes over there.
      system.force(into: stages.force)
      field.errorBounds(stages.current.values, tolerance, into: stages.bounds)
      var fastest = system.inertia > 0 ? 1 / system.inertia : 0
      for i in 0..<system.positionCount {
        fastest = largerOrNaN(fastest, tolerance.relative * abs(stages.force[i]) / stages.bounds[i])
      }
      nextStep = 0.01 / max(fastest, 1e-300) * Double.pow(max(tolerance.relative, 1e-15), 1 / Double(2 * method.stages))
    }
    self.stages = stages
    self.field = field
    self.method = method
    self.control = control
    dense = Segment(dimension: problem.field.dimension, degree: method.stages)
    time = problem.time
    startTime = problem.time
  }

  public var dimension: Int { field.dimension }
  public var state: UnsafePointer<Double> { UnsafePointer(stages.current.values) }
  public var rate: UnsafePointer<Double> { stages.current.rate(of: field, at: time) }
  public var hasDenseOutput: Bool { true }

  public var statistics: Statistics {
    var result = counts
    result.passes = field.passes
    return result
  }

  public func step(notBeyond limit: Double) throws(StepFailure) {
    stages.system.force(into: stages.force)
    var step = nextStep
    for _ in 0..<200 {
      let isCut = !(time + step < limit)
      let h = isCut ? limit - time : step
      guard h > 0x1p-52 * abs(time) || isCut && h > 0 else { throw StepFailure.stepTooSmall(time: time, step: h) }
      switch attempt(h) {
      case .failed: step = 0.3 * h
      case .rejected(let factor): step = factor * h
      case .passed(let factor):
        guard stages.accept(h) else { throw StepFailure.nonFinite(time: time) }
        // A step cut short by the limit says little about the next.
        if case .adaptive = control { nextStep = isCut ? max(step, factor * h) : factor * h }
        finish(h, at: isCut ? limit : time + h)
        return
      }
      counts.rejectedSteps += 1
    }
    throw StepFailure.stepTooSmall(time: time, step: step)
  }

  /// Takes a step of just this size if the tolerance allows it; false, with all as before, otherwise.
  public func tryStep(_ h: Double) -> Bool {
    stages.system.force(into: stages.force)
    guard case .passed(let factor) = attempt(h), stages.accept(h) else {
      counts.rejectedSteps += 1
      return false
    }
    nextStep = factor * h
    finish(h, at: time + h)
    return true
  }

  /// The step that will be tried next.
  public var plannedStep: Double { nextStep }

  /// The work done so far in multiply-adds; what the many small operations of a step cost beside, by experience, included.
  public var work: Double { stages.system.work + Self.overhead * Double(counts.steps + counts.rejectedSteps) }

  /// What the small operations of a step cost, in multiply-adds.
  public static let overhead = 1.0e6

  private func finish(_ h: Double, at end: Double) {
    startTime = time
    time = end
    lastStep = h
    counts.steps += 1
    counts.implicitSteps += 1
  }

  private enum Attempt {
    case failed
    case rejected(Double)
    case passed(Double)
  }

  /// Solves for a step of size h and judges it: with the factor for the step after it.
  private func attempt(_ h: Double) -> Attempt {
    setScale()
    let relative = if case .adaptive(let tolerance) = control { max(tolerance.relative, 1e-16) } else { 1e-14 }
    guard let iterations = stages.solve(h, relative: relative) else { return .failed }
    guard case .adaptive = control else { return .passed(1) }
    let error = stages.localError(h)
    let most = 2 * RadauStages.maximumIterations
    let effort = Double(most + 1) / Double(most + iterations)
    let order = Double(method.stages + 1)
    var factor = 0.9 * effort * Double.pow(max(error, 1e-12), -1 / order)
    if error <= 1, lastStep > 0, lastError > 0 {
      // Gustafsson's prediction: errors that grow from step to step go on growing.
      factor = min(factor, factor * h / lastStep * Double.pow(lastError / max(error, 1e-12), 1 / order))
    }
    factor = min(8, max(0.2, factor.isNaN ? 0.2 : factor))
    guard error <= 1 else { return .rejected(factor) }
    counts.localError = max(counts.localError, error)
    lastError = max(error, 1e-2)
    return .passed(factor)
  }

  /// What errors are measured in, coordinate by coordinate: the field's own bounds.
  private func setScale() {
    let (count, state) = (stages.system.positionCount, stages.current.values)
    switch control {
    case .adaptive(let tolerance):
      field.errorBounds(state, tolerance, into: stages.bounds)
      for j in 0..<count { stages.inverseScale[j] = 1 / stages.bounds[j] }
    case .fixed:
      for j in 0..<count { stages.inverseScale[j] = 1 / max(1e-14 * abs(state[j]), 0x1p-1000) }
    }
  }

  public func mayHaveChangedSign(_ coordinates: Range<Int>) -> Bool { stages.mayHaveChangedSign(coordinates) }

  public func overwrite(_ coordinate: Int, with value: Double, isRestart: Bool) {
    stages.current.overwrite(coordinate, with: value)
    if isRestart { stages.system.begin(stages.current.values) }
  }

  public func segment() -> Segment {
    if dense.end != time || dense.start != startTime {
      dense.fill(from: startTime, to: time) { stages.copyPolynomial(into: $0) }
    }
    return dense
  }

  public func refinedState(
    at t: Double, into state: UnsafeMutablePointer<Double>, rate: UnsafeMutablePointer<Double>?
  ) throws(StepFailure) {
    let segment = segment()
    segment.evaluate(at: t, coordinates: 0..<dimension, into: state)
    if let rate { field.evaluate(t, state, into: rate) }
  }
}
