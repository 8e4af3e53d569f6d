import RealModule

/// Weights too small for doubles to keep their digits, followed beside a stepper as ŵ·2ᵉ with |ŵ| + λ|ŵ′| between 1 and 2.
///
/// Where λẅ + ẇ ± g w = 0 (λ = 0: ẇ = ∓g w) is linear in each weight and the weight below 2⁻⁹⁰⁰, so that its square adds
/// nothing to θ, g is what the others make it: the stepper carries G = ∫g, and on each of its steps the weight's own equation,
/// with s = (t − t₀)/h and κ = h/λ, w″ = −κ(w′ ± G′(s) w), is summed as a Taylor series in as many parts as it needs. In
/// steps far longer than λ, where λ|g| is small, what is left of it is the slow manifold
/// p = ∓g ± λġ − λg² + O(λ²) of the log-velocity p = ẇ/w, and ln|w| changes by ∓ΔG − λΔp − λ∫p². Above 2⁻⁸⁶⁰ a
/// weight goes back into the stepper's state.
///
/// Ordinary runs pay one comparison a weight and step, and their numbers stay as they are.
public final class FarWeights {
  /// One weight: `value`·2^`exponent`, its rate `rate`·2^`exponent`.
  public struct Weight: Sendable, Equatable {
    /// Its coordinate of the state.
    public let coordinate: Int
    /// ŵ.
    public fileprivate(set) var value: Double
    /// ŵ′, per unit of time; 0 for λ = 0.
    public fileprivate(set) var rate: Double
    /// e.
    public fileprivate(set) var exponent: Int

    /// The weight itself, rounded to a double, which may be zero.
    public var rounded: Double { Self.scaled(value, exponent) }
    /// Its rate likewise.
    public var roundedRate: Double { Self.scaled(rate, exponent) }

    private static func scaled(_ x: Double, _ exponent: Int) -> Double {
      x * Double(sign: .plus, exponent: max(exponent, -1022), significand: 1)
        * Double(sign: .plus, exponent: max(min(0, exponent + 1022), -1022), significand: 1)
    }

    fileprivate mutating func normalize(_ lambda: Double) {
      let size = abs(value) + lambda * abs(rate)
      guard size > 0, size.isFinite else { return }
      let shift = Int(size.exponent)
      value = Double(sign: .plus, exponent: -shift, significand: value)
      rate = Double(sign: .plus, exponent: -shift, significand: rate)
      exponent += shift
    }
  }

  /// A stretch of time in which a weight was far.
  public struct Episode: Sendable, Equatable {
    /// The weight's coordinate.
    public let coordinate: Int
    /// When it left the range.
    public let start: Double
    /// When it came back; nil if it did not.
    public fileprivate(set) var end: Double?
  }

  /// The weights that are far now, by coordinate.
  public private(set) var weights: [Weight] = []
  /// When weights were far, in order of their leaving.
  public private(set) var episodes: [Episode] = []

  /// Whether a weight grew so much within one step that the others should have felt it: then the run is worth nothing.
  public private(set) var hasEscaped = false

  private let lambda: Double
  private let places: Range<Int>
  private let ratePlaces: Range<Int>
  private let driftPlaces: Range<Int>
  /// The far weights at the start of the last step, and the polynomials of their drifts on it.
  private var before: [Weight] = []
  private var drifts: [[Double]] = []
  private var step = (start: 0.0, end: 0.0)

  private static let (leaving, returning) = (0x1p-900, 0x1p-860)
  /// Binary exponents that no far weight is to reach within a step, and that none may exceed.
  private static let (ceiling, escape) = (-800, -500)

  /// - Parameters:
  ///   - weights, rates: where w± (2d) and ẇ± (2d, empty for λ = 0) stand in the state.
  ///   - drifts: where G stands (d): g drives w₊ with the sign +, w₋ with −.
  public init(lambda: Double, weights: Range<Int>, rates: Range<Int>, drifts: Range<Int>) {
    self.lambda = lambda
    (places, ratePlaces, driftPlaces) = (weights, rates, drifts)
  }

  /// Whether this coordinate is far.
  func holds(_ coordinate: Int) -> Bool { weights.contains { $0.coordinate == coordinate } }

  // MARK: Leaving and returning

  /// Takes over the weights that have become too small; hands back those that have not stayed so, whose new signs it returns.
  func exchange(_ stepper: any Stepper) -> [(coordinate: Int, sign: Int)] {
    var returned: [(coordinate: Int, sign: Int)] = []
    for weight in weights {
      let (value, rate) = (weight.rounded, weight.roundedRate)
      let isBack = abs(value) + lambda * abs(rate) > Self.returning
      stepper.overwrite(weight.coordinate, with: value, isRestart: false)
      if !ratePlaces.isEmpty { stepper.overwrite(rateCoordinate(weight.coordinate), with: rate, isRestart: isBack) }
      guard isBack else { continue }
      if ratePlaces.isEmpty { stepper.overwrite(weight.coordinate, with: value, isRestart: true) }
      returned.append((weight.coordinate, value < 0 ? -1 : 1))
      if let index = episodes.lastIndex(where: { $0.coordinate == weight.coordinate }) {
        episodes[index].end = stepper.time
      }
    }
    if !returned.isEmpty { weights.removeAll { weight in returned.contains { $0.coordinate == weight.coordinate } } }
    guard hasSmallWeights(stepper.state) else { return returned }
    for i in places {
      let rate = ratePlaces.isEmpty ? 0 : stepper.state[rateCoordinate(i)]
      let size = abs(stepper.state[i]) + lambda * abs(rate)
      guard size < Self.leaving, size > 0, !holds(i) else { continue }
      var weight = Weight(coordinate: i, value: stepper.state[i], rate: rate, exponent: 0)
      weight.normalize(lambda)
      weights.append(weight)
      episodes.append(Episode(coordinate: i, start: stepper.time))
    }
    return returned
  }

  /// Whether some of `count` weights is below a bound, that from which they are followed or another; zeros aside.
  public static func hasAny(
    _ w: UnsafePointer<Double>, _ v: UnsafePointer<Double>, count: Int, lambda: Double, below bound: Double? = nil
  ) -> Bool {
    let bound = bound ?? leaving
    return (0..<count).contains {
      let size = abs(w[$0]) + lambda * abs(v[$0])
      return size < bound && size > 0
    }
  }

  private func hasSmallWeights(_ y: UnsafePointer<Double>) -> Bool {
    let (w, v) = (y + places.lowerBound, y + (ratePlaces.isEmpty ? places : ratePlaces).lowerBound)
    var least = Double.infinity
    for j in 0..<places.count {
      let size = abs(w[j]) + lambda * abs(v[j])
      least = size < least ? size : least
    }
    return least < Self.leaving
  }

  private func rateCoordinate(_ i: Int) -> Int { ratePlaces.lowerBound + i - places.lowerBound }

  // MARK: A step

  /// How far the next step may go: until some far weight, growing at twice the rate that λμ² + μ = |g| makes of the present g,
  /// would come near those that matter.
  func longestStep(_ stepper: any Stepper) -> Double {
    guard !weights.isEmpty else { return .infinity }
    let rate = stepper.rate
    return weights.reduce(.infinity) { longest, weight in
      let slope = abs(rate[driftPlaces.lowerBound + (weight.coordinate - places.lowerBound) % (places.count / 2)])
      let growth = lambda == 0 ? slope : 2 * slope / (1 + (1 + 4 * lambda * slope).squareRoot())
      let room = Double(max(Self.ceiling - weight.exponent, 20)) * 0.69
      return growth > 0 ? min(longest, room / (2 * growth)) : longest
    }
  }

  /// Follows the far weights over the stepper's last step and appends their sign changes.
  func advance(overLastStepOf stepper: any Stepper, into occurrences: inout [Occurrence]) {
    guard !weights.isEmpty else { return }
    before = weights
    drifts = []
    for index in weights.indices {
      let d = places.count / 2
      let place = driftPlaces.lowerBound + (weights[index].coordinate - places.lowerBound) % d
      let segment = stepper.segment(of: place..<place + 1)
      step = (segment.start, segment.end)
      let column = place - segment.firstCoordinate
      let drift = (0...segment.degree).map { segment.coefficients[$0 * segment.dimension + column] }
      drifts.append(drift)
      advance(&weights[index], drift, to: 1, into: &occurrences)
      if weights[index].exponent > Self.escape { hasEscaped = true }
    }
  }

  /// Writes the far weights at time `t` of the last step into a state.
  func patch(_ state: inout [Double], at t: Double) {
    let s = step.end > step.start ? (t - step.start) / (step.end - step.start) : 0
    for (var weight, drift) in zip(before, drifts) {
      var ignored: [Occurrence] = []
      advance(&weight, drift, to: s, into: &ignored)
      state[weight.coordinate] = weight.rounded
      if !ratePlaces.isEmpty { state[rateCoordinate(weight.coordinate)] = weight.roundedRate }
    }
  }

  private func advance(_ weight: inout Weight, _ drift: [Double], to end: Double, into occurrences: inout [Occurrence])
  {
    let sign = weight.coordinate - places.lowerBound < places.count / 2 ? 1.0 : -1.0
    let h = step.end - step.start
    let slope = drift.indices.dropFirst().map { Double($0) * drift[$0] }
    if lambda == 0 {
      multiply(&weight, byExponential: -sign * (value(drift, at: end) - drift[0]))
      return
    }
    let kappa = h / lambda
    let steepest = slope.reduce(0) { $0 + abs($1) }
    if kappa > 1e5, steepest <= 1e-4 * kappa, end == 1 {
      followSlowly(&weight, drift, slope, sign: sign, kappa)
      return
    }
    sum(&weight, slope, sign: sign, kappa, to: end, into: &occurrences)
  }

  private func multiply(_ weight: inout Weight, byExponential change: Double) {
    // ln 2 in two parts, so that nothing is lost where the change is large.
    let turns = (change / 0.6931471805599453).rounded()
    let rest = (change - turns * 0x1.62E42FEFA3800p-1) - turns * 0x1.EF35793C76730p-45
    let factor = Double.exp(rest)
    weight.value *= factor
    weight.rate *= factor
    weight.exponent += Int(turns)
    weight.normalize(lambda)
  }

  /// The slow manifold: P = hp = ∓γ ± γ′/κ − γ²/κ with γ = G′(s).
  private func followSlowly(
    _ weight: inout Weight, _ drift: [Double], _ slope: [Double], sign: Double, _ kappa: Double
  ) {
    let h = step.end - step.start
    let bend = slope.indices.dropFirst().map { Double($0) * slope[$0] }
    let (first, last) = (slope.first ?? 0, value(slope, at: 1))
    let next = -sign * last + (sign * value(bend, at: 1) - last * last) / kappa
    var (squares, cubes) = (0.0, 0.0)
    for (i, a) in slope.enumerated() {
      for (j, b) in slope.enumerated() {
        squares += a * b / Double(i + j + 1)
        for (k, c) in slope.enumerated() { cubes += a * b * c / Double(i + j + k + 1) }
      }
    }
    let integral = squares + (first * first - last * last + 2 * sign * cubes) / kappa
    let now = weight.rate / weight.value * h
    multiply(&weight, byExponential: -sign * (value(drift, at: 1) - drift[0]) - (next - now + integral) / kappa)
    weight.rate = weight.value * next / h
    weight.normalize(lambda)
  }

  private static let degree = 24

  /// Taylor series of w″ = −κ(w′ ± G′(s) w), in parts as long as the last two coefficients allow.
  private func sum(
    _ weight: inout Weight, _ slope: [Double], sign: Double, _ kappa: Double, to end: Double,
    into occurrences: inout [Occurrence]
  ) {
    let (h, top) = (step.end - step.start, Self.degree)
    var (s, part) = (0.0, min(end, 4 / kappa))
    var w = [Double](repeating: 0, count: top + 1)
    while s < end {
      part = min(part, end - s)
      // G′(s + part·x) as a polynomial in x.
      var g = slope
      for k in 0..<g.count { for j in stride(from: g.count - 2, through: k, by: -1) { g[j] += s * g[j + 1] } }
      var power = 1.0
      for k in g.indices {
        g[k] *= power
        power *= part
      }
      w[0] = weight.value
      w[1] = weight.rate * h * part
      let friction = kappa * part
      for k in 0...top - 2 {
        var force = 0.0
        for j in 0...min(k, max(g.count - 1, 0)) where j < g.count { force += g[j] * w[k - j] }
        w[k + 2] = -friction * (Double(k + 1) * w[k + 1] + sign * part * force) / Double((k + 1) * (k + 2))
      }
      let size = abs(w[0]) + abs(w[1]) / friction
      let allowed = [top - 1, top].map { Double.pow(abs(w[$0]) / (1e-17 * size) + 1e-300, -1 / Double($0)) }
      let reach = min(1, allowed[0], allowed[1])
      let isLast = reach == 1 && part == end - s
      var (value, rate) = (0.0, 0.0)
      for k in stride(from: top, through: 0, by: -1) {
        rate = rate * reach + (k < top ? Double(k + 1) * w[k + 1] : 0)
        value = value * reach + w[k]
      }
      locate(w, reach, weight.coordinate, from: s, part, end: value, into: &occurrences)
      weight.value = value
      weight.rate = rate / (h * part)
      weight.normalize(lambda)
      s = isLast ? end : s + reach * part
      part *= reach == 1 ? 2 : reach
    }
  }

  /// Appends the sign changes of Σ wₖ xᵏ for x up to `reach`.
  private func locate(
    _ w: [Double], _ reach: Double, _ coordinate: Int, from s: Double, _ part: Double, end: Double,
    into occurrences: inout [Occurrence]
  ) {
    var (power, rest) = (1.0, 0.0)
    let scaled = w.map { coefficient -> Double in
      defer { power *= reach }
      return coefficient * power
    }
    for coefficient in scaled.dropFirst() { rest += abs(coefficient) }
    guard !(rest < abs(scaled[0])), scaled[0] != 0 else { return }
    var roots = signChanges(ofPolynomial: scaled)
    let isOdd = end != 0 && (end < 0) != (scaled[0] < 0)
    if (roots.count % 2 == 1) != isOdd { if roots.isEmpty { roots = [1] } else { roots.removeLast() } }
    var direction = scaled[0] < 0 ? 1 : -1
    for root in roots {
      let time = step.start + (s + part * reach * root) * (step.end - step.start)
      occurrences.append(Occurrence(coordinate: coordinate, time: time, direction: direction))
      direction = -direction
    }
  }

  private func value(_ polynomial: [Double], at s: Double) -> Double {
    polynomial.reversed().reduce(0) { $0 * s + $1 }
  }
}
