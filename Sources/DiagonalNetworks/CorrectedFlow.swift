import Dynamics

/// The flow that the iterates of heavy ball or Nesterov follow to a higher order in ε than momentum gradient flow:
/// (λ − ε/2)ẅ + ẇ + f(w) + κ = 0.
///
/// For heavy ball κ = 0 is of order 2, and κ = (ε²/12)[w⃛ − Hẅ − D²f[ẇ, ẇ]] with ẅ = −(ẇ + f)/λ and w⃛ = −(ẅ + Hẇ)/λ inside
/// the bracket, H = Df, of order 3; for Nesterov κ = εHẇ is of order 2. Each starts with the velocity that makes
/// w(−ε) = w₋₁: `startingRates`.
///
/// State: w (2d) | ẇ (2d) | with integrals: ∫(2λ′ẇ₊ẇ₋ − κ₊w₋ − κ₋w₊) (d), ∫g (d), ½∫ẇ·(ẇ + κ) (1), λ′ = λ − ε/2: with them
/// D + λ′Ḋ and F + λ′‖ẇ‖²/4 balance as for momentum gradient flow.
///
/// Source: Theory, eqs. 8.1 and 8.2.
public final class CorrectedFlow: SeriesField {
  /// The network.
  public let network: DiagonalNetwork
  /// λ = γ/(1−β)².
  public let lambda: Double
  /// λ − ε/2, what multiplies ẅ.
  public let inertia: Double
  /// The time step ε.
  public let step: Double
  let carriesIntegrals: Bool
  /// The factors of Hẇ and of the bracket.
  let (drag, bending): (Double, Double)
  private let d: Int
  private let (force, acceleration, gradientRate, mixed, product, image):
    (Scratch, Scratch, Scratch, Scratch, Scratch, Scratch)
  private let workspace = Workspace()
  private lazy var secondJet = CorrectedJet(self, degree: 2)

  typealias Scratch = UnsafeMutablePointer<Double>

  /// The flow of order 2 or 3 for heavy ball, 2 for Nesterov. Throws `InvalidInput` unless 0 < ε ≤ λ < ∞ and the order exists.
  public init(
    _ network: DiagonalNetwork, lambda: Double, step: Double, order: Int, isNesterov: Bool = false,
    carryingIntegrals: Bool = true
  ) throws(InvalidInput) {
    guard lambda > 0, lambda.isFinite, step > 0, step <= lambda else {
      throw InvalidInput("ε = \(step), λ = \(lambda)", because: "a corrected flow needs 0 < ε ≤ λ")
    }
    guard order == 2 || order == 3 && !isNesterov else {
      throw InvalidInput(
        "order \(order)", because: "corrected flows are of order 2 or 3 for heavy ball, 2 for Nesterov")
    }
    self.network = network
    (self.lambda, self.step) = (lambda, step)
    inertia = lambda - 0.5 * step
    carriesIntegrals = carryingIntegrals
    drag = isNesterov ? step : 0
    bending = order == 3 ? step * step / 12 : 0
    d = network.featureCount
    let workspace = workspace
    (force, acceleration) = (workspace.zeros(2 * d), workspace.zeros(2 * d))
    (gradientRate, mixed, product) = (workspace.zeros(d), workspace.zeros(d), workspace.zeros(d))
    image = workspace.zeros(network.sampleCount)
  }

  public var dimension: Int { 4 * d + (carriesIntegrals ? 2 * d + 1 : 0) }
  public var quadratures: Range<Int> { 4 * d..<dimension }
  public var passes: Int { network.passes }

  public var seriesWork: (linear: Double, quadratic: Double) {
    let plain = network.seriesWork
    return bending > 0 ? (2 * plain.linear, 8 * plain.quadratic) : (plain.linear, 4 * plain.quadratic)
  }

  public func makeJet(degree: Int) -> any Jet { CorrectedJet(self, degree: degree) }

  /// XᵀXψ/n.
  func curve(_ psi: UnsafePointer<Double>, into g: UnsafeMutablePointer<Double>) {
    let x = network.problem.design.packed
    x.image(of: psi, into: image)
    x.pull(image, scale: 1 / Double(network.sampleCount), into: g)
    network.count(passes: 1)
  }

  public func evaluate(_ t: Double, _ y: UnsafePointer<Double>, into rate: UnsafeMutablePointer<Double>) {
    let (m, v) = (2 * d, y + 2 * d)
    network.gradient(y, into: force)
    let g = network.lossGradient
    // κ, in the place of ẅ.
    let kappa = rate + m
    for j in 0..<m { kappa[j] = 0 }
    if drag > 0 || bending > 0 {
      for i in 0..<d { product[i] = 0.5 * (y[i] * v[i] - y[d + i] * v[d + i]) }
      curve(product, into: gradientRate)
    }
    for j in 0..<m { acceleration[j] = -(v[j] + force[j]) / lambda }
    if bending > 0 {
      let a = acceleration
      for i in 0..<d {
        product[i] = 0.5 * (y[i] * a[i] - y[d + i] * a[d + i]) + 0.5 * (v[i] * v[i] - v[d + i] * v[d + i])
      }
      curve(product, into: mixed)
    }
    if drag > 0 || bending > 0 {
      for j in 0..<m {
        let (i, sign) = j < d ? (j, 1.0) : (j - d, -1.0)
        let forceRate = sign * (gradientRate[i] * y[j] + g[i] * v[j])
        let jerk = -(acceleration[j] + forceRate) / lambda
        let bend = sign * (mixed[i] * y[j] + g[i] * acceleration[j] + 2 * gradientRate[i] * v[j])
        kappa[j] = drag * forceRate + (bending > 0 ? bending * (jerk - bend) : 0)
      }
    }
    if carriesIntegrals {
      let integrals = rate + 2 * m
      var dissipation = 0.0
      for i in 0..<d {
        integrals[i] = 2 * inertia * v[i] * v[d + i] - kappa[i] * y[d + i] - kappa[d + i] * y[i]
        integrals[d + i] = g[i]
        dissipation += v[i] * (v[i] + kappa[i]) + v[d + i] * (v[d + i] + kappa[d + i])
      }
      integrals[2 * d] = 0.5 * dissipation
    }
    for j in 0..<m {
      rate[j] = v[j]
      rate[m + j] = -(v[j] + force[j] + kappa[j]) / inertia
    }
  }

  public func secondDerivative(
    _ t: Double, _ y: UnsafePointer<Double>, _ rate: UnsafePointer<Double>, into second: UnsafeMutablePointer<Double>
  ) {
    secondJet.expand(y, at: t, unit: 1)
    for j in 0..<dimension { second[j] = 2 * secondJet.coefficient(2)[j] }
  }

  /// Nobody asks: these flows are not offered to implicit methods.
  public func jacobian(
    _ t: Double, _ y: UnsafePointer<Double>, into matrix: UnsafeMutablePointer<Double>,
    timeDerivative: UnsafeMutablePointer<Double>
  ) {
    for k in 0..<dimension * dimension { matrix[k] = .nan }
  }

  /// As for momentum gradient flow.
  public func errorBounds(
    _ y: UnsafePointer<Double>, _ tolerance: Tolerance, into bounds: UnsafeMutablePointer<Double>
  ) {
    for j in 0..<2 * d {
      bounds[j] = tolerance.bound(abs(y[j]) + inertia * abs(y[2 * d + j]))
      bounds[2 * d + j] = bounds[j] / inertia
    }
    for j in quadratures { bounds[j] = .infinity }
  }

  /// The start from w with the velocity for which the flow passes w(−ε) = w − ε·rates, as the iterates do. Throws
  /// `InvalidInput` when ε is too long for the flow's series.
  public func startingRates(_ start: Initialization) throws(InvalidInput) -> Initialization {
    let jet = CorrectedJet(self, degree: 24)
    let m = 2 * d
    var y = start.weights + start.rates + [Double](repeating: 0, count: dimension - 2 * m)
    var change = [Double](repeating: 0, count: dimension)
    var last = Double.infinity
    for _ in 0..<60 {
      jet.expand(y, at: 0, unit: step)
      jet.increment(to: -1, into: &change)
      // What w(−ε) misses, as a velocity.
      let defects = (0..<m).map { change[$0] / step + start.rates[$0] }
      let scale = (0..<m).reduce(0) { max($0, abs(y[m + $1])) }
      let defect = defects.maximumMagnitude
      guard defect.isFinite else { break }
      for j in 0..<m { y[m + j] += defects[j] }
      if defect <= 4 * 0x1p-52 * scale || defect >= 0.9 * last && defect <= 1e-13 * scale || defect == 0 {
        return Initialization(weights: start.weights, rates: Array(y[m..<2 * m]), alpha: start.alpha)
      }
      last = defect
    }
    throw InvalidInput(
      "ε = \(step)", because: "it is too long for a corrected flow: no velocity lets it pass through w₋₁",
      remedy: "choose a smaller ε")
  }
}
