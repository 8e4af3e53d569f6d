extension Twin {
  /// Gradient flow (λ = 0) or momentum gradient flow by Taylor series, one accepted step at a time, with its sign changes.
  ///
  /// The degree N follows from the tolerance, the step from the coefficients of orders N − 1 and N, both of which must fall
  /// below the error allowed: a step is known to be good before it is taken. Sums of steps are compensated. Dense output is the
  /// series itself.
  ///
  /// Source: Jorba and Zou, Experimental Mathematics 14 (2005), equations 3-3 to 3-8, without their factor e⁻².
  final class FlowStepper {
    let problem: Problem
    let lambda: Double
    let relative: Double
    let absolute: Double
    let dimension: Int
    private(set) var time = 0.0
    private(set) var steps = 0
    /// Passes over X.
    private(set) var passes = 0
    /// The largest local error estimate in units of the tolerance.
    private(set) var localError = 0.0
    private(set) var signChanges: [SignChange] = []
    /// Whether a weight has become so small that its digits are not there.
    private(set) var hasLostWeights = false

    private let d: Int
    private let series: Series
    private var current: Memory
    private var previous: Memory
    private let carry: Memory
    private let change: Memory
    private let look: Look
    private var watch = StepWatch()
    private var signs: [Int]
    private var (unit, lastUnit, startTime) = (1.0, 1.0, 0.0)

    /// At time 0 at w (2d numbers) and ẇ (2d numbers, of no account for gradient flow).
    init(
      _ problem: Problem, lambda: Double, weights: [Double], rates: [Double], relative: Double, absolute: Double
    ) {
      (self.problem, self.lambda, self.relative, self.absolute) = (problem, lambda, relative, absolute)
      d = problem.features
      let dynamic = lambda > 0 ? 4 * d : 2 * d
      dimension = dynamic + 2 * d + 1
      (current, previous) = (Memory(dimension), Memory(dimension))
      (carry, change, look) = (Memory(dimension), Memory(dimension), Look(problem))
      series = Series(problem, degree: Self.degree(relative, problem), lambda: lambda)
      for i in 0..<2 * d {
        current.base[i] = weights[i]
        if lambda > 0 { current.base[2 * d + i] = rates[i] }
      }
      signs = weights.map { SignChange.sign($0) }
    }

    /// The degree of least work per unit of time: N = ln(1/ε)/(1 + x), x the quadratic share of the work.
    private static func degree(_ relative: Double, _ problem: Problem) -> Int {
      let digits = -Elementary.log(max(relative, 1e-16))
      let (linear, quadratic) = (2 * Double(problem.samples * problem.features), 1.5 * Double(problem.features))
      var degree = digits
      for _ in 0..<20 { degree = digits / (1 + quadratic * degree / (linear + quadratic * degree)) }
      return min(max(Int(0.92 * degree + 0.5), 4), 40)
    }

    /// The state: w | ẇ | 2λ∫ẇ₊ẇ₋ | ∫g | ∫‖ẇ‖²/2.
    var state: UnsafeMutablePointer<Double> { current.base }
    var weights: [Double] { current.array(0..<2 * d) }
    /// ẇ, from the field for gradient flow.
    var rates: [Double] { rates(of: state) }
    var balanceIntegral: [Double] { current.array(dimension - 2 * d - 1..<dimension - d - 1) }
    var gradientIntegral: [Double] { current.array(dimension - d - 1..<dimension - 1) }

    /// ẇ at a state.
    func rates(of state: UnsafePointer<Double>) -> [Double] {
      if lambda > 0 { return (0..<2 * d).map { state[2 * d + $0] } }
      look.takeGradient(state)
      let g = look.gradient.base
      return (0..<2 * d).map { $0 < d ? -g[$0] * state[$0] : g[$0 - d] * state[$0] }
    }

    /// Takes a step that ends at `limit` at the latest; tells what stopped it, or `.running`.
    func step(notBeyond limit: Double) -> Outcome {
      guard let longest = expand() else { return .nonFinite }
      let planned = longest * unit
      let isCut = !(time + planned < limit)
      let end = isCut ? limit : time + planned
      guard end - time > 0x1p-52 * abs(time) || isCut && end > time else { return .stepTooSmall }
      series.increment(to: (end - time) / unit, into: change.base)
      guard advance() else { return .nonFinite }
      (startTime, time, lastUnit, unit) = (time, end, unit, planned)
      if !isCut { watch.note(planned, degree: series.degree) }
      steps += 1
      locate()
      return .running
    }

    /// Computes the series in a unit in which it is finite; how far it may be summed, in that unit.
    private func expand() -> Double? {
      for _ in 0..<64 {
        series.expand(state, unit: unit)
        passes += series.degree
        let (before, last) = series.lastOrders(relative, absolute)
        if before < .infinity, last < .infinity {
          let n = Double(series.degree)
          // Coefficients that vanish say nothing about the ones left out: no step is more than 16 times as long as the last.
          func reach(_ size: Double, _ order: Double) -> Double {
            let scaled = size / watch.factor
            return scaled <= 0 ? .infinity : Elementary.power(scaled, -1 / order)
          }
          let allowed = min(reach(before, n - 1), reach(last, n), 16)
          if last > 0 { localError = max(localError, last * Elementary.power(allowed, n)) }
          return allowed
        }
        unit *= 0x1p-10
      }
      return nil
    }

    /// Adds `change`, compensated; false, with all as before, when it is not finite.
    private func advance() -> Bool {
      var poison = 0.0
      for i in 0..<dimension { poison += change.base[i] - change.base[i] }
      guard poison == 0 else { return false }
      swap(&current, &previous)
      let (old, new, carry) = (previous.base, current.base, carry.base)
      for i in 0..<dimension {
        let term = change.base[i] + carry[i]
        let sum = old[i] + term
        carry[i] = term - (sum - old[i])
        new[i] = sum
      }
      return true
    }

    /// Writes the state at a time within the last step.
    func state(at t: Double, into y: UnsafeMutablePointer<Double>, withIntegrals: Bool = true) {
      series.increment(to: (t - startTime) / lastUnit, into: y, withIntegrals: withIntegrals)
      let count = withIntegrals ? dimension : dimension - 2 * d - 1
      for i in 0..<count { y[i] += previous.base[i] }
    }

    // MARK: Sign changes

    /// Below this size doubles lose their digits: what is left is noise, not a sign.
    private static let negligible = 0x1p-960

    /// Signs are taken from the states at step ends, so that no root is counted twice or lost where two steps meet.
    private func locate() {
      let reach = (time - startTime) / lastUnit
      var found: [SignChange] = []
      for i in 0..<2 * d {
        let (end, before) = (state[i], signs[i])
        let coasting = lambda > 0 ? lambda * abs(state[2 * d + i]) : 0
        if before != 0, abs(end) + coasting < Self.negligible { hasLostWeights = true }
        let after = abs(end) < Self.negligible ? before : SignChange.sign(end)
        signs[i] = after
        if before == 0 || before == after && !series.mayChangeSign(i, within: reach) { continue }
        let polynomial = series.polynomial(i, upTo: reach)
        if polynomial.reduce(0.0, { $0 + abs($1) }) < Self.negligible { continue }
        var roots = Roots(polynomial)
        if let first = polynomial.first(where: { $0 != 0 }), SignChange.sign(first) != before { roots.mend(at: 0) }
        if (roots.all.count % 2 == 1) != (before != after) { roots.mend(at: 1) }
        var direction = -before
        for s in roots.all {
          let when = s >= 1 ? time : startTime + s * (time - startTime)
          found.append(SignChange(coordinate: i, time: when, direction: direction))
          direction = -direction
        }
      }
      signChanges += SignChange.sorted(found)
    }

    /// Whether no weight would change in its last digit in as much time again.
    var isStationary: Bool {
      let horizon = time + 1
      look.takeGradient(state)
      for i in 0..<2 * d {
        let field = i < d ? look.gradient.base[i] * state[i] : -look.gradient.base[i - d] * state[i]
        var (speed, size) = (abs(field), abs(state[i]))
        if lambda > 0 {
          let rate = state[2 * d + i]
          size += lambda * abs(rate)
          speed = max(abs(rate), abs(rate + field))
        }
        if size > Self.negligible, speed * horizon > 0x1p-52 * size { return false }
      }
      return true
    }
  }
}
