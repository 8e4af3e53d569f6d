import Dynamics

/// What the assistants of a sweep report to the process that owns the store.
struct SweepReport {
  /// Runs done.
  var results: [(run: Int, result: RunResult)] = []
  /// Whether more are wanted.
  var isHungry = false
  /// Whether it is the last report.
  var isLast = false
}

/// What it answers.
struct SweepOrder {
  /// Runs to do.
  var runs: [Int] = []
  /// Whether no more will come.
  var isAll = false
  /// Whether everything is to be left where it is.
  var isStop = false
}

extension SweepReport {
  var bytes: [UInt8] {
    var coder = ByteCoder()
    coder.put((isHungry ? 1 : 0) | (isLast ? 2 : 0))
    coder.put(results.count)
    for (run, result) in results {
      coder.put(run)
      coder.put(result)
    }
    return coder.bytes
  }

  init(_ bytes: [UInt8]) {
    var coder = ByteCoder(bytes)
    let flags = coder.integer()
    (isHungry, isLast) = (flags & 1 != 0, flags & 2 != 0)
    for _ in 0..<coder.integer() { results.append((coder.integer(), coder.result())) }
  }
}

extension SweepOrder {
  var bytes: [UInt8] {
    var coder = ByteCoder()
    coder.put((isAll ? 1 : 0) | (isStop ? 2 : 0))
    coder.put(runs.count)
    for run in runs { coder.put(run) }
    return coder.bytes
  }

  init(_ bytes: [UInt8]) {
    var coder = ByteCoder(bytes)
    let flags = coder.integer()
    (isAll, isStop) = (flags & 1 != 0, flags & 2 != 0)
    for _ in 0..<coder.integer() { runs.append(coder.integer()) }
  }
}

/// Numbers and texts as bytes, eight a number: both ends of a message are the same program.
private struct ByteCoder {
  private(set) var bytes: [UInt8]
  private var place = 0

  init(_ bytes: [UInt8] = []) { self.bytes = bytes }

  mutating func put(_ word: UInt64) { withUnsafeBytes(of: word) { bytes += $0 } }
  mutating func put(_ number: Int) { put(UInt64(bitPattern: Int64(number))) }
  mutating func put(_ number: Double) { put(number.bitPattern) }

  mutating func put(_ text: String) {
    put(text.utf8.count)
    bytes += text.utf8
  }

  private mutating func put<T>(_ value: T?, _ body: (inout ByteCoder, T) -> Void) {
    put(value == nil ? 0 : 1)
    if let value { body(&self, value) }
  }

  mutating func word() -> UInt64 {
    guard place + 8 <= bytes.count else { return 0 }
    defer { place += 8 }
    return bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: place, as: UInt64.self) }
  }

  mutating func integer() -> Int { Int(Int64(bitPattern: word())) }
  mutating func real() -> Double { Double(bitPattern: word()) }

  mutating func text() -> String {
    let length = integer()
    let end = min(place + max(0, length), bytes.count)
    defer { place = end }
    return String(decoding: bytes[place..<end], as: UTF8.self)
  }

  private mutating func optional<T>(_ body: (inout ByteCoder) -> T) -> T? { integer() == 0 ? nil : body(&self) }

  mutating func put(_ result: RunResult) {
    put(result.outcome?.rawValue) { $0.put($1) }
    put(result.failure) { $0.put($1) }
    put(result.trajectory) { $0.put($1) }
    put(result.topFeatures) { $0.put($1) }
    for count in [result.iterations, result.passes, result.features99] { put(count) { $0.put($1) } }
    for number in [
      result.time, result.loss, result.residualMax, result.deltaRatio?.min, result.deltaRatio?.median,
      result.deltaRatio?.max, result.deltaError, result.thetaL1, result.testError, result.thetaError,
      result.plainTestError, result.lambda, result.lambdaCertified, result.lambdaCritical, result.supportOverlap,
      result.perturbation, result.pathError, result.wallSeconds,
    ] {
      put(number) { $0.put($1) }
    }
  }

  mutating func result() -> RunResult {
    var result = RunResult(failure: "")
    result.outcome = optional { $0.text() }.flatMap { Outcome(rawValue: $0) }
    result.failure = optional { $0.text() }
    result.trajectory = optional { $0.text() }
    result.topFeatures = optional { $0.text() }
    result.iterations = optional { $0.integer() }
    result.passes = optional { $0.integer() }
    result.features99 = optional { $0.integer() }
    func number(_ coder: inout ByteCoder) -> Double? { coder.optional { $0.real() } }
    result.time = number(&self)
    result.loss = number(&self)
    result.residualMax = number(&self)
    let ratio = (number(&self), number(&self), number(&self))
    if let min = ratio.0, let median = ratio.1, let max = ratio.2 { result.deltaRatio = (min, median, max) }
    result.deltaError = number(&self)
    result.thetaL1 = number(&self)
    result.testError = number(&self)
    result.thetaError = number(&self)
    result.plainTestError = number(&self)
    result.lambda = number(&self)
    result.lambdaCertified = number(&self)
    result.lambdaCritical = number(&self)
    result.supportOverlap = number(&self)
    result.perturbation = number(&self)
    result.pathError = number(&self)
    result.wallSeconds = number(&self) ?? 0
    return result
  }
}
