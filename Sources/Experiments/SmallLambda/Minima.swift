import Dynamics
import RealModule

/// All minima of a function of one variable on an interval, down to a stated resolution.
///
/// A grid is halved wherever value or slope of a new node differ from the cubic through its neighbours by more than
/// `depth`, or where that cubic has two extrema of its own, until intervals are shorter than `resolution`. Each change of
/// the slope's sign from − to + is then closed in by Newton's steps on the cubics, safeguarded by bisection.
///
/// What can be missed: minima that leave value and slope of every node of a grid within `depth` of a smoother curve, and
/// those inside `unresolved`. An interval's ends are minima when the function rises inwards.
package struct Minima {
  /// The function at some point.
  package struct Sample: Sendable {
    /// Its value; infinite where it has none.
    package let value: Double
    /// Its slope.
    package let slope: Double
    /// How far the slope may be off.
    package let slopeError: Double

    package init(value: Double, slope: Double, slopeError: Double = 0) {
      self.value = value
      self.slope = slope
      self.slopeError = slopeError
    }
  }

  /// How fine the search is.
  package struct Fineness: Sendable {
    /// The longest interval of the first grid, each of which is halved at least once.
    package let spacing: Double
    /// Intervals as short as this are not halved any more.
    package let resolution: Double
    /// By how much a node may differ from the cubic of its neighbours: what is shallower counts as noise.
    package let depth: Double
    /// The width to which each minimum is closed in.
    package let tolerance: Double
    /// The most nodes; what is then left is unresolved.
    package let maximumNodes: Int

    package init(spacing: Double, resolution: Double, depth: Double, tolerance: Double, maximumNodes: Int) {
      self.spacing = spacing
      self.resolution = resolution
      self.depth = depth
      self.tolerance = tolerance
      self.maximumNodes = maximumNodes
    }
  }

  /// All that were found, from left to right.
  package private(set) var all: [Minimum] = []
  /// Where nodes still differ from the cubics, or there is no value: intervals, from left to right.
  package private(set) var unresolved: [ClosedRange<Double>] = []
  /// The number of nodes.
  package var nodeCount: Int { nodes.count }
  /// The longest interval between neighbours that counts as resolved.
  package private(set) var widest = 0.0

  /// The least of them.
  package var least: Minimum? { all.min { $0.value < $1.value } }

  typealias Node = (x: Double, sample: Sample)
  private(set) var nodes: [Node] = []
  let fineness: Fineness

  /// Seeks the minima of `function` in `range`. Throws what the function throws. Complexity: `maximumNodes` calls at most,
  /// and the few that close in on each minimum.
  ///
  /// - Parameter progress: called with the share of the range that is resolved.
  package init(
    of function: (Double) throws(InvalidInput) -> Sample, in range: ClosedRange<Double>, _ fineness: Fineness,
    progress: (Double) -> Void = { _ in }
  ) throws(InvalidInput) {
    self.fineness = fineness
    try divide(function, range, progress)
    try collect(function)
    sweepLeftovers()
  }

  /// Fills `nodes` and `unresolved`, halving level by level so that a budget that runs out leaves equal intervals.
  private mutating func divide(
    _ function: (Double) throws(InvalidInput) -> Sample, _ range: ClosedRange<Double>, _ progress: (Double) -> Void
  ) throws(InvalidInput) {
    let length = range.upperBound - range.lowerBound
    let count = max(2, Int((length / fineness.spacing).rounded(.up)))
    // From above: the sensitivities of a flow are costly below.
    var reversed: [Node] = []
    for k in (0...count).reversed() {
      let x =
        k == 0
        ? range.lowerBound : k == count ? range.upperBound : range.lowerBound + length * Double(k) / Double(count)
      reversed.append((x, try function(x)))
    }
    nodes = reversed.reversed()
    var isOpen = [Bool](repeating: true, count: count)
    var width = length / Double(count)
    var isFirst = true
    while isOpen.contains(true), isFirst || width > fineness.resolution {
      var (next, open): ([Node], [Bool]) = ([nodes[0]], [])
      for k in isOpen.indices {
        let (a, b) = (nodes[k], nodes[k + 1])
        let hasValues = a.sample.value.isFinite && b.sample.value.isFinite
        let hasRoom = next.count + nodes.count - k <= fineness.maximumNodes
        if isOpen[k], hasRoom, hasValues || isFirst, b.x - a.x > 0.75 * width {
          let x = 0.5 * (a.x + b.x)
          let middle: Node = (x, try function(x))
          let isSmooth = hasValues && agrees(middle, a, b)
          open.append(!isSmooth || !isPlain(a, middle))
          open.append(!isSmooth || !isPlain(middle, b))
          next.append(middle)
          let settled = zip(zip(next, next.dropFirst()), open).reduce(0) { $1.1 ? $0 : $0 + $1.0.1.x - $1.0.0.x }
          progress(settled / length)
        } else {
          open.append(isOpen[k])
        }
        next.append(b)
      }
      (nodes, isOpen) = (next, open)
      width *= 0.5
      isFirst = false
    }
    for (k, isLeft) in isOpen.enumerated() {
      let (a, b) = (nodes[k].x, nodes[k + 1].x)
      guard isLeft else {
        widest = max(widest, b - a)
        continue
      }
      if let last = unresolved.last, last.upperBound == a {
        unresolved[unresolved.count - 1] = last.lowerBound...b
      } else {
        unresolved.append(a...b)
      }
    }
  }

  /// Whether a node is where the cubic through its neighbours has it.
  private func agrees(_ middle: Node, _ a: Node, _ b: Node) -> Bool {
    let cubic = Self.cubic(a, b)
    let value = abs(middle.sample.value - cubic.value(at: middle.x))
    let slope = abs(middle.sample.slope - cubic.slope(at: middle.x))
    // A wave that the value misses turns the slope by 2π/width times its depth.
    return value <= fineness.depth && slope * (b.x - a.x) <= 8 * fineness.depth
  }

  static func cubic(_ a: Node, _ b: Node) -> HermiteCubic {
    HermiteCubic(
      from: a.x, to: b.x, (a.sample.value, b.sample.value), slopes: (a.sample.slope, b.sample.slope))
  }

  /// Whether the cubic between two nodes has no extrema but the one that their slopes demand.
  private func isPlain(_ a: Node, _ b: Node) -> Bool {
    let cubic = Self.cubic(a, b)
    let points = cubic.criticalPoints
    // Slopes that vanish but for rounding make extrema of no depth.
    return points.count < 2 || abs(cubic.value(at: points[0]) - cubic.value(at: points[1])) <= 0.01 * fineness.depth
  }

  mutating func insert(_ node: Node) {
    let k = nodes.firstIndex { $0.x >= node.x } ?? nodes.count
    if k < nodes.count, nodes[k].x == node.x { return }
    nodes.insert(node, at: k)
  }

  /// Minima at the ends of every stretch with values, and where slopes turn from − to +.
  private mutating func collect(_ function: (Double) throws(InvalidInput) -> Sample) throws(InvalidInput) {
    let grid = nodes
    // Per stretch of neighbours with values: the last node whose slope is not zero.
    var falling: Node?
    var flat: [Node] = []
    var before: Node?
    for (k, node) in grid.enumerated() {
      guard node.sample.value.isFinite, node.sample.slope.isFinite else {
        if let last = before { endStretch(at: last, falling, flat, isEnd: false) }
        (falling, flat, before) = (nil, [], nil)
        continue
      }
      let slope = node.sample.slope
      if slope == 0 {
        flat.append(node)
      } else if slope < 0 {
        (falling, flat) = (node, [])
      } else {
        if !flat.isEmpty {
          if falling != nil || flat.first?.x == grid[0].x { all.append(plateau(flat, falling, node)) }
        } else if let a = falling {
          all.append(try close(a, node, function))
        } else if before == nil {
          all.append(end(node, k == 0 ? .lowerEnd : .unresolved))
        }
        (falling, flat) = (nil, [])
      }
      before = node
    }
    if let last = before { endStretch(at: last, falling, flat, isEnd: true) }
  }

  private mutating func endStretch(at last: Node, _ falling: Node?, _ flat: [Node], isEnd: Bool) {
    if !flat.isEmpty {
      all.append(plateau(flat, falling, nil))
    } else if falling != nil {
      all.append(end(last, isEnd ? .upperEnd : .unresolved))
    }
  }

  private func end(_ node: Node, _ kind: Minimum.Kind) -> Minimum {
    Minimum(at: node, uncertainty: 0, kind: kind, among: nodes)
  }

  /// A stretch of nodes without slope, which may reach as far as its neighbours.
  private func plateau(_ flat: [Node], _ before: Node?, _ after: Node?) -> Minimum {
    let middle = flat[flat.count / 2]
    let (low, high) = (before ?? flat[0], after ?? flat[flat.count - 1])
    return Minimum(
      at: middle, uncertainty: max(middle.x - low.x, high.x - middle.x), kind: .flat, among: nodes)
  }

  /// The least node of all is a minimum, whatever the slopes say (but for what is noise): it can only lie in what is not
  /// resolved.
  private mutating func sweepLeftovers() {
    let finite = nodes.indices.filter { nodes[$0].sample.value.isFinite }
    guard let k = finite.min(by: { nodes[$0].sample.value < nodes[$1].sample.value }) else { return }
    let least = nodes[k].sample.value
    guard all.allSatisfy({ $0.value > least + 1e-3 * fineness.depth }) else { return }
    let reach = max(
      k > 0 ? nodes[k].x - nodes[k - 1].x : 0, k + 1 < nodes.count ? nodes[k + 1].x - nodes[k].x : 0)
    all.append(Minimum(at: nodes[k], uncertainty: reach, kind: .unresolved, among: nodes))
    all.sort { $0.x < $1.x }
  }
}
