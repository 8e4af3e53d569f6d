import Dynamics
import RealModule

/// Radau IIA collocation for λẅ + ẇ + f(w) = 0 (λ = 0: ẇ = −f), for stiff flows: small λ and the long tail.
///
/// The unknowns are the increments ζᵢ of w at the stages: with D = A⁻¹, λ/h² D²ζ − λ/h D1 ẇ₀ + 1/h Dζ + f(w₀ + ζ) = 0. In the
/// eigenbasis of D simplified Newton's method needs systems (ν + Df) y = b with ν = λμ²/h² + μ/h, one real and (s − 1)/2
/// complex ones, which the field's `StageSystem` solves by their structure. Df is taken at the predicted middle stage of each
/// attempt. The error estimate is that of Hairer and Wanner, of order s, filtered by the real system; dense output is the
/// collocation polynomial, of the same order.
///
/// Source: Hairer and Wanner, Solving Ordinary Differential Equations II, section IV.8.
public struct RadauStepper: Stepper, ~Copyable {
  /// The system integrated.
  public let field: any StageField
  /// The method.
  public let method: RadauMethod
  /// How the step is chosen.
  public let control: StepControl

  private let system: any StageSystem
  private let memory: RadauMemory
  private var counts = Statistics()
  private var nextStep: Double
  /// The step whose polynomial the memory holds; 0 before the first.
  private var lastStep = 0.0
  private var lastError = 0.0
  private var dense: Segment
  private var startTime: Double

  /// The time reached.
  public private(set) var time: Double

  /// A stepper at the start of `problem`. Throws `InvalidInput` when the field does not offer its structure, or is not
  /// finite at the start.
  public init(_ problem: InitialValueProblem, control: StepControl, method: RadauMethod) throws(InvalidInput) {
    guard let field = problem.field as? any StageField else {
      throw InvalidInput(
        "Radau stepper", because: "this field does not offer the structure of its Jacobian",
        remedy: "choose another stepper")
    }
    try control.validate()
    let system = field.makeStageSystem(stages: method.stages)
    let memory = RadauMemory(problem.state, system, method)
    system.begin(memory.state)
    field.evaluate(problem.time, memory.state, into: memory.rate)
    guard isFinite(memory.rate, memory.dimension) else {
      throw InvalidInput(
        "initial state", because: "the right-hand side is not finite there",
        remedy: "check the data for very large values")
    }
    memory.rateIsCurrent = true
    switch control {
    case .fixed(let step): nextStep = step
    case .adaptive(let tolerance):
      // A hundredth of the fastest time scale, in which some position would change by itself; the control takes over there.
      let m = system.positionCount
      system.force(into: memory.force)
      field.errorBounds(memory.state, tolerance, into: memory.bounds)
      var fastest = system.inertia > 0 ? 1 / system.inertia : 0
      for i in 0..<m {
        fastest = largerOrNaN(fastest, tolerance.relative * abs(memory.force[i]) / memory.bounds[i])
      }
      nextStep = 0.01 / max(fastest, 1e-300) * Double.pow(max(tolerance.relative, 1e-15), 1 / Double(2 * method.stages))
    }
    self.memory = memory
    self.system = system
    self.field = field
    self.method = method
    self.control = control
    dense = Segment(dimension: problem.field.dimension, degree: method.stages)
    time = problem.time
    startTime = problem.time
  }

  public var dimension: Int { field.dimension }
  public var state: UnsafePointer<Double> { UnsafePointer(memory.state) }
  public var hasDenseOutput: Bool { true }

  /// ẏ at `time`: evaluated when asked for.
  public var rate: UnsafePointer<Double> {
    if !memory.rateIsCurrent {
      field.evaluate(time, memory.state, into: memory.rate)
      memory.rateIsCurrent = true
    }
    return UnsafePointer(memory.rate)
  }

  public var statistics: Statistics {
    var result = counts
    result.passes = field.passes
    return result
  }

  public mutating func step(notBeyond limit: Double) throws(StepFailure) {
    system.force(into: memory.force)
    var step = nextStep
    for _ in 0..<200 {
      let isCut = !(time + step < limit)
      let h = isCut ? limit - time : step
      guard h > 0x1p-52 * abs(time) || isCut && h > 0 else { throw StepFailure.stepTooSmall(time: time, step: h) }
      switch attempt(h) {
      case .failed: step = 0.3 * h
      case .rejected(let factor): step = factor * h
      case .passed(let factor):
        guard accept(h) else { throw StepFailure.nonFinite(time: time) }
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
  public mutating func tryStep(_ h: Double) -> Bool {
    system.force(into: memory.force)
    guard case .passed(let factor) = attempt(h), accept(h) else {
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
  public var work: Double { system.work + Self.overhead * Double(counts.steps + counts.rejectedSteps) }

  /// What the small operations of a step cost, in multiply-adds.
  public static let overhead = 1.0e6

  private mutating func finish(_ h: Double, at end: Double) {
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
  private mutating func attempt(_ h: Double) -> Attempt {
    setScale()
    guard let iterations = solveStages(h) else { return .failed }
    guard case .adaptive = control else { return .passed(1) }
    let error = localError(h)
    let effort = Double(2 * Self.maximumIterations + 1) / Double(2 * Self.maximumIterations + iterations)
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

  private static let maximumIterations = 12

  // MARK: The stages

  /// What the error of positions is measured in, coordinate by coordinate: the field's own bounds.
  private func setScale() {
    let m = system.positionCount
    switch control {
    case .adaptive(let tolerance):
      field.errorBounds(memory.state, tolerance, into: memory.bounds)
      for j in 0..<m { memory.inverseScale[j] = 1 / memory.bounds[j] }
    case .fixed:
      for j in 0..<m { memory.inverseScale[j] = 1 / max(1e-14 * abs(memory.state[j]), 0x1p-1000) }
    }
  }

  /// Newton's method for the increments at the stages; the number of iterations, nil when it fails.
  private func solveStages(_ h: Double) -> Int? {
    let (s, m, lambda) = (method.stages, system.positionCount, system.inertia)
    let zeta = memory.zeta
    predict(h)
    system.linearize(at: zeta + (s / 2) * m)
    func shift(_ re: Double, _ im: Double) -> (real: Double, imaginary: Double) {
      (lambda * (re * re - im * im) / (h * h) + re / h, lambda * 2 * re * im / (h * h) + im / h)
    }
    let complex = method.complexShifts.map { shift($0.real, $0.imaginary) }
    guard system.factor(real: shift(method.realShift, 0).real, complex: complex) else { return nil }
    let relative: Double
    switch control {
    case .adaptive(let tolerance): relative = max(tolerance.relative, 1e-16)
    case .fixed: relative = 1e-14
    }
    // Below the rounding of the increments there is nothing to win.
    let enough = max(0.02, min(1, 4 * 0x1p-52 / relative))
    var (norm, rate) = (Double.infinity, 1.0)
    for iteration in 1...Self.maximumIterations {
      system.evaluate(zeta, into: memory.stageForce)
      residual(h)
      system.solve(memory.columns)
      let last = norm
      norm = correct()
      guard norm.isFinite else { return nil }
      if norm == 0 { return iteration }
      if iteration > 1 {
        rate = norm / last
        if norm <= enough * 1e-3 { return iteration }
        // The first correction lets what is stiff settle, and moves small weights by its product with their own change
        // within the step; the second takes that back. Only then does the rate tell.
        if iteration > 2 {
          guard rate < 0.95 else { return norm <= enough ? iteration : nil }
          if rate / (1 - rate) * norm <= enough { return iteration }
          let left = Double(Self.maximumIterations - iteration)
          if Double.pow(rate, left) / (1 - rate) * norm > enough { return nil }
        } else if rate < 0.5, rate / (1 - rate) * norm <= enough {
          return iteration
        }
      } else if norm <= 1e-3 * enough {
        return iteration
      }
    }
    return nil
  }

  /// The last polynomial continued, if that is not too far; else the straight line.
  private func predict(_ h: Double) {
    let (s, m) = (method.stages, system.positionCount)
    let zeta = memory.zeta
    let ratio = lastStep > 0 ? h / lastStep : .infinity
    guard ratio <= 4 else {
      for i in 0..<s {
        for j in 0..<m {
          zeta[i * m + j] = method.nodes[i] * h * (system.inertia > 0 ? memory.state[m + j] : -memory.force[j])
        }
      }
      return
    }
    // ζᵢ = P(1 + cᵢ h/h₀) − P(1), P the last polynomial with its coefficients by powers.
    for i in 0..<s {
      let x = 1 + method.nodes[i] * ratio
      let row = zeta + i * m
      for j in 0..<m { row[j] = 0 }
      var power = 1.0
      for k in 0..<s {
        power *= x
        let difference = power - 1
        let c = memory.coefficients + k * m
        for j in 0..<m { row[j] += difference * c[j] }
      }
    }
  }

  /// Minus the residual in the eigenbasis, into `columns`.
  private func residual(_ h: Double) {
    let (s, m, lambda) = (method.stages, system.positionCount, system.inertia)
    let (zeta, force, r) = (memory.zeta, memory.stageForce, memory.residual)
    let v = memory.state + m
    for i in 0..<s {
      let row = r + i * m
      for j in 0..<m { row[j] = -force[i * m + j] }
      var slope = 0.0
      for k in 0..<s {
        let d = method.differentiation[i * s + k]
        slope += d
        let a = d / h + lambda * method.secondDifferentiation[i * s + k] / (h * h)
        for j in 0..<m { row[j] -= a * zeta[k * m + j] }
      }
      if lambda > 0 {
        let b = lambda * slope / h
        for j in 0..<m { row[j] += b * v[j] }
      }
    }
    for k in 0..<s {
      let column = memory.columns + k * m
      for j in 0..<m { column[j] = 0 }
      for i in 0..<s {
        let t = method.toModes[k * s + i]
        for j in 0..<m { column[j] += t * r[i * m + j] }
      }
    }
  }

  /// Adds the Newton correction; its size in units of the tolerance.
  private func correct() -> Double {
    let (s, m) = (method.stages, system.positionCount)
    var norm = 0.0
    for i in 0..<s {
      let row = memory.residual + i * m
      for j in 0..<m { row[j] = 0 }
      for k in 0..<s {
        let t = method.fromModes[i * s + k]
        let column = memory.columns + k * m
        for j in 0..<m { row[j] += t * column[j] }
      }
      for j in 0..<m {
        memory.zeta[i * m + j] += row[j]
        let size = abs(row[j]) * memory.inverseScale[j]
        if !(size <= norm) { norm = size }
      }
    }
    return norm
  }

  /// (Dζ)ᵢ/h at every stage: the velocities, into `velocities`.
  private func differentiate(_ h: Double) {
    let (s, m) = (method.stages, system.positionCount)
    for i in 0..<s {
      let row = memory.velocities + i * m
      for j in 0..<m { row[j] = 0 }
      for k in 0..<s {
        let d = method.differentiation[i * s + k] / h
        for j in 0..<m { row[j] += d * memory.zeta[k * m + j] }
      }
    }
  }

  /// (ν + Df) e_w = ν d_w + (λμ/h) d_v with d = γ₀(h ẏ₀ − Σ lᵢ(0) h ẏ(cᵢ)), γ₀ = 1/μ: the largest error in units of the tolerance.
  private func localError(_ h: Double) -> Double {
    let (s, m, lambda, mu) = (method.stages, system.positionCount, system.inertia, method.realShift)
    differentiate(h)
    let (e, dw) = (memory.columns, memory.columns + m)
    let v0 = memory.state + m
    for j in 0..<m {
      var w = lambda > 0 ? v0[j] : -memory.force[j]
      for i in 0..<s { w -= method.extrapolation[i] * memory.velocities[i * m + j] }
      dw[j] = h / mu * w
    }
    let nu = lambda * mu * mu / (h * h) + mu / h
    if lambda > 0 {
      for j in 0..<m {
        // h v̇₀ − Σ lᵢ(0) (Dη)ᵢ with η = velocity − v₀.
        var a = -h * (v0[j] + memory.force[j]) / lambda
        for i in 0..<s {
          var slope = 0.0
          for k in 0..<s { slope += method.differentiation[i * s + k] * (memory.velocities[k * m + j] - v0[j]) }
          a -= method.extrapolation[i] * slope
        }
        e[j] = nu * dw[j] + lambda / h * a
      }
    } else {
      for j in 0..<m { e[j] = nu * dw[j] }
    }
    system.solveReal(e)
    var worst = 0.0
    for j in 0..<m {
      let speed = lambda > 0 ? lambda * mu / h * abs(e[j] - dw[j]) : 0
      let size = max(abs(e[j]), speed) * memory.inverseScale[j]
      if !(size <= worst) { worst = size }
    }
    return worst
  }

  /// Moves the state to the end of the step; false, with all as before, when something is not finite.
  private func accept(_ h: Double) -> Bool {
    let (s, m, lambda) = (method.stages, system.positionCount, system.inertia)
    differentiate(h)
    guard isFinite(memory.zeta, s * m), isFinite(memory.velocities, s * m) else { return false }
    let first = lambda > 0 ? 2 * m : m
    let q = memory.dimension - first
    if q > 0 {
      system.integrands(memory.velocities, into: memory.integrands)
      for i in 0..<s {
        let row = memory.integrals + i * q
        for j in 0..<q { row[j] = 0 }
        for k in 0..<s {
          let a = h * method.butcher[i * s + k]
          for j in 0..<q { row[j] += a * memory.integrands[k * q + j] }
        }
      }
    }
    for j in 0..<memory.dimension { memory.previous[j] = memory.state[j] }
    let last = s - 1
    for j in 0..<m {
      memory.add(memory.zeta[last * m + j], to: j)
      if lambda > 0 { memory.state[m + j] = memory.velocities[last * m + j] }
    }
    for j in 0..<q { memory.add(memory.integrals[last * q + j], to: first + j) }
    // The polynomial of w by powers, for the next prediction and for dense output.
    for k in 0..<s {
      let c = memory.coefficients + k * m
      for j in 0..<m { c[j] = 0 }
      for i in 0..<s {
        let l = method.dense[k * s + i]
        for j in 0..<m { c[j] += l * memory.zeta[i * m + j] }
      }
    }
    system.advance(to: memory.state)
    memory.rateIsCurrent = false
    return true
  }

  // MARK: Dense output

  public mutating func segment() -> Segment {
    guard dense.end != time || dense.start != startTime else { return dense }
    let (s, m, memory, method) = (method.stages, system.positionCount, memory, method)
    let lambda = system.inertia
    let first = lambda > 0 ? 2 * m : m
    let (dimension, q) = (memory.dimension, memory.dimension - first)
    dense.fill(from: startTime, to: time) { c in
      for j in 0..<dimension { c[j] = memory.previous[j] }
      for k in 0..<s {
        let row = c + (k + 1) * dimension
        for j in 0..<m { row[j] = memory.coefficients[k * m + j] }
        for j in m..<dimension { row[j] = 0 }
        for i in 0..<s {
          let l = method.dense[k * s + i]
          if lambda > 0 {
            for j in 0..<m { row[m + j] += l * (memory.velocities[i * m + j] - memory.previous[m + j]) }
          }
          for j in 0..<q { row[first + j] += l * memory.integrals[i * q + j] }
        }
      }
    }
    return dense
  }

  public mutating func refinedState(
    at t: Double, into state: UnsafeMutablePointer<Double>, rate: UnsafeMutablePointer<Double>?
  ) throws(StepFailure) {
    let segment = segment()
    segment.evaluate(at: t, coordinates: 0..<dimension, into: state)
    if let rate { field.evaluate(t, state, into: rate) }
  }
}

/// A sum of differences x − x is zero exactly when all are finite.
private func isFinite(_ values: UnsafePointer<Double>, _ count: Int) -> Bool {
  var poison = 0.0
  for i in 0..<count { poison += values[i] - values[i] }
  return poison == 0
}

/// All arrays of a Radau stepper, freed with their owner.
private final class RadauMemory {
  let dimension: Int
  let state: UnsafeMutablePointer<Double>
  let previous: UnsafeMutablePointer<Double>
  let rate: UnsafeMutablePointer<Double>
  /// f(w₀).
  let force: UnsafeMutablePointer<Double>
  let inverseScale: UnsafeMutablePointer<Double>
  let bounds: UnsafeMutablePointer<Double>
  /// Stage by stage.
  let zeta: UnsafeMutablePointer<Double>
  let velocities: UnsafeMutablePointer<Double>
  let stageForce: UnsafeMutablePointer<Double>
  let residual: UnsafeMutablePointer<Double>
  /// Mode by mode.
  let columns: UnsafeMutablePointer<Double>
  /// Power by power.
  let coefficients: UnsafeMutablePointer<Double>
  let integrands: UnsafeMutablePointer<Double>
  let integrals: UnsafeMutablePointer<Double>
  var rateIsCurrent = false
  /// What rounding has left out of the state so far.
  private let carry: UnsafeMutablePointer<Double>
  private let base: UnsafeMutablePointer<Double>

  init(_ values: [Double], _ system: any StageSystem, _ method: RadauMethod) {
    let (s, m) = (method.stages, system.positionCount)
    dimension = values.count
    let q = dimension - (system.inertia > 0 ? 2 * m : m)
    let total = 5 * dimension + 2 * m + 6 * s * m + 2 * s * q
    base = .allocate(capacity: max(total, 1))
    base.initialize(repeating: 0, count: max(total, 1))
    var next = base
    func take(_ count: Int) -> UnsafeMutablePointer<Double> {
      defer { next += count }
      return next
    }
    state = take(dimension)
    previous = take(dimension)
    rate = take(dimension)
    carry = take(dimension)
    force = take(m)
    inverseScale = take(m)
    bounds = take(dimension)
    zeta = take(s * m)
    velocities = take(s * m)
    stageForce = take(s * m)
    residual = take(s * m)
    columns = take(s * m)
    coefficients = take(s * m)
    integrands = take(s * q)
    integrals = take(s * q)
    for (i, value) in values.enumerated() { state[i] = value }
  }

  deinit { base.deallocate() }

  /// state[i] += change, compensated.
  func add(_ change: Double, to i: Int) {
    let term = change + carry[i]
    let sum = state[i] + term
    carry[i] = term - (sum - state[i])
    state[i] = sum
  }
}
