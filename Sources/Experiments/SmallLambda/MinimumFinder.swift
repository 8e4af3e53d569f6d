import Dynamics

/// All local minima of a function on a range, from its values and, where they are known, its slopes.
///
/// A grid is bisected, the widest interval first, until no gap exceeds the resolution; where a new value or slope disagrees
/// with the cubic Hermite interpolant, or two slopes betray an extremum between nodes that do not show it, on to an eighth of it.
/// Then each change of the slope from − to + is closed in by secants that step over the root (by golden sections where a
/// slope is missing), the lowest first. What is narrower than the resolution may be missed. Evaluations: at most
/// `maximumNodes` + `maximumRefinements`; each costs O(nodes) beside the function itself.
package struct MinimumFinder {
  /// The function at a point.
  package struct Sample: Sendable {
    /// f; +∞ where there is none.
    package var value: Double
    /// f′, when known.
    package var slope: Double?
    /// What f may be off by.
    package var noise = 0.0

    package init(value: Double, slope: Double?, noise: Double = 0) {
      (self.value, self.slope, self.noise) = (value, slope, noise)
    }
  }

  /// How fine, and at what cost.
  package struct Options: Sendable {
    /// The widest gap between nodes that is to remain.
    package var resolution: Double
    /// The width to which minima are closed in.
    package var tolerance: Double
    /// Evaluations for the search.
    package var maximumNodes: Int
    /// Evaluations for closing in on what was found.
    package var maximumRefinements: Int

    package init(resolution: Double, tolerance: Double, maximumNodes: Int, maximumRefinements: Int) {
      (self.resolution, self.tolerance) = (resolution, tolerance)
      (self.maximumNodes, self.maximumRefinements) = (maximumNodes, maximumRefinements)
    }
  }

  /// What a minimum looks like.
  package enum Kind: String, Sendable {
    /// The slope passes through zero.
    case smooth
    /// The slope jumps.
    case kink
    /// An end of the range.
    case edge
    /// The same value over several nodes.
    case flat
  }

  /// A local minimum.
  package struct Minimum: Sendable {
    /// The lowest point evaluated.
    package let x: Double
    /// f there.
    package let value: Double
    /// How far the minimum may lie from x: the last bracket, and how flat f is within its noise.
    package let uncertainty: Double
    /// Where f ≤ 1.01 f(x), as the nodes and their interpolant see it.
    package let width: ClosedRange<Double>
    package let kind: Kind
  }

  struct Node {
    let x: Double
    let sample: Sample
    var value: Double { sample.value }
  }

  /// The minima from the lowest up; empty when no value is finite.
  package internal(set) var minima: [Minimum] = []
  /// The widest gap between nodes that was left by the search.
  package private(set) var resolution = 0.0
  /// Intervals in which function and interpolant still disagree.
  package private(set) var unresolved = 0
  /// Whether the search ended for want of evaluations.
  package private(set) var isBounded = false
  /// How often the function was evaluated.
  package var nodeCount: Int { nodes.count }
  /// Where the function was evaluated, in order.
  private(set) var nodes: [Node] = []
  /// Whether the interval right of each node is to be looked into.
  private var isOpen: [Bool] = []

  let options: Options
  private let function: (Double) throws(InvalidInput) -> Sample

  /// Searches `range`. Throws what `function` throws.
  package init(
    in range: ClosedRange<Double>, _ options: Options, _ function: @escaping (Double) throws(InvalidInput) -> Sample
  ) throws(InvalidInput) {
    self.options = options
    self.function = function
    let span = range.upperBound - range.lowerBound
    // Halving the first gaps, 0.4 at most, comes out at the resolution.
    var gap = options.resolution
    while 2 * gap <= 0.4 { gap *= 2 }
    let count = max(2, min(Int((span / gap).rounded(.up)), max(2, options.maximumNodes / 2)))
    for k in 0...count {
      try evaluate(k == count ? range.upperBound : range.lowerBound + span * Double(k) / Double(count))
    }
    try scan()
    try refine()
    minima.sort { $0.value < $1.value }
  }

  // MARK: Nodes

  /// Evaluates at `x`, and keeps it. Returns its index.
  @discardableResult
  mutating func evaluate(_ x: Double) throws(InvalidInput) -> Int {
    var sample = try function(x)
    if !sample.value.isFinite { sample = Sample(value: .infinity, slope: nil) }
    if let slope = sample.slope, !slope.isFinite { sample.slope = nil }
    let index = nodes.firstIndex { $0.x > x } ?? nodes.count
    nodes.insert(Node(x: x, sample: sample), at: index)
    isOpen.insert(false, at: index)
    return index
  }

  /// The slope at a node: its own, else that of the parabola through three nodes.
  func slope(_ i: Int) -> Double {
    if let slope = nodes[i].sample.slope { return slope }
    let m = min(max(i, 1), nodes.count - 2)
    let (a, b, c) = (nodes[m - 1], nodes[m], nodes[m + 1])
    let (left, right) = ((b.value - a.value) / (b.x - a.x), (c.value - b.value) / (c.x - b.x))
    guard left.isFinite else { return right.isFinite ? right : 0 }
    guard right.isFinite else { return left }
    let bend = (right - left) / (c.x - a.x)
    return left + bend * (2 * nodes[i].x - a.x - b.x)
  }

  /// The cubic Hermite interpolant between nodes i and i + 1, and its slope.
  func interpolant(_ i: Int, _ x: Double) -> (value: Double, slope: Double) {
    let (a, b) = (nodes[i], nodes[i + 1])
    let h = b.x - a.x
    let (t, chord) = ((x - a.x) / h, (b.value - a.value) / h)
    let (p, q) = (slope(i) - chord, slope(i + 1) - chord)
    let u = 1 - t
    return (
      a.value + h * (t * chord + t * u * (u * p - t * q)), chord + u * (u - 2 * t) * p + t * (t - 2 * u) * q
    )
  }

  // MARK: Search

  /// Bisects until every gap is fine enough and every interpolant agrees, or the evaluations are spent.
  private mutating func scan() throws(InvalidInput) {
    let finest = options.resolution / 8
    while true {
      var widest: (index: Int, gap: Double)?
      for i in 0..<nodes.count - 1 {
        let gap = nodes[i + 1].x - nodes[i].x
        guard gap > options.resolution * (1 + 1e-9) || (gap > finest * (2 - 1e-9) && (isOpen[i] || hides(i))) else {
          continue
        }
        if gap > (widest?.gap ?? 0) * (1 + 1e-9) { widest = (i, gap) }
      }
      guard let (i, gap) = widest else { break }
      guard nodes.count < options.maximumNodes else {
        isBounded = true
        break
      }
      let x = 0.5 * (nodes[i].x + nodes[i + 1].x)
      let guess = interpolant(i, x)
      let ends = (nodes[i].value, nodes[i + 1].value)
      let m = try evaluate(x)
      let found = nodes[m]
      let lowest = nodes.reduce(Double.infinity) { min($0, $1.value) }
      let range = nodes.reduce(0) { max($0, $1.value.isFinite ? $1.value - lowest : 0) }
      var height = found.value.isFinite ? found.value - lowest : 0
      for end in [ends.0, ends.1] where end.isFinite { height = max(height, end - lowest) }
      // Structure counts by its share of the height above the lowest value.
      let allowed = 0.01 * (height + 1e-3 * range) + found.sample.noise
      var differs = !(abs(guess.value - found.value) <= allowed)
      if let slope = found.sample.slope { differs = differs || abs(guess.slope - slope) * gap > 4 * allowed }
      // Where there is no limit on either side there is nothing to resolve.
      if !ends.0.isFinite, !ends.1.isFinite, !found.value.isFinite { differs = false }
      (isOpen[m - 1], isOpen[m]) = (differs, differs)
    }
    for i in 0..<nodes.count - 1 {
      resolution = max(resolution, nodes[i + 1].x - nodes[i].x)
      if isOpen[i] || hides(i) { unresolved += 1 }
    }
  }

  /// Whether the slopes at both ends tell of a minimum between them that the values do not bracket: + and − with values that
  /// fall or rise by less, or like signs against the way of the values.
  private func hides(_ i: Int) -> Bool {
    let (a, b) = (nodes[i], nodes[i + 1])
    guard let p = a.sample.slope, let q = b.sample.slope, a.value.isFinite, b.value.isFinite else { return false }
    let rise = b.value - a.value
    let noise = a.sample.noise + b.sample.noise + 8 * 0x1p-52 * (abs(a.value) + abs(b.value))
    return (p > 0 && q > 0 && rise < -noise) || (p < 0 && q < 0 && rise > noise)
  }
}
