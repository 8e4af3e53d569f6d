import Dynamics

/// What the assistants of a sweep report to the process that owns the store.
package struct SweepReport {
  /// Runs done.
  package var results: [(run: Int, result: RunResult)] = []
  /// Whether more are wanted.
  package var isHungry = false
  /// Whether it is the last report.
  package var isLast = false

  /// A report of its parts.
  package init(results: [(run: Int, result: RunResult)] = [], isHungry: Bool = false, isLast: Bool = false) {
    (self.results, self.isHungry, self.isLast) = (results, isHungry, isLast)
  }
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
  package var bytes: [UInt8] {
    var coder = ByteCoder()
    coder.put((isHungry ? 1 : 0) | (isLast ? 2 : 0))
    coder.put(results.count)
    for (run, result) in results {
      coder.put(run)
      coder.put(result)
    }
    return coder.bytes
  }

  package init(_ bytes: [UInt8]) {
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

  /// Every column that comes from a result, in the order of the list.
  mutating func put(_ result: RunResult) {
    for column in StoreColumn.all {
      switch column.source {
      case .text(let field): put(result[keyPath: field]) { $0.put($1) }
      case .integer(let field): put(result[keyPath: field]) { $0.put($1) }
      case .real(let field), .found(_, let field): put(result[keyPath: field]) { $0.put($1) }
      case .setting, .derived: break
      }
    }
  }

  mutating func result() -> RunResult {
    var result = RunResult(failure: "")
    for column in StoreColumn.all {
      switch column.source {
      case .text(let field): result[keyPath: field] = optional { $0.text() }
      case .integer(let field): result[keyPath: field] = optional { $0.integer() }
      case .real(let field), .found(_, let field): result[keyPath: field] = optional { $0.real() }
      case .setting, .derived: break
      }
    }
    return result
  }
}
