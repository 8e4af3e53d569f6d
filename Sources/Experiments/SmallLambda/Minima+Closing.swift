import Dynamics

extension Minima {
  /// Closes in on the minimum between a node where the function falls and one where it rises.
  ///
  /// Steps go to where the slope of the cubic vanishes, a quarter of the tolerance inside, so that the bracket closes from
  /// both sides; two that do not halve it are followed by a bisection.
  mutating func close(
    _ left: Node, _ right: Node, _ function: (Double) throws(InvalidInput) -> Sample
  ) throws(InvalidInput) -> Minimum {
    var (a, b) = (left, right)
    var slow = 0
    // The last bracket whose slopes stood out of their error, and a wide one to compare with: smooth slopes shrink.
    var curvature = 0.0
    var jumps: [(width: Double, jump: Double)] = []
    func noise() -> Double { max(a.sample.slopeError, b.sample.slopeError) }
    func note() {
      let (width, jump) = (b.x - a.x, b.sample.slope - a.sample.slope)
      jumps.append((width, jump))
      if curvature == 0 || min(-a.sample.slope, b.sample.slope) > 4 * noise() { curvature = jump / width }
    }
    note()
    let smallest = max(fineness.tolerance, 4 * 0x1p-52 * max(abs(a.x), abs(b.x)))
    var hole = false
    while b.x - a.x > smallest, jumps.count < 200 {
      let width = b.x - a.x
      var x = 0.5 * (a.x + b.x)
      if slow < 2, let root = Self.cubic(a, b).criticalPoints.first {
        x = min(max(root, a.x + 0.25 * smallest), b.x - 0.25 * smallest)
        // Next to an end, the root lies just beyond it or well inside: step over it.
        if x - a.x < 0.25 * smallest { x = a.x + 0.5 * smallest }
        if b.x - x < 0.25 * smallest { x = b.x - 0.5 * smallest }
      }
      guard x > a.x, x < b.x else { break }
      let node: Node = (x, try function(x))
      insert(node)
      guard node.sample.value.isFinite, node.sample.slope.isFinite else {
        hole = true
        break
      }
      if node.sample.slope < 0 { a = node } else { b = node }
      slow = slow == 2 ? 0 : b.x - a.x > 0.5 * width ? slow + 1 : 0
      note()
    }
    let last = jumps[jumps.count - 1]
    let wide = jumps.last { $0.width >= 16 * last.width }
    let isKink = wide.map { last.jump > 0.5 * $0.jump } ?? false
    let least = a.sample.value <= b.sample.value ? a : b
    var uncertainty = 0.5 * (b.x - a.x)
    if !isKink, curvature > 0 { uncertainty += noise() / curvature }
    // The point reported is one of the ends.
    uncertainty += 0.5 * (b.x - a.x)
    return Minimum(
      at: least, uncertainty: uncertainty, kind: hole ? .unresolved : isKink ? .kink : .smooth, among: nodes)
  }
}
