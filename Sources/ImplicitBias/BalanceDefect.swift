import Dynamics

/// How well a computed state obeys the additive balance identity D + λḊ = D₀ + λḊ₀ + 2λ∫ẇ₊ẇ₋: a measure of its error.
public struct BalanceDefect: Sendable, Equatable {
  /// The largest defect of a coordinate relative to its own |D + λḊ| (coordinates that are zero left out).
  public let relative: Double
  /// The largest defect relative to the largest |D + λḊ|.
  public let ofLargest: Double

  /// From D + λḊ at the end and at the start, the integral (d numbers each) and w± at the end (2d numbers).
  public init(_ extended: [Double], initial: [Double], integral: [Double], weights w: [Double]) {
    let d = extended.count
    var (worst, worstRelative) = (0.0, 0.0)
    for i in 0..<d where w[i] != 0 && w[d + i] != 0 {
      let defect = abs(extended[i] - initial[i] - integral[i])
      worst = largerOrNaN(worst, defect)
      worstRelative = largerOrNaN(worstRelative, defect / abs(extended[i]))
    }
    let largest = extended.maximumMagnitude
    relative = worstRelative
    ofLargest = largest > 0 ? worst / largest : worst
  }
}
