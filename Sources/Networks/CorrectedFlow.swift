import Dynamics
import RealModule
import Regression

/// The flow that the iterates of heavy ball or Nesterov follow to any order in ε, momentum gradient flow being that of order
/// one: (λ − ε/2)ẅ + ẇ + f(w) + κ = 0.
///
/// For heavy ball κ = 0 is of order 2, and κ = (ε²/12)[w⃛ − f̈] of order 3 with ẅ = −(ẇ + f)/λ and w⃛ = −(ẅ + ḟ)/λ inside the
/// bracket, of order 4 with λ − ε/2 in the place of λ; for Nesterov κ = εḟ is of order 2. In general κ is the expansion in ε of
/// what the iterates' advance–delay equation has beyond, with all derivatives taken along the flow itself, to the power p − 1:
/// `StepCorrection`. Each starts with the velocity that makes w(−ε) = w₋₁: `startingRates`.
///
/// State: w (2d) | ẇ (2d) | with integrals: ∫(2λ′ẇ₊ẇ₋ − κ₊w₋ − κ₋w₊) (d), ∫g (d), ½∫ẇ·(ẇ + κ) (1), λ′ = λ − ε/2: with them
/// D + λ′Ḋ and F + λ′‖ẇ‖²/4 balance as for momentum gradient flow.
///
/// Source: Theory, eqs. 8.1, 8.2 and 8.5. Complexity: a pass over X for order 2, two for 3 and 4, five for 6, ten for 8.
public final class CorrectedFlow: SeriesField, DifferentiableField {
  /// The orders that are offered: towards 12 an order more takes ten more passes over X, and gains less than rounding.
  public static let orders = 2...12

  /// The network.
  public let network: DiagonalNetwork
  let correction: StepCorrection
  let carriesIntegrals: Bool
  private let d: Int
  private lazy var shortJet = makeOwnJet(degree: 1)
  private lazy var secondJet = makeOwnJet(degree: 2)

  /// The flow of some order. Throws `InvalidInput` unless 0 < ε ≤ λ < ∞ and the order is one of `orders`.
  public init(
    _ network: DiagonalNetwork, lambda: Double, step: Double, order: Int, isNesterov: Bool = false,
    carryingIntegrals: Bool = true
  ) throws(InvalidInput) {
    guard lambda > 0, lambda.isFinite, step > 0, step <= lambda else {
      throw InvalidInput("ε = \(step), λ = \(lambda)", because: "a corrected flow needs 0 < ε ≤ λ")
    }
    try Self.requireOrder(order)
    self.network = network
    correction = StepCorrection(lambda: lambda, step: step, order: order, isNesterov: isNesterov)
    carriesIntegrals = carryingIntegrals
    d = network.featureCount
  }

  /// Throws `InvalidInput` unless there is a flow of this order.
  public static func requireOrder(_ order: Int) throws(InvalidInput) {
    guard !orders.contains(order) else { return }
    throw InvalidInput(
      "order \(order)",
      because: "corrected flows are of order \(orders.lowerBound) to \(orders.upperBound): "
        + "further ones cost more passes over X than they gain digits")
  }

  /// λ − ε/2, what multiplies ẅ.
  public var inertia: Double { correction.inertia }
  /// The time step ε.
  public var step: Double { correction.step }

  public var dimension: Int { 4 * d + (carriesIntegrals ? 2 * d + 1 : 0) }
  public var quadratures: Range<Int> { 4 * d..<dimension }
  public var passes: Int { network.passes }

  public var seriesWork: (linear: Double, quadratic: Double) {
    let (plain, passes) = (network.seriesWork, Double(shortJet.passes))
    return (passes * plain.linear, 4 * passes * plain.quadratic)
  }

  public func makeJet(degree: Int) -> any Jet { makeOwnJet(degree: degree) }

  private func makeOwnJet(degree: Int) -> CorrectedJet {
    CorrectedJet(network, correction, carryingIntegrals: carriesIntegrals, degree: degree)
  }

  /// What multiplies ẇ where there is no force, as the iterates' increments fall by β a step: 1 + what κ adds, which is
  /// Σ x²ʲ/(2j + 1), x = ε/(2λ − ε), at even order, 1 + Σ yʲ(j − 1)/(2j(j + 1)), y = ε/λ, at odd order p, to the power p − 1 (Theory, eq. 8.6).
  public static func friction(lambda: Double, step: Double, order: Int) -> Double {
    let isSymmetric = order % 2 == 0
    let (ratio, stride) = isSymmetric ? (step / (2 * lambda - step), 2) : (step / lambda, 1)
    var sum = 1.0
    for j in Swift.stride(from: stride, to: order, by: stride) {
      let share = isSymmetric ? 1 / Double(j + 1) : Double(j - 1) / Double(2 * j * (j + 1))
      sum += share * Double.pow(ratio, j)
    }
    return sum
  }

  public func evaluate(_ t: Double, _ y: Span<Double>, into rate: inout MutableSpan<Double>) {
    withPointers(y, &rate, count: dimension) { y, rate in
      shortJet.expand(y, at: t, unit: 1)
      rate.update(from: shortJet.row(1), count: dimension)
    }
  }

  public func secondDerivative(
    _ t: Double, _ y: Span<Double>, _ rate: Span<Double>, into second: inout MutableSpan<Double>
  ) {
    withPointers(y, rate, &second, count: dimension) { y, rate, second in
      secondJet.expand(y, at: t, unit: 1)
      for j in 0..<dimension { second[j] = 2 * secondJet.row(2)[j] }
    }
  }

  /// As for momentum gradient flow.
  public func errorBounds(_ y: Span<Double>, _ tolerance: Tolerance, into bounds: inout MutableSpan<Double>) {
    withPointers(y, &bounds, count: dimension) { y, bounds in
      for j in 0..<2 * d {
        bounds[j] = tolerance.bound(abs(y[j]) + inertia * abs(y[2 * d + j]))
        bounds[2 * d + j] = bounds[j] / inertia
      }
      for j in quadratures { bounds[j] = .infinity }
    }
  }

  /// The start from w with the velocity for which the flow passes w(−ε) = w − ε·rates, as the iterates do. Throws
  /// `InvalidInput` when ε is too long for the flow's series.
  public func startingRates(_ start: Initialization) throws(InvalidInput) -> Initialization {
    let jet = makeOwnJet(degree: 24)
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
