import Dynamics

extension MinimumFinder {
  /// Where a minimum was seen: between a and b, with a lower node inside where no slopes bracket it.
  private struct Candidate {
    var (a, b): (Node, Node)
    var middle: Node?
    var kind: Kind
    var lowest: Double { min(a.value, b.value, middle?.value ?? .infinity) }
  }

  /// Closes in on everything that the nodes show, the lowest first, and tells what stands out of the noise.
  mutating func refine() throws(InvalidInput) {
    var budget = options.maximumRefinements
    var found: [Minimum] = []
    for candidate in candidates().sorted(by: { $0.lowest < $1.lowest }) {
      let closed = try close(candidate, &budget)
      found.append(minimum(closed.bracket, curvature: closed.curvature))
    }
    minima = found.filter(standsOut)
    // A bracket and a node may have led to the same place.
    var seen: Set<Double> = []
    minima = minima.filter { seen.insert($0.x).inserted }
  }

  private func candidates() -> [Candidate] {
    var result: [Candidate] = []
    let last = nodes.count - 1
    // An interval whose slopes go from − to +; a zero counts as +.
    func isBracket(_ i: Int) -> Bool {
      guard i >= 0, i < last, let p = nodes[i].sample.slope, let q = nodes[i + 1].sample.slope else { return false }
      return p < 0 && q >= 0
    }
    var first = 0
    while first <= last {
      var end = first
      while end < last, nodes[end + 1].value == nodes[first].value { end += 1 }
      defer { first = end + 1 }
      let value = nodes[first].value
      guard value.isFinite else { continue }
      let (falls, rises) = (first == 0 || nodes[first - 1].value > value, end == last || nodes[end + 1].value > value)
      let isFlat = end > first
      if isBracket(end),
        !(end + 2 <= last && nodes[end + 1].sample.slope == 0 && nodes[end + 2].value == nodes[end + 1].value)
      {
        result.append(Candidate(a: nodes[end], b: nodes[end + 1], middle: nil, kind: .smooth))
      }
      if isFlat, falls, rises {
        result.append(
          Candidate(a: nodes[max(first - 1, 0)], b: nodes[min(end + 1, last)], middle: nodes[first], kind: .flat))
        continue
      }
      if first == 0 {
        if nodes[0].sample.slope.map({ $0 > 0 }) ?? rises {
          result.append(Candidate(a: nodes[0], b: nodes[1], middle: nodes[0], kind: .edge))
        }
      } else if end == last {
        if nodes[last].sample.slope.map({ $0 < 0 }) ?? falls {
          result.append(Candidate(a: nodes[last - 1], b: nodes[last], middle: nodes[last], kind: .edge))
        }
      } else if falls, rises, !isBracket(first - 1), !isBracket(first) {
        result.append(Candidate(a: nodes[first - 1], b: nodes[first + 1], middle: nodes[first], kind: .smooth))
      }
    }
    return result
  }

  // MARK: Closing in

  private mutating func close(
    _ candidate: Candidate, _ budget: inout Int
  ) throws(InvalidInput) -> (bracket: Candidate, curvature: Double) {
    guard candidate.kind == .smooth else { return (candidate, 0) }
    var bracket = candidate
    if candidate.middle == nil {
      try closeBySlopes(&bracket, &budget)
    } else {
      try closeByValues(&bracket, &budget)
    }
    let (before, after) = (bend(candidate), bend(bracket))
    let share = (bracket.b.x - bracket.a.x) / (candidate.b.x - candidate.a.x)
    let noise = Self.noise(bracket.a) + Self.noise(bracket.b)
    // The change of a smooth slope shrinks with the bracket; that of a kink stays.
    if share < 0.1, after > share.squareRoot() * before, after * (bracket.b.x - bracket.a.x) > 100 * noise {
      bracket.kind = .kink
    }
    return (bracket, before / (candidate.b.x - candidate.a.x))
  }

  /// By how much the slope changes over a bracket.
  private func bend(_ c: Candidate) -> Double {
    if let m = c.middle {
      // The slopes of two chords are those of their middles, half the bracket apart.
      return 2 * ((c.b.value - m.value) / (c.b.x - m.x) - (m.value - c.a.value) / (m.x - c.a.x))
    }
    return (c.b.sample.slope ?? 0) - (c.a.sample.slope ?? 0)
  }

  /// Rounding included.
  private static func noise(_ node: Node) -> Double { node.sample.noise + 4 * 0x1p-52 * abs(node.value) }

  private mutating func closeBySlopes(_ c: inout Candidate, _ budget: inout Int) throws(InvalidInput) {
    var bisects = false
    while c.b.x - c.a.x > options.tolerance, budget > 0 {
      guard let p = c.a.sample.slope, let q = c.b.sample.slope else { return }
      let width = c.b.x - c.a.x
      var x = c.a.x + 0.5 * width
      if !bisects, q > p {
        // The secant's root, shifted away from the nearer end: it steps over the root, so that the farther end moves.
        let root = -p / (q - p)
        let shift = max(0.02, 0.3 * options.tolerance / width)
        x = c.a.x + width * min(max(root < 0.5 ? root + shift : root - shift, 0.01), 0.99)
      }
      guard x > c.a.x, x < c.b.x else { return }
      budget -= 1
      let index = try evaluate(x)
      let node = nodes[index]
      guard let slope = node.sample.slope else { return }
      if slope < 0 { c.a = node } else { c.b = node }
      bisects = !bisects && c.b.x - c.a.x > 0.5 * width
    }
  }

  private mutating func closeByValues(_ c: inout Candidate, _ budget: inout Int) throws(InvalidInput) {
    let share = 0.5 * (3 - 5.0.squareRoot())
    while c.b.x - c.a.x > options.tolerance, budget > 0, let m = c.middle {
      // What differs by noise only cannot be told apart.
      guard max(c.a.value, c.b.value) - m.value > Self.noise(m) else { return }
      let x = c.b.x - m.x > m.x - c.a.x ? m.x + share * (c.b.x - m.x) : m.x - share * (m.x - c.a.x)
      guard x > c.a.x, x < c.b.x, x != m.x else { return }
      budget -= 1
      let index = try evaluate(x)
      let node = nodes[index]
      if node.value < m.value {
        if x > m.x { c.a = m } else { c.b = m }
        c.middle = node
      } else if x > m.x {
        c.b = node
      } else {
        c.a = node
      }
    }
  }

  // MARK: What was found

  private func minimum(_ c: Candidate, curvature: Double) -> Minimum {
    let inside = nodes.filter { $0.x >= c.a.x && $0.x <= c.b.x }
    let best = c.kind == .edge ? c.middle ?? c.a : inside.min { $0.value < $1.value } ?? c.a
    var uncertainty = max(best.x - c.a.x, c.b.x - best.x)
    let noise = Self.noise(best)
    switch c.kind {
    case .edge: if best.sample.slope != nil { uncertainty = 0 }
    case .flat: break
    case .smooth: if curvature > 0 { uncertainty = max(uncertainty, (2 * noise / curvature).squareRoot()) }
    case .kink:
      let steepness = min(abs(c.a.sample.slope ?? 0), abs(c.b.sample.slope ?? 0))
      if steepness > 0 { uncertainty = max(uncertainty, noise / steepness) }
    }
    return Minimum(
      x: best.x, value: best.value, uncertainty: uncertainty, width: width(best), kind: c.kind)
  }

  /// Where f ≤ 1.01 f(x) around a node.
  private func width(_ best: Node) -> ClosedRange<Double> {
    let level = best.value + 0.01 * abs(best.value)
    func isInside(_ i: Int) -> Bool { nodes[i].value <= level }
    guard let at = nodes.firstIndex(where: { $0.x == best.x }) else { return best.x...best.x }
    func crossing(_ inner: Int, _ outer: Int) -> Double {
      guard nodes.indices.contains(outer) else { return nodes[inner].x }
      var (low, high) = (nodes[inner].x, nodes[outer].x)
      guard nodes[outer].value.isFinite else { return low }
      for _ in 0..<40 {
        let x = 0.5 * (low + high)
        if interpolant(min(inner, outer), x).value <= level { low = x } else { high = x }
      }
      return low
    }
    var (left, right) = (at, at)
    while left > 0, isInside(left - 1) { left -= 1 }
    while right < nodes.count - 1, isInside(right + 1) { right += 1 }
    return crossing(left, left - 1)...crossing(right, right + 1)
  }

  /// Whether what lies between a minimum and anything lower is higher than it by more than noise.
  private func standsOut(_ minimum: Minimum) -> Bool {
    guard let at = nodes.firstIndex(where: { $0.x == minimum.x }) else { return false }
    func isClear(_ way: some Sequence<Int>) -> Bool {
      var barrier = nodes[at]
      for i in way {
        if nodes[i].value < minimum.value {
          return barrier.value - minimum.value > 2 * (Self.noise(nodes[at]) + Self.noise(barrier))
        }
        if nodes[i].value > barrier.value { barrier = nodes[i] }
      }
      return true
    }
    return isClear((0..<at).reversed()) && isClear(at + 1..<nodes.count)
  }
}
