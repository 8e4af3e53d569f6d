/// Finds the sign changes of the watched coordinates on each segment and refines their times with the stepper.
///
/// The sign of a coordinate is taken from the states at step ends, so that no root is counted twice or lost where two
/// segments meet; a state that is exactly zero keeps the sign it had.
struct SignChangeLocator {
  private let coordinates: [Int]
  /// −1, +1, or 0 for a coordinate that has been exactly zero so far: leaving zero is no sign change.
  private var signs: [Int]
  /// The state and its rate, where steppers have to refine times.
  private var scratch: [Double] = []
  private let dimension: Int

  init(_ events: [Event], dimension: Int, state: UnsafePointer<Double>) {
    coordinates = events.flatMap { Array($0.coordinates) }
    range = (coordinates.min() ?? 0)..<(coordinates.max() ?? -1) + 1
    signs = coordinates.map { sign(state[$0]) }
    self.dimension = dimension
  }

  private static let negligible = 0x1p-960

  var isWatching: Bool { !coordinates.isEmpty }

  /// From the first to the last of the coordinates watched.
  let range: Range<Int>

  /// Coordinates looked at together, so that a large state's polynomials are never in memory all at once.
  private static let block = 1 << 15

  mutating func locate(
    onLastStepOf stepper: any Stepper, except far: FarWeights?, into occurrences: inout [Occurrence]
  ) {
    var found: [Occurrence] = []
    var segment: Segment?
    for (slot, i) in coordinates.enumerated() {
      if let far, far.holds(i) { continue }
      let part: Segment
      if let segment, i >= segment.firstCoordinate, i < segment.firstCoordinate + segment.dimension {
        part = segment
      } else {
        segment = nil
        part = stepper.segment(of: i..<min(i + Self.block, range.upperBound))
        segment = part
      }
      locate(i, slot, on: part, of: stepper, into: &found)
    }
    found.sort { ($0.time, $0.coordinate) < ($1.time, $1.coordinate) }
    occurrences.append(contentsOf: found)
  }

  /// Goes on with a coordinate that somebody else has watched meanwhile.
  mutating func resume(_ coordinate: Int, _ sign: Int) {
    if let slot = coordinates.firstIndex(of: coordinate) { signs[slot] = sign }
  }

  private mutating func locate(
    _ i: Int, _ slot: Int, on segment: Segment, of stepper: any Stepper, into found: inout [Occurrence]
  ) {
    let (d, place) = (segment.dimension, i - segment.firstCoordinate)
    let c0 = segment.coefficients[place]
    var rest = 0.0
    for k in 1...segment.degree {
      rest += abs(segment.coefficients[k * d + place])
    }
    let end = stepper.state[i]
    let before = signs[slot]
    // Below this size doubles lose their digits and error control its grip: what is left is noise, not a sign.
    let after = abs(end) < Self.negligible ? before : sign(end)
    signs[slot] = after
    if before == 0 || abs(c0) + rest < Self.negligible || (before == after && abs(c0) > rest) { return }

    let polynomial = (0...segment.degree).map { segment.coefficients[$0 * d + place] }
    var roots = signChanges(ofPolynomial: polynomial)
    // The signs at the ends are exact, the polynomial is not: mend a root lost or gained at an end by rounding.
    if let first = polynomial.first(where: { $0 != 0 }), sign(first) != before { Self.mend(&roots, at: 0) }
    if (roots.count % 2 == 1) != (before != after) { Self.mend(&roots, at: 1) }
    var direction = -before
    var times: [Double] = []
    for s in roots {
      let guess = s >= 1 ? segment.end : segment.start + s * (segment.end - segment.start)
      times.append(stepper.hasDenseOutput ? guess : refine(i, guess, segment, stepper))
    }
    for time in times.sorted() {
      found.append(Occurrence(coordinate: i, time: time, direction: direction))
      direction = -direction
    }
  }

  /// Takes away the root that lies at `end` (0 or 1), or adds it where there is none.
  private static func mend(_ roots: inout [Double], at end: Double) {
    if let index = roots.firstIndex(where: { abs($0 - end) < 1e-9 }) {
      roots.remove(at: index)
    } else {
      roots.insert(end, at: end == 0 ? 0 : roots.count)
    }
  }

  /// Newton's method on the stepper's own solution from the segment's root; two or three evaluations.
  private mutating func refine(_ i: Int, _ guess: Double, _ segment: Segment, _ stepper: any Stepper) -> Double {
    let h = segment.end - segment.start
    let d = dimension
    if scratch.isEmpty { scratch = [Double](repeating: 0, count: 2 * d) }
    var time = guess
    var lastCorrection = h
    for _ in 0..<4 {
      do {
        try stepper.refine(at: time, into: &scratch)
      } catch {
        // The step itself was accepted: its polynomial's root is then the best there is.
        break
      }
      let correction = scratch[d + i] == 0 ? 0 : scratch[i] / scratch[d + i]
      // A correction that does not shrink means a multiple root: the last time is the best one known.
      guard abs(correction) < 0.5 * lastCorrection else { break }
      lastCorrection = abs(correction)
      time = min(max(time - correction, segment.start), segment.end)
      // Newton's method is quadratic: what is left is of the order of the correction's square.
      if lastCorrection <= 1e-7 * h { break }
    }
    return time
  }
}

private func sign(_ x: Double) -> Int {
  x > 0 ? 1 : (x < 0 ? -1 : 0)
}
