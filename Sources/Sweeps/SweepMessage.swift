import Dynamics
import Experiments

/// What the assistants of a sweep report to the process that owns the store.
package struct SweepReport {
  /// Runs done.
  package var results: [(run: Int, result: Measurements)] = []
  /// Whether more are wanted.
  package var isHungry = false
  /// Whether it is the last report.
  package var isLast = false

  /// A report of its parts.
  package init(results: [(run: Int, result: Measurements)] = [], isHungry: Bool = false, isLast: Bool = false) {
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

  /// Every column that comes from a measurement, in the order of the list.
  mutating func put(_ result: Measurements) {
    for column in StoreColumn.all where column.isMeasured {
      switch column.cell(of: result) {
      case .none, .unsigned: put(0)
      case .text(let text): put(1); put(text)
      case .integer(let number): put(1); put(Int(number))
      case .real(let number): put(1); put(number)
      }
    }
  }

  mutating func result() -> Measurements {
    var result = Measurements()
    for column in StoreColumn.all where column.isMeasured && integer() != 0 {
      let value: JSONValue =
        switch column.kind {
        case .text, .unsigned: .string(text())
        case .integer: .integer(integer())
        case .real: .number(real())
        }
      result.take(value, named: column.name)
    }
    return result
  }
}
