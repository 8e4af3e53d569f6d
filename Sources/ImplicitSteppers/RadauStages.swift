import Dynamics
import LinearAlgebra
import RealModule

/// The stages of a Radau step: Newton's method for their increments, the error estimate and the collocation polynomial, with
/// their memory.
///
/// The unknowns are the increments ζᵢ of w: with D = A⁻¹, λ/h² D²ζ − λ/h D1 ẇ₀ + 1/h Dζ + f(w₀ + ζ) = 0. In the eigenbasis
/// of D simplified Newton's method needs systems (ν + Df) y = b with ν = λμ²/h² + μ/h, one real and (s − 1)/2 complex ones,
/// which the field's `StageSystem` solves by their structure. Residuals are formed stage by stage: the eigenvectors are too
/// far from orthogonal for what must cancel. Df is taken at the predicted middle stage.
///
/// For a recursion of time step ε the same with differences for derivatives (`StageOperators`), and f at y = w + a·v: the
/// system's increments are then those of y.
///
/// Source: Hairer and Wanner, Solving Ordinary Differential Equations II, section IV.8.
final class RadauStages {
  let system: any StageSystem
  let method: RadauMethod
  /// Where the step begins; after `accept`, where it has ended.
  let current: CompensatedState
  /// What errors are measured in, and its inverse for positions.
  let bounds: UnsafeMutablePointer<Double>
  let inverseScale: UnsafeMutablePointer<Double>
  /// f(w₀).
  let force: UnsafeMutablePointer<Double>

  private let (s, m): (Int, Int)
  private let lambda: Double
  private let operators: StageOperators
  /// a, and where f is taken: increments of y (s × m), and y itself (m); only for a > 0.
  private let lookahead: Double
  private let seen: UnsafeMutablePointer<Double>
  private let seenPosition: UnsafeMutablePointer<Double>
  private let dimension: Int
  /// The first quadrature and the number of them.
  private let (first, quadratureCount): (Int, Int)
  /// The step whose polynomial is held; 0 before the first.
  private var lastStep = 0.0
  /// Stage by stage.
  private let zeta: UnsafeMutablePointer<Double>
  private let velocities: UnsafeMutablePointer<Double>
  private let stageForce: UnsafeMutablePointer<Double>
  private let residual: UnsafeMutablePointer<Double>
  private let integrands: UnsafeMutablePointer<Double>
  private let integrals: UnsafeMutablePointer<Double>
  /// Mode by mode.
  private let columns: UnsafeMutablePointer<Double>
  /// Power by power.
  private let coefficients: UnsafeMutablePointer<Double>
  private let change: UnsafeMutablePointer<Double>
  /// λẅ at the end of the last step.
  private let inertialForce: UnsafeMutablePointer<Double>
  /// s × s.
  private let matrix: UnsafeMutablePointer<Double>
  private let workspace = Workspace()

  static let maximumIterations = 12

  /// Stages for the flow of `system` from the initial state of `problem`. Throws `InvalidInput` when the field is not
  /// finite there.
  init(
    _ problem: InitialValueProblem, _ system: any StageSystem, _ method: RadauMethod, _ recursion: Recursion?
  ) throws(InvalidInput) {
    current = try CompensatedState(problem)
    self.system = system
    self.method = method
    (s, m, lambda) = (method.stages, system.positionCount, system.inertia)
    operators = StageOperators(method, lambda: lambda, recursion: recursion)
    lookahead = recursion?.lookahead ?? 0
    seen = workspace.zeros(lookahead > 0 ? s * m : 0)
    seenPosition = workspace.zeros(lookahead > 0 ? m : 0)
    dimension = problem.state.count
    first = lambda > 0 ? 2 * m : m
    quadratureCount = dimension - first
    bounds = workspace.zeros(dimension)
    inverseScale = workspace.zeros(m)
    force = workspace.zeros(m)
    zeta = workspace.zeros(s * m)
    velocities = workspace.zeros(s * m)
    stageForce = workspace.zeros(s * m)
    residual = workspace.zeros(s * m)
    columns = workspace.zeros(s * m)
    coefficients = workspace.zeros(s * m)
    integrands = workspace.zeros(s * quadratureCount)
    integrals = workspace.zeros(s * quadratureCount)
    change = workspace.zeros(dimension)
    inertialForce = workspace.zeros(m)
    matrix = workspace.zeros(s * s)
    system.begin(seenPosition(current.values))
  }

  /// w + a·v of a state.
  private func seenPosition(_ y: UnsafeMutablePointer<Double>) -> UnsafePointer<Double> {
    guard lookahead > 0 else { return UnsafePointer(y) }
    for j in 0..<m { seenPosition[j] = y[j] + lookahead * y[m + j] }
    return UnsafePointer(seenPosition)
  }

  /// The increments at which f is taken: ζ, or ζ + a(v − v₀).
  private func seenIncrements(_ h: Double) -> UnsafePointer<Double> {
    guard lookahead > 0 else { return UnsafePointer(zeta) }
    combine(operators.backward, zeta, scale: lookahead / h, count: m, into: seen)
    let v0 = current.values + m
    for i in 0..<s {
      let (row, z) = (seen + i * m, zeta + i * m)
      for j in 0..<m { row[j] += z[j] - lookahead * v0[j] }
    }
    return UnsafePointer(seen)
  }

  /// result = scale · a · rows + keep · result, with a of s × s and `count` numbers a row.
  private func combine(
    _ a: UnsafePointer<Double>, _ rows: UnsafePointer<Double>, scale: Double = 1, keeping keep: Double = 0,
    count: Int, into result: UnsafeMutablePointer<Double>
  ) {
    Dense.multiply(a, rows, s, s, count, scale: scale, keeping: keep, into: result)
  }

  // MARK: Newton's method

  /// Solves for a step h with errors of less than a part of the relative tolerance; the number of iterations, nil when it
  /// fails.
  func solve(_ h: Double, relative: Double) -> Int? {
    guard operators.prepare(h) else { return nil }
    predict(h)
    system.linearize(at: seenIncrements(h) + (s / 2) * m)
    guard system.factor(real: operators.realShift, complex: operators.complexShifts) else { return nil }
    // Below the rounding of the increments there is nothing to win.
    let enough = max(0.02, min(1, 4 * 0x1p-52 / relative))
    var (norm, rate) = (Double.infinity, 1.0)
    for iteration in 1...Self.maximumIterations {
      system.evaluate(seenIncrements(h), into: stageForce)
      formResidual(h)
      system.solve(columns)
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
    let ratio = lastStep > 0 ? h / lastStep : .infinity
    guard ratio <= 4 else {
      for i in 0..<s {
        for j in 0..<m { zeta[i * m + j] = method.nodes[i] * h * (lambda > 0 ? current.values[m + j] : -force[j]) }
      }
      return
    }
    // ζᵢ = P(1 + cᵢ h/h₀) − P(1), P the last polynomial.
    for i in 0..<s {
      let x = 1 + method.nodes[i] * ratio
      var power = 1.0
      for k in 0..<s {
        power *= x
        matrix[i * s + k] = power - 1
      }
    }
    combine(matrix, coefficients, count: m, into: zeta)
  }

  /// Minus the residual in the eigenbasis, into `columns`.
  private func formResidual(_ h: Double) {
    let v = current.values + m
    for i in 0..<s {
      let (row, f) = (residual + i * m, stageForce + i * m)
      var slope = 0.0
      for k in 0..<s {
        slope += operators.forward[i * s + k]
        matrix[i * s + k] = operators.backward[i * s + k] / h + lambda * operators.second[i * s + k] / (h * h)
      }
      if lambda > 0 {
        let b = lambda * slope / h
        for j in 0..<m { row[j] = b * v[j] - f[j] }
      } else {
        for j in 0..<m { row[j] = -f[j] }
      }
    }
    combine(matrix, zeta, scale: -1, keeping: 1, count: m, into: residual)
    combine(operators.toModes, residual, count: m, into: columns)
  }

  /// Adds the Newton correction; its size in units of the tolerance.
  private func correct() -> Double {
    combine(operators.fromModes, columns, count: m, into: residual)
    var norm = 0.0
    for i in 0..<s {
      let (row, z) = (residual + i * m, zeta + i * m)
      for j in 0..<m { z[j] += row[j] }
      norm = largerOrNaN(norm, largestProduct(row, inverseScale, m))
    }
    return norm
  }

  // MARK: Error and end of the step

  /// The largest error of a position in units of the tolerance: (ν + Df) e_w = ν d_w + (λμ/h) d_v with
  /// d = γ₀(h ẏ₀ − Σ lᵢ(0) h ẏ(cᵢ)), γ₀ = 1/μ.
  func localError(_ h: Double) -> Double {
    let mu = method.realShift
    combine(operators.backward, zeta, scale: 1 / h, count: m, into: velocities)
    let (e, dw) = (columns, columns + m)
    let v0 = current.values + m
    for j in 0..<m { dw[j] = lambda > 0 ? v0[j] : -force[j] }
    for i in 0..<s {
      let (l, row) = (method.extrapolation[i], velocities + i * m)
      for j in 0..<m { dw[j] -= l * row[j] }
    }
    let nu = operators.isRecursion ? operators.realShift : lambda * mu * mu / (h * h) + mu / h
    for j in 0..<m {
      dw[j] *= h / mu
      e[j] = nu * dw[j]
    }
    if lambda > 0 {
      // h v̇₀ − Σ lᵢ(0) (Dη)ᵢ with η = velocity − v₀.
      let factor = lambda / h
      // λv̇₀ = −(v₀ + f): in long steps what rounding leaves of it, times h, would outweigh the tolerance; then it is that of
      // the last stage before, where Newton's errors weigh less.
      let isSlow = lastStep > 1000 * lambda
      for j in 0..<m { e[j] += isSlow ? inertialForce[j] : -(v0[j] + force[j]) }
      for k in 0..<s {
        let slope = factor * (0..<s).reduce(0) { $0 + method.extrapolation[$1] * operators.forward[$1 * s + k] }
        let row = velocities + k * m
        for j in 0..<m { e[j] -= slope * (row[j] - v0[j]) }
      }
    }
    system.solveReal(e)
    let worst = largestProduct(e, inverseScale, m)
    guard lambda > 0 else { return worst }
    for j in 0..<m { dw[j] = lambda * mu / h * (e[j] - dw[j]) }
    return largerOrNaN(worst, largestProduct(dw, inverseScale, m))
  }

  /// Moves the state to the end of the step; false, with all as before, when something is not finite.
  func accept(_ h: Double) -> Bool {
    combine(operators.backward, zeta, scale: 1 / h, count: m, into: velocities)
    guard isFinite(zeta, s * m), isFinite(velocities, s * m) else { return false }
    if quadratureCount > 0 {
      guard operators.prepareIntegral() else { return false }
      system.integrands(velocities, into: integrands)
      combine(operators.integral, integrands, scale: h, count: quadratureCount, into: integrals)
    }
    let last = s - 1
    if lambda > 0 {
      for j in 0..<m { inertialForce[j] = 0 }
      for k in 0..<s {
        let (factor, row) = (lambda / h * operators.forward[last * s + k], velocities + k * m)
        for j in 0..<m { inertialForce[j] += factor * (row[j] - current.values[m + j]) }
      }
    }
    for j in 0..<m { change[j] = zeta[last * m + j] }
    for j in 0..<quadratureCount { change[first + j] = integrals[last * quadratureCount + j] }
    guard current.advance(by: change) else { return false }
    if lambda > 0 {
      for j in 0..<m { current.values[m + j] = velocities[last * m + j] }
    }
    // For the next prediction and for dense output.
    combine(method.dense, zeta, count: m, into: coefficients)
    system.advance(to: seenPosition(current.values))
    lastStep = h
    return true
  }

  // MARK: Dense output

  /// Whether one of the positions `range` may have changed sign within the last step: some polynomial whose coefficients
  /// outweigh its start.
  func mayHaveChangedSign(_ range: Range<Int>) -> Bool {
    guard range.upperBound <= m else { return true }
    return range.contains { j in
      var rest = 0.0
      for k in 0..<s { rest += abs(coefficients[k * m + j]) }
      return !(rest < abs(current.previous[j]))
    }
  }

  /// The collocation polynomial of the last step, power by power, `dimension` numbers each.
  func copyPolynomial(into c: UnsafeMutablePointer<Double>) {
    for j in 0..<dimension { c[j] = current.previous[j] }
    for k in 0..<s {
      let row = c + (k + 1) * dimension
      for j in 0..<m { row[j] = coefficients[k * m + j] }
      for j in m..<dimension { row[j] = 0 }
      for i in 0..<s {
        let l = method.dense[k * s + i]
        if lambda > 0 {
          let (v, v0) = (velocities + i * m, current.previous + m)
          for j in 0..<m { row[m + j] += l * (v[j] - v0[j]) }
        }
        for j in 0..<quadratureCount { row[first + j] += l * integrals[i * quadratureCount + j] }
      }
    }
  }
}

/// max |aᵢ bᵢ|; not-a-number when one is.
private func largestProduct(_ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, _ count: Int) -> Double {
  var (largest, poison) = (0.0, 0.0)
  for i in 0..<count {
    let size = abs(a[i] * b[i])
    poison += size - size
    largest = size > largest ? size : largest
  }
  return poison == 0 ? largest : .nan
}
