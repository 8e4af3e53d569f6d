// What the WebAssembly module exports: one run at a time. Numbers go in through one buffer and come out as lists.

private struct Session {
  var input: UnsafeMutablePointer<Double>?
  var problem = Twin.Problem(samples: 1, features: 1, design: [1], response: [0])
  var weights: [Double] = []
  var rates: [Double] = []
  var recording = Twin.Recording.ends
  var run: Twin.Run?
  var results: [[Double]] = []
  var shown: UnsafeMutablePointer<Double>?

  func numbers(_ range: Range<Int>) -> [Double] { input.map { input in range.map { input[$0] } } ?? [] }

  mutating func begin(_ run: Twin.Run) {
    self.run = run
    results = []
  }
}

nonisolated(unsafe) private var session = Session()

/// Makes room for numbers to come in.
@_expose(wasm, "input")
@_cdecl("input")
public func input(_ count: Int32) -> UnsafeMutablePointer<Double>? {
  session.input?.deallocate()
  session.input = .allocate(capacity: max(Int(count), 1))
  return session.input
}

/// Draws a problem.
@_expose(wasm, "gaussian")
@_cdecl("gaussian")
public func gaussian(
  _ samples: Int32, _ features: Int32, _ nonzeros: Int32, _ mean: Double, _ seedLow: UInt32, _ seedHigh: UInt32
) {
  session.problem = Twin.Problem(
    gaussian: Int(samples), Int(features), nonzeros: Int(nonzeros), mean: mean,
    seed: UInt64(seedHigh) << 32 | UInt64(seedLow))
}

/// Takes X, y and, if there is one, θ*, from the input.
@_expose(wasm, "matrices")
@_cdecl("matrices")
public func matrices(_ samples: Int32, _ features: Int32, _ hasTruth: Int32) {
  let (n, d) = (Int(samples), Int(features))
  session.problem = Twin.Problem(
    samples: n, features: d, design: session.numbers(0..<n * d), response: session.numbers(n * d..<n * d + n),
    truth: hasTruth == 0 ? nil : session.numbers(n * d + n..<n * d + n + d))
}

/// Keeps `count` rows aside.
@_expose(wasm, "hold_out")
@_cdecl("hold_out")
public func holdOut(_ count: Int32, _ seedLow: UInt32, _ seedHigh: UInt32) {
  session.problem = session.problem.holdingOut(Int(count), seed: UInt64(seedHigh) << 32 | UInt64(seedLow))
}

/// Takes w± and ẇ± from the input.
@_expose(wasm, "start")
@_cdecl("start")
public func start() {
  let m = 2 * session.problem.features
  (session.weights, session.rates) = (session.numbers(0..<m), session.numbers(m..<2 * m))
}

/// Which states are kept: 0 the ends, 1 every one, 2 `count` spread in ln(1 + t), 3 times and 4 iterations from the input, 5 times
/// and 6 iterations spaced geometrically between the two numbers of the input.
@_expose(wasm, "record")
@_cdecl("record")
public func record(_ kind: Int32, _ count: Int32) {
  let count = Int(count)
  func spread() -> [Double] {
    let ends = session.numbers(0..<2)
    return Twin.Recording.geometric(count, from: ends[0], to: ends[1])
  }
  session.recording =
    switch kind {
    case 1: .every
    case 2: .logarithmic(count)
    case 3: .times(session.numbers(0..<count))
    case 4: .iterations(session.numbers(0..<count).map { Int($0) })
    case 5: .times(spread())
    case 6: .iterations(spread().map { Int($0 + 0.5) })
    default: .ends
    }
}

/// Begins a flow; λ = 0 is gradient flow, a negative tolerance none.
@_expose(wasm, "flow")
@_cdecl("flow")
public func flow(
  _ lambda: Double, _ relative: Double, _ absolute: Double, _ end: Double, _ tolerance: Double, _ passes: Double
) {
  session.begin(
    .flow(
      Twin.FlowRun(
        session.problem, lambda: lambda, weights: session.weights, rates: session.rates, relative: relative,
        absolute: absolute, until: end, residual: tolerance < 0 ? nil : tolerance, recording: session.recording,
        maximumPasses: whole(passes))))
}

/// Begins a discrete run by (γ, β), or by (λ, ε) where `isMatched`.
@_expose(wasm, "descent")
@_cdecl("descent")
public func descent(
  _ first: Double, _ second: Double, _ isMatched: Int32, _ isNesterov: Int32, _ iterations: Double,
  _ tolerance: Double
) {
  session.begin(
    .descent(
      Twin.DescentRun(
        session.problem, method(first, second, isMatched, isNesterov), weights: session.weights, rates: session.rates,
        iterations: whole(iterations), residual: tolerance < 0 ? nil : tolerance, recording: session.recording)))
}

/// Begins the search for the limit of a flow; λ = 0 is gradient flow. Without `estimates` there is no second run.
@_expose(wasm, "flow_limit")
@_cdecl("flow_limit")
public func flowLimit(
  _ lambda: Double, _ relative: Double, _ absolute: Double, _ deltaTolerance: Double, _ maximumTime: Double,
  _ passes: Double, _ estimates: Int32
) {
  session.begin(
    .limit(
      Twin.LimitRun(
        session.problem, lambda > 0 ? .momentum(lambda) : .gradientFlow, weights: session.weights, rates: session.rates,
        relative: relative, absolute: absolute, deltaTolerance: deltaTolerance, maximumTime: maximumTime,
        maximumPasses: whole(passes), estimatesError: estimates != 0)))
}

/// Begins the search for the limit of a discrete run, given as in `descent`.
@_expose(wasm, "descent_limit")
@_cdecl("descent_limit")
public func descentLimit(
  _ first: Double, _ second: Double, _ isMatched: Int32, _ isNesterov: Int32, _ deltaTolerance: Double,
  _ maximumTime: Double, _ passes: Double
) {
  session.begin(
    .limit(
      Twin.LimitRun(
        session.problem, .discrete(method(first, second, isMatched, isNesterov)), weights: session.weights,
        rates: session.rates, deltaTolerance: deltaTolerance, maximumTime: maximumTime, maximumPasses: whole(passes))))
}

/// Begins a comparison for the `count` steps of the input.
@_expose(wasm, "compare")
@_cdecl("compare")
public func compare(
  _ lambda: Double, _ relative: Double, _ absolute: Double, _ isNesterov: Int32, _ end: Double, _ count: Int32
) {
  session.begin(
    .comparison(
      Twin.ComparisonRun(
        session.problem, lambda: lambda, weights: session.weights, rates: session.rates, relative: relative,
        absolute: absolute, steps: session.numbers(0..<Int(count)), isNesterov: isNesterov != 0, until: end)))
}

/// Goes on for so many steps or iterations; 1 at the end.
@_expose(wasm, "advance")
@_cdecl("advance")
public func advance(_ count: Int32) -> Int32 {
  guard let run = session.run, run.advance(Int(count)) else { return session.run == nil ? 1 : 0 }
  return 1
}

/// How far it is, between 0 and 1.
@_expose(wasm, "progress")
@_cdecl("progress")
public func progress() -> Double { session.run?.progress ?? 1 }

/// The time or iteration reached.
@_expose(wasm, "place")
@_cdecl("place")
public func place() -> Double { session.run?.place ?? 0 }

/// How it ended.
@_expose(wasm, "outcome")
@_cdecl("outcome")
public func outcome() -> Int32 { Int32(session.run?.outcome.rawValue ?? 0) }

/// A hash of all bits of the results.
@_expose(wasm, "fingerprint")
@_cdecl("fingerprint")
public func fingerprint() -> UInt64 { session.run?.fingerprint ?? 0 }

/// How many numbers list `index` of the results has, or of the problem: −1 X, −2 y, −3 θ*, −4 its rank
/// and what else is known of it; `list` says where they are.
@_expose(wasm, "count")
@_cdecl("count")
public func count(_ index: Int32) -> Int32 { Int32(find(index).count) }

/// Where they are, until the next call.
@_expose(wasm, "list")
@_cdecl("list")
public func list(_ index: Int32) -> UnsafeMutablePointer<Double>? {
  let numbers = find(index)
  session.shown?.deallocate()
  let copy = UnsafeMutablePointer<Double>.allocate(capacity: max(numbers.count, 1))
  for i in numbers.indices { copy[i] = numbers[i] }
  session.shown = copy
  return copy
}

/// Forgets the run with all that it holds.
@_expose(wasm, "forget")
@_cdecl("forget")
public func forget() {
  (session.run, session.results, session.recording) = (nil, [], .ends)
  session.shown?.deallocate()
  session.shown = nil
}

/// e to the x, for tests.
@_expose(wasm, "exponential")
@_cdecl("exponential")
public func exponential(_ x: Double) -> Double { Twin.Elementary.exp(x) }

/// ln x, for tests.
@_expose(wasm, "logarithm")
@_cdecl("logarithm")
public func logarithm(_ x: Double) -> Double { Twin.Elementary.log(x) }

private func find(_ index: Int32) -> [Double] {
  switch index {
  case -1: return session.problem.design
  case -2: return session.problem.response
  case -3: return session.problem.truth ?? []
  case -4: return session.problem.facts
  default:
    if session.results.isEmpty, let run = session.run { session.results = run.results }
    return session.results.indices.contains(Int(index)) ? session.results[Int(index)] : []
  }
}

private func whole(_ x: Double) -> Int { x < 0x1p30 ? Int(x) : 1 << 30 }

private func method(_ first: Double, _ second: Double, _ isMatched: Int32, _ isNesterov: Int32) -> Twin.DescentMethod {
  isMatched != 0
    ? Twin.DescentMethod(lambda: first, step: second, isNesterov: isNesterov != 0)
    : Twin.DescentMethod(gamma: first, beta: second, isNesterov: isNesterov != 0)
}
