/// Turns accepted steps into recorded states, as `Recording` says.
struct Recorder {
  private let recording: Recording
  private let dimension: Int
  private var pending: ArraySlice<Double> = []
  private var scratch: [Double] = []

  init(_ recording: Recording, dimension: Int) {
    self.recording = recording
    self.dimension = dimension
    if case .times(let times) = recording { pending = times[...] }
  }

  /// The next time that must be a step end.
  var nextTime: Double { pending.first ?? .infinity }

  var wantsSegments: Bool {
    switch recording {
    case .segments, .streaming: true
    default: false
    }
  }

  mutating func begin(_ solution: inout Solution, _ time: Double, _ state: UnsafePointer<Double>) {
    if case .times = recording {
      take(time, state, into: &solution)
    } else {
      append(time, state, &solution)
    }
  }

  /// Records the requested times that lie within the last step of a stepper with dense output.
  mutating func takeWithin(
    _ stepper: any Stepper, _ far: FarWeights?, into solution: inout Solution
  ) throws(StepFailure) {
    if scratch.isEmpty { scratch = [Double](repeating: 0, count: dimension) }
    while let next = pending.first, next < stepper.time {
      pending.removeFirst()
      try stepper.refine(at: next, into: &scratch)
      far?.patch(&scratch, at: next)
      solution.times.append(next)
      solution.states.append(contentsOf: scratch)
    }
  }

  func take(_ segment: Segment, into solution: inout Solution) {
    switch recording {
    case .segments: solution.segments.append(segment)
    case .streaming(let body): body(segment)
    default: break
    }
  }

  mutating func take(_ time: Double, _ state: UnsafePointer<Double>, into solution: inout Solution) {
    switch recording {
    case .everyStep:
      append(time, state, &solution)
    case .times:
      while let next = pending.first, next <= time {
        pending.removeFirst()
        append(next, state, &solution)
      }
    case .logarithmic(let count):
      append(time, state, &solution)
      if solution.times.count > 8 * max(count, 2) { thin(&solution, to: 4 * max(count, 2)) }
    case .endpoints, .segments, .streaming:
      break
    }
  }

  mutating func end(_ solution: inout Solution) {
    switch recording {
    case .logarithmic(let count):
      thin(&solution, to: max(count, 2))
    case .endpoints:
      if solution.times.last != solution.time {
        let state = solution.state
        append(solution.time, state, &solution)
      }
    default:
      break
    }
  }

  private func append(_ time: Double, _ state: UnsafePointer<Double>, _ solution: inout Solution) {
    solution.times.append(time)
    solution.states.append(contentsOf: UnsafeBufferPointer(start: state, count: dimension))
  }

  /// Keeps `count` states spread evenly in ln(1 + t − t₀), first and last always.
  private func thin(_ solution: inout Solution, to count: Int) {
    guard solution.times.count > count else { return }
    let kept = logarithmicSpread(of: solution.times, count: count)
    var states: [Double] = []
    states.reserveCapacity(kept.count * dimension)
    for index in kept {
      states.append(contentsOf: solution.states[index * dimension..<(index + 1) * dimension])
    }
    solution.times = kept.map { solution.times[$0] }
    solution.states = states
  }
}
