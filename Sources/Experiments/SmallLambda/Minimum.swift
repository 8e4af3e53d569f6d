import RealModule

/// A minimum of a function of one variable.
package struct Minimum: Sendable {
  /// What kind it is.
  package enum Kind: String, Sendable {
    /// The slope vanishes.
    case smooth
    /// The slope jumps from below to above zero.
    case kink
    /// The slope is zero on a stretch.
    case flat
    /// At the lower end of the range, from which the function rises: it may fall beyond.
    case lowerEnd = "lower-end"
    /// At the upper end of the range.
    case upperEnd = "upper-end"
    /// The least value seen where the function is not resolved.
    case unresolved
  }

  /// The share by which values may exceed the least within `width`, of e^value.
  package static let share = 0.01

  /// Where.
  package let x: Double
  /// The value there.
  package let value: Double
  /// How far off `x` may be.
  package let uncertainty: Double
  /// The stretch about it, as far as nodes and cubics tell, on which the value stays within ln(1 + `share`) of the least.
  package let basin: ClosedRange<Double>
  /// What kind it is.
  package let kind: Kind

  init(at node: Minima.Node, uncertainty: Double, kind: Kind, among nodes: [Minima.Node]) {
    x = node.x
    value = node.sample.value
    self.uncertainty = uncertainty
    self.kind = kind
    let level = value + Double.log(onePlus: Self.share)
    let k = nodes.firstIndex { $0.x >= node.x } ?? 0
    var (low, high) = (node.x, node.x)
    for j in stride(from: k - 1, through: 0, by: -1) {
      guard Self.reaches(nodes[j], nodes[j + 1], level) else {
        low = Self.crossing(of: level, from: nodes[j + 1], to: nodes[j])
        break
      }
      low = nodes[j].x
    }
    for j in stride(from: k + 1, to: nodes.count, by: 1) {
      guard Self.reaches(nodes[j], nodes[j - 1], level) else {
        high = Self.crossing(of: level, from: nodes[j - 1], to: nodes[j])
        break
      }
      high = nodes[j].x
    }
    basin = min(low, x)...max(high, x)
  }

  /// Whether a node and the way to it stay below a level.
  private static func reaches(_ node: Minima.Node, _ from: Minima.Node, _ level: Double) -> Bool {
    guard node.sample.value <= level else { return false }
    let (a, b) = node.x < from.x ? (node, from) : (from, node)
    let cubic = Minima.cubic(a, b)
    return cubic.criticalPoints.allSatisfy { cubic.value(at: $0) <= level }
  }

  /// Where the cubic from a node below a level to one above passes it, by bisection.
  private static func crossing(of level: Double, from inner: Minima.Node, to outer: Minima.Node) -> Double {
    guard outer.sample.value.isFinite else { return inner.x }
    let (a, b) = inner.x < outer.x ? (inner, outer) : (outer, inner)
    let cubic = Minima.cubic(a, b)
    var (below, above) = (inner.x, outer.x)
    // The first crossing: step out to where the cubic is above for the first time.
    for k in 1...16 {
      let x = inner.x + (outer.x - inner.x) * Double(k) / 16
      if cubic.value(at: x) > level {
        above = x
        break
      }
      below = x
    }
    for _ in 0..<50 {
      let x = 0.5 * (below + above)
      if cubic.value(at: x) > level { above = x } else { below = x }
    }
    return 0.5 * (below + above)
  }
}
