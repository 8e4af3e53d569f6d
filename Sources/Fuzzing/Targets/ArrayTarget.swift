import Dynamics
import Files
import Foundation
import RandomStreams

/// NumPy's files and archives, packed or not. Where the header is as NumPy writes it for doubles, the entries are those that a naive reader finds.
package struct ArrayTarget: FuzzTarget {
  package static let name = "npy"
  package static let fileName = "X.npy"

  package init(tool: String?) {}

  package func input(_ random: inout RandomStream) -> [UInt8] {
    let types = [
      "<f8", "<f8", "<f8", ">f8", "<f4", ">f4", "<f2", "<f16", "|b1", "<i8", ">i8", "|u1", "<u8", "<i2", "=f8",
    ]
    let oddTypes = ["|O", "<c16", "<U3", "f8", "", "<f", "<f99999999999999999999", "<M8[ns]", "|S5", "<i0", ">f-8"]
    let type = random.once(in: 12) ? random.choice(oddTypes) : random.choice(types)
    var shape = (0..<random.choice([1, 2, 2, 2, 2, 0, 3])).map { _ in "\(random.integer(0...5))" }
    if random.once(in: 10), !shape.isEmpty {
      shape[random.integer(below: shape.count)] = random.choice([
        "np.int64(3)", "-1", "9223372036854775807", "4611686018427387904", "1e3", "3L", "1000000000", "0x3", "",
      ])
    }
    let count = shape.compactMap(Int.init).filter { (0...5).contains($0) }.reduce(1, *)
    let list = shape.joined(separator: ", ") + (shape.count == 1 ? "," : "")
    let entries = [
      "'descr': " + (random.once(in: 20) ? "[('a', '<f8')]" : "'\(type)'"),
      "'fortran_order': " + (random.once(in: 4) ? "True" : "False"), "'shape': (\(list))",
    ]
    let ordered = random.once(in: 8) ? entries.reversed() : entries
    let text = "{" + ordered.joined(separator: ", ") + ", }"
    let version = UInt8(random.once(in: 8) ? random.integer(0...4) : 1)
    let prelude = version == 1 ? 10 : 12
    let total = (prelude + text.utf8.count + 1 + 63) / 64 * 64
    var bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [version, 0]
    for k in 0..<prelude - 8 { bytes.append(UInt8((total - prelude) >> (8 * k) & 255)) }
    bytes += Array(text.utf8) + [UInt8](repeating: 0x20, count: total - prelude - text.utf8.count - 1) + [0x0a]
    let width = Int(type.filter(\.isNumber)).map { min($0, 16) } ?? 8
    for _ in 0..<count {
      let bits = random.once(in: 40) ? random.next() : random.normal().bitPattern
      for k in 0..<width { bytes.append(UInt8(truncatingIfNeeded: bits >> (8 * UInt64(k % 8)))) }
    }
    let times = random.once(in: 3) ? 0 : random.integer(1...3)
    let plain = random.mutate(bytes, times: times, tokens: Self.tokens)
    switch random.integer(below: 10) {
    case 0: return random.mutate(Packing.gzip(plain), times: random.integer(0...2))
    case 1:
      let members = (0..<random.integer(0...3)).map { k in
        (random.choice(["a.npy", "arr_\(k).npy", "x", "a/b.npy", ".npy"]), k == 0 ? plain : bytes)
      }
      return random.mutate(Packing.zip(members), times: random.integer(0...2))
    default: return plain
    }
  }

  private static let tokens = [
    "'descr'", "'shape'", "(", ")", ",", "True", "False", "'", "\"", "{", "}", "np.int64(", "<f8", "\n", "\0", "-",
  ].map { Array($0.utf8) }

  package func judge(_ input: [UInt8], in folder: String) throws -> Bool {
    let path = folder + "/" + Self.fileName
    try Data(input).write(to: URL(filePath: path))
    let expected = Self.naive(input)
    var isAccepted = false
    let column = try refusing { () throws(InvalidInput) in try ArrayFile(path).column() }
    if let column {
      isAccepted = true
      guard column.allSatisfy(\.isFinite) else { throw Finding("a column holds what is no finite number") }
      if let expected, expected.entries.map(\.bitPattern) != column.map(\.bitPattern) {
        throw Finding("the column \(column) is \(expected.entries) for a naive reader")
      }
    }
    // Copied into memory, and mapped whatever the size.
    for limit in [Int.max, 0] {
      let matrix = try refusing { () throws(InvalidInput) in try ArrayFile(path).matrix(mappingFrom: limit) }
      guard let matrix else { continue }
      isAccepted = true
      let elements = matrix.elements
      guard matrix.rows > 0, matrix.columns > 0, elements.allSatisfy(\.isFinite) else {
        throw Finding("a matrix of \(matrix.rows) × \(matrix.columns) is empty or holds what is no finite number")
      }
      if let expected {
        guard expected.rows == matrix.rows, expected.entries.map(\.bitPattern) == elements.map(\.bitPattern) else {
          throw Finding("the matrix \(elements) is \(expected.entries) for a naive reader")
        }
      }
    }
    for name in ["a", "arr_0", "a/b"] where input.starts(with: [0x50, 0x4b]) {
      _ = try refusing { () throws(InvalidInput) in try ArrayFile("\(path):\(name)").matrix() }
    }
    if !isAccepted, let expected, expected.rows * expected.columns > 0, expected.entries.allSatisfy(\.isFinite) {
      throw Finding("a plain array of \(expected.rows) × \(expected.columns) finite doubles is refused")
    }
    return isAccepted
  }

  /// The entries of a file as numpy.save writes it for doubles in C order; nil for any other.
  private static func naive(_ input: [UInt8]) -> (rows: Int, columns: Int, entries: [Double])? {
    let format = /\{'descr': '<f8', 'fortran_order': False, 'shape': \(([1-9]), ?([1-9])?\), \} *\n/
    guard input.count >= 128, input.starts(with: [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0]),
      let text = String(validating: input[10..<128], as: UTF8.self), let match = text.wholeMatch(of: format),
      let rows = Int(match.output.1), let columns = Int(match.output.2 ?? "1"),
      input.count == 128 + 8 * rows * columns
    else { return nil }
    let entries = (0..<rows * columns).map { k in
      Double(bitPattern: (0..<8).reduce(0) { $0 | UInt64(input[128 + 8 * k + $1]) << (8 * UInt64($1)) })
    }
    return (rows, columns, entries)
  }
}
