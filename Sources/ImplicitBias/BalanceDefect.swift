import Dynamics

/// How well a computed state obeys the additive balance identity D + λḊ = D₀ + λḊ₀ + 2λ∫ẇ₊ẇ₋: a measure of its error.
public struct BalanceDefect: Sendable, Equatable {
  /// The largest defect of a coordinate relative to its own |D + λḊ| (coordinates that are zero left out), the rounding
  /// of the identity itself taken off.
  public let relative: Double
  /// That rounding, relative to |D + λḊ|: the largest over the coordinates. Where Δ has shrunk by many orders of
  /// magnitude the identity cancels, and says nothing about errors below this.
  public let resolution: Double
  /// The largest defect relative to the largest |D + λḊ|.
  public let ofLargest: Double

  /// From D + λḊ at the end and at the start, the integral (d numbers each) and w± at the end (2d numbers).
  public init(_ extended: [Double], initial: [Double], integral: [Double], weights w: [Double]) {
    let d = extended.count
    var (worst, worstRelative, coarsest) = (0.0, 0.0, 0.0)
    for i in 0..<d where w[i] != 0 && w[d + i] != 0 {
      let defect = abs(extended[i] - initial[i] - integral[i])
      let rounding = 8 * 0x1p-52 * (abs(initial[i]) + abs(integral[i]))
      worst = largerOrNaN(worst, defect)
      worstRelative = largerOrNaN(worstRelative, largerOrNaN(0, defect - rounding) / abs(extended[i]))
      coarsest = largerOrNaN(coarsest, rounding / abs(extended[i]))
    }
    let largest = extended.maximumMagnitude
    relative = worstRelative
    resolution = coarsest
    ofLargest = largest > 0 ? worst / largest : worst
  }
}
