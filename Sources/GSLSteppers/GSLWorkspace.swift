import CGSL
import Dynamics
import RealModule

/// The memory of one `gsl_odeiv2` scheme: step, control and evolution objects and the state before and after a step.
///
/// A class, because GSL keeps pointers to it; it frees everything in `deinit`.
final class GSLWorkspace {
  private let field: any VectorField
  /// The same for implicit schemes.
  private let differentiable: (any JacobianField)?
  private let tolerance: Tolerance?
  private let dimension: Int

  private let stepObject: UnsafeMutablePointer<gsl_odeiv2_step>
  private let evolution: UnsafeMutablePointer<gsl_odeiv2_evolve>
  private let control: UnsafeMutablePointer<gsl_odeiv2_control>
  private let controlType: UnsafeMutablePointer<gsl_odeiv2_control_type>
  private let driver: UnsafeMutablePointer<gsl_odeiv2_driver>
  private let system: UnsafeMutablePointer<gsl_odeiv2_system>
  private let memory: UnsafeMutablePointer<Double>

  /// State, rate and second derivative at the end of the last step and at its start; error bounds.
  let y, rate, second, startY, startRate, startSecond, bounds: UnsafeMutablePointer<Double>

  /// Whether the last attempt met a value that is not finite.
  private(set) var sawNonFinite = false
  /// Attempts rejected so far.
  private(set) var rejectedSteps = 0
  /// The largest accepted error estimate in units of the bounds.
  private(set) var worstError = 0.0
  private var attemptError = 0.0

  init(_ scheme: GSLScheme, _ field: any VectorField, _ tolerance: Tolerance?) throws(InvalidInput) {
    gsl_set_error_handler_off()
    let d = field.dimension
    guard let type = scheme.type, let step = gsl_odeiv2_step_alloc(type, d) else {
      throw InvalidInput(
        "stepper \(scheme.rawValue)", because: "GSL could not allocate it for a state of \(d) numbers",
        remedy: scheme.isImplicit ? "its matrices take 8·\(d)² bytes each: use an explicit scheme" : nil)
    }
    guard let evolve = gsl_odeiv2_evolve_alloc(d) else {
      gsl_odeiv2_step_free(step)
      throw InvalidInput("stepper \(scheme.rawValue)", because: "GSL could not allocate a state of \(d) numbers")
    }
    self.field = field
    differentiable = field as? any JacobianField
    self.tolerance = tolerance
    dimension = d
    stepObject = step
    evolution = evolve
    memory = .allocate(capacity: 7 * d)
    memory.initialize(repeating: 0, count: 7 * d)
    y = memory
    rate = memory + d
    second = memory + 2 * d
    startY = memory + 3 * d
    startRate = memory + 4 * d
    startSecond = memory + 5 * d
    bounds = memory + 6 * d
    control = .allocate(capacity: 1)
    controlType = .allocate(capacity: 1)
    driver = .allocate(capacity: 1)
    system = .allocate(capacity: 1)
    connect()
  }

  deinit {
    gsl_odeiv2_evolve_free(evolution)
    gsl_odeiv2_step_free(stepObject)
    control.deallocate()
    controlType.deallocate()
    driver.deallocate()
    system.deallocate()
    memory.deallocate()
  }

  /// Wires the C structures to this object. The callbacks receive it as their parameter or state.
  private func connect() {
    let me = Unmanaged.passUnretained(self).toOpaque()
    system.initialize(
      to: gsl_odeiv2_system(
        function: { t, y, f, parameters in
          guard let y, let f, let parameters else { return GSL_EFAULT.code }
          return GSLWorkspace.from(parameters).evaluate(t, y, f)
        },
        jacobian: { t, y, dfdy, dfdt, parameters in
          guard let y, let dfdy, let dfdt, let parameters else { return GSL_EFAULT.code }
          return GSLWorkspace.from(parameters).jacobian(t, y, dfdy, dfdt)
        },
        dimension: dimension, params: me))
    controlType.initialize(
      to: gsl_odeiv2_control_type(
        name: nil, alloc: nil, init: nil,
        hadjust: { state, _, order, y, error, _, h in
          guard let state, let y, let error, let h else { return 0 }
          return GSLWorkspace.from(state).adjust(Int(order), y, error, h)
        },
        errlevel: { state, _, _, _, index, level in
          guard let state, let level else { return GSL_EFAULT.code }
          level.pointee = GSLWorkspace.from(state).bounds[index]
          return GSL_SUCCESS.code
        },
        set_driver: nil, free: nil))
    control.initialize(to: gsl_odeiv2_control(type: controlType, state: me))
    driver.initialize(
      to: gsl_odeiv2_driver(
        sys: UnsafePointer(system), s: stepObject, c: control, e: evolution, h: 0, hmin: 0,
        hmax: Double.greatestFiniteMagnitude, n: 0, nmax: 0))
    // Multistep schemes ask the driver's control for error levels.
    _ = gsl_odeiv2_step_set_driver(stepObject, driver)
  }

  private static func from(_ pointer: UnsafeMutableRawPointer) -> GSLWorkspace {
    Unmanaged<GSLWorkspace>.fromOpaque(pointer).takeUnretainedValue()
  }

  // MARK: Callbacks

  private func evaluate(
    _ t: Double, _ y: UnsafePointer<Double>, _ f: UnsafeMutablePointer<Double>
  ) -> CInt {
    field.evaluate(t, y, into: f)
    // Not GSL_EBADFUNC, which would end the run: a shorter step may well stay finite.
    guard isFinite(f) else {
      sawNonFinite = true
      return GSL_EFAILED.code
    }
    return GSL_SUCCESS.code
  }

  private func jacobian(
    _ t: Double, _ y: UnsafePointer<Double>, _ matrix: UnsafeMutablePointer<Double>,
    _ derivative: UnsafeMutablePointer<Double>
  ) -> CInt {
    guard let differentiable else { return GSL_EFAULT.code }
    differentiable.jacobian(t, y, into: matrix, timeDerivative: derivative)
    return GSL_SUCCESS.code
  }

  /// The classical rule of GSL's own controls with the field's bounds: shrink above 1.1, grow below 0.5.
  private func adjust(
    _ order: Int, _ y: UnsafePointer<Double>, _ error: UnsafePointer<Double>, _ h: UnsafeMutablePointer<Double>
  ) -> CInt {
    guard let tolerance else { return CInt(GSL_ODEIV_HADJ_NIL) }
    field.errorBounds(y, tolerance, into: bounds)
    var worst = 0.0
    var finite = true
    for i in 0..<dimension {
      // A bound of infinity (quadratures) never matters; an error that is not a number always does.
      let ratio = bounds[i] == .infinity ? 0 : abs(error[i]) / bounds[i]
      if !(ratio <= worst) { worst = ratio.isNaN ? .infinity : ratio }
      if !y[i].isFinite { finite = false }
    }
    attemptError = worst
    sawNonFinite = !finite
    if !finite || !(worst <= 1.1) {
      let factor = finite ? 0.9 / Double.pow(worst, 1 / Double(max(order, 1))) : 0
      h.pointee *= max(factor, 0.2)
      // The next attempt starts from the same state again, and multistep schemes read the bounds before it.
      field.errorBounds(evolution.pointee.y0, tolerance, into: bounds)
      return CInt(GSL_ODEIV_HADJ_DEC)
    }
    if worst < 0.5 {
      let factor = worst > 0 ? 0.9 / Double.pow(worst, 1 / Double(order + 1)) : 5
      h.pointee *= min(max(factor, 1), 5)
      return CInt(GSL_ODEIV_HADJ_INC)
    }
    return CInt(GSL_ODEIV_HADJ_NIL)
  }

  // MARK: Steps

  func isFinite(_ values: UnsafePointer<Double>) -> Bool {
    var sum = 0.0
    for i in 0..<dimension { sum += values[i] }
    if sum.isFinite { return true }
    for i in 0..<dimension where !values[i].isFinite { return false }
    return true
  }

  func saveStart() {
    startY.update(from: y, count: dimension)
    startRate.update(from: rate, count: dimension)
    startSecond.update(from: second, count: dimension)
  }

  /// Gives a coordinate another value; a restart forgets what multistep schemes remember and evaluates the rate again.
  func overwrite(_ coordinate: Int, with value: Double, at time: Double, isRestart: Bool) {
    y[coordinate] = value
    guard isRestart else { return }
    field.evaluate(time, y, into: rate)
    _ = gsl_odeiv2_step_reset(stepObject)
    _ = gsl_odeiv2_evolve_reset(evolution)
  }

  /// Takes over the start of the other workspace's last step.
  func restart(at other: GSLWorkspace) {
    y.update(from: other.startY, count: dimension)
    rate.update(from: other.startRate, count: dimension)
    _ = gsl_odeiv2_step_reset(stepObject)
    _ = gsl_odeiv2_evolve_reset(evolution)
  }

  /// A first step that changes no coordinate by more than a hundredth of its size.
  func initialStep() -> Double {
    guard let tolerance else { return 0 }
    field.errorBounds(y, tolerance, into: bounds)
    var size = 0.0
    var speed = 0.0
    for i in 0..<dimension where bounds[i].isFinite {
      size = max(size, abs(y[i]) / bounds[i])
      speed = max(speed, abs(rate[i]) / bounds[i])
    }
    let step = 0.01 * size / speed
    return step.isFinite && step > 0 ? step : 1e-3
  }

  func adaptiveStep(from start: Double, notBeyond limit: Double, step: inout Double) throws(StepFailure) -> Double {
    if let tolerance { field.errorBounds(y, tolerance, into: bounds) }
    sawNonFinite = false
    let failedBefore = evolution.pointee.failed_steps
    let rejectedBefore = rejectedSteps
    var time = start
    let code = gsl_odeiv2_evolve_apply(evolution, control, stepObject, system, &time, limit, &step, y)
    // GSL also counts attempts that the scheme itself gave up.
    rejectedSteps = rejectedBefore + Int(evolution.pointee.failed_steps - failedBefore)
    guard code == GSL_SUCCESS.code else {
      restoreStart()
      throw failure(code, start, step)
    }
    guard time > start else {
      restoreStart()
      throw .stepTooSmall(time: start, step: step)
    }
    worstError = max(worstError, attemptError)
    try finishStep(time)
    return time
  }

  func fixedStep(from start: Double, step: Double, limit: Double) throws(StepFailure) -> Double {
    sawNonFinite = false
    var time = start
    let code = gsl_odeiv2_evolve_apply_fixed_step(evolution, nil, stepObject, system, &time, step, y)
    guard code == GSL_SUCCESS.code else {
      restoreStart()
      throw failure(code, start, step)
    }
    // Rounding must not leave a sliver of a step before the limit.
    if limit - time < 1e-12 * step { time = limit }
    try finishStep(time)
    return time
  }

  private func finishStep(_ time: Double) throws(StepFailure) {
    if stepObject.pointee.type.pointee.gives_exact_dydt_out != 0 {
      rate.update(from: evolution.pointee.dydt_out, count: dimension)
    } else {
      field.evaluate(time, y, into: rate)
    }
    guard isFinite(rate), isFinite(y) else {
      restoreStart()
      throw .nonFinite(time: time)
    }
  }

  private func restoreStart() {
    y.update(from: startY, count: dimension)
    rate.update(from: startRate, count: dimension)
  }

  private func failure(_ code: CInt, _ time: Double, _ step: Double) -> StepFailure {
    if sawNonFinite { return .nonFinite(time: time) }
    if code == GSL_FAILURE.code || code == GSL_EFAILED.code { return .stepTooSmall(time: time, step: step) }
    let message = gsl_strerror(code).map { String(cString: $0) } ?? "error \(code)"
    return .method(time: time, message: "GSL: \(message)")
  }
}

extension Int {
  /// GSL's error codes are an anonymous enumeration in C.
  fileprivate var code: CInt { CInt(self) }
}
