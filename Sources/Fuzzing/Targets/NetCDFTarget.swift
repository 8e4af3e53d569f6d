import Dynamics
import Experiments
import Foundation
import RandomStreams

/// NetCDF files: the classic formats, composed here byte by byte, and a NetCDF-4 file (HDF5) with changes.
package struct NetCDFTarget: FuzzTarget {
  package static let name = "netcdf"
  package static let fileName = "X.nc"

  private let seeds: [[UInt8]]

  package init(tool: String?) throws {
    seeds = try ["plain.hdf", "packed.hdf"].map { try fuzzSeed($0) }
  }

  package func input(_ random: inout RandomStream) -> [UInt8] {
    if random.once(in: 4) {
      return random.mutate(random.choice(seeds), times: random.integer(1...4), tokens: Self.tokens)
    }
    let bytes = ClassicNetCDF.file(&random)
    return random.mutate(bytes, times: random.once(in: 3) ? 0 : random.integer(1...3), tokens: Self.tokens)
  }

  /// NetCDF's default fill of floats and of doubles.
  private static let defaultFill = 9.969209968386869e36

  /// Whether the default fill may be a number of a file.
  private static func mayHold(_ input: [UInt8]) -> Bool {
    ["_FillValue", "add_offset", "scale_factor"].contains { Data(input).range(of: Data($0.utf8)) != nil }
  }

  private static let tokens = [
    "CDF", "_FillValue", "missing_value", "valid_range", "scale_factor", "x", "y", "\0\0\0\u{0c}",
  ]
  .map { Array($0.utf8) }

  package func judge(_ input: [UInt8], in folder: String) throws -> Bool {
    let path = folder + "/" + Self.fileName
    try Data(input).write(to: URL(filePath: path))
    var isAccepted = false
    // The response fits designs of three rows.
    let response = folder + "/y.csv"
    try Data("1\n2\n-1\n".utf8).write(to: URL(filePath: response))
    for suffix in ["", ":x"] {
      let specification = ProblemSpecification(
        source: .matrices(design: path + suffix, response: response, truth: nil), seed: 1)
      guard let setup = try refusing({ () throws(InvalidInput) in try specification.load() }) else { continue }
      isAccepted = true
      let elements = setup.problem.design.elements
      guard elements.allSatisfy(\.isFinite) else { throw Finding("accepted: \(elements)") }
      // What was never written is no number, unless the file has a fill value of its own, or unpacks to it.
      if !Self.mayHold(input), elements.contains(Self.defaultFill) {
        throw Finding("a fill value is read: \(Self.defaultFill)")
      }
    }
    return isAccepted
  }
}

/// Files of NetCDF's classic formats (CDF-1, 2 and 5), by their specification: big-endian, names and values padded to four
/// bytes.
package enum ClassicNetCDF {
  /// One with up to three variables, attributes as the CF conventions have them, and sometimes a record dimension.
  package static func file(_ random: inout RandomStream) -> [UInt8] {
    let version = random.choice([1, 1, 2, 5])
    let wide = version == 5
    func count(_ n: Int) -> [UInt8] { word(n, wide ? 8 : 4) }
    func name(_ text: String) -> [UInt8] { count(text.utf8.count) + padded(Array(text.utf8)) }
    func list(_ tag: Int, _ items: [[UInt8]]) -> [UInt8] {
      items.isEmpty ? word(0, 4) + count(0) : word(tag, 4) + count(items.count) + items.flatMap { $0 }
    }
    let hasRecords = random.once(in: 4)
    let lengths = [hasRecords ? 0 : 3, random.integer(1...4), 2]
    let records = hasRecords ? random.integer(0...3) : 0
    let dimensions = zip(["row", "col", "k"], lengths).map { name($0) + count($1) }
    /// A variable: its header up to its offset, and its data, for each record where it has records.
    var variables: [(header: [UInt8], isRecord: Bool, parts: [[UInt8]])] = []
    for k in 0..<random.integer(1...3) {
      let type = random.integer(1...(wide ? 11 : 6))
      let ids = k == 0 ? [0, 1] : random.choice([[0], [1], [1, 0], [0, 1], [], [0, 1, 2]])
      let attributes =
        random.once(in: 2) ? [] : (0..<random.integer(1...2)).map { _ in attribute(&random, type, name, count) }
      let isRecord = hasRecords && ids.first == 0
      let entries = ids.dropFirst(isRecord ? 1 : 0).reduce(1) { $0 * lengths[$1] }
      let parts = (0..<(isRecord ? records : 1)).map { _ in (0..<entries).flatMap { _ in value(&random, type) } }
      let size = (entries * sizes[type] + 3) / 4 * 4
      let header =
        name(["x", "y", "z"][k]) + count(ids.count) + ids.flatMap { count($0) } + list(12, attributes) + word(type, 4)
        + count(size)
      variables.append((header, isRecord, parts))
    }
    let offset = version == 1 ? 4 : 8
    let start = 4 + (wide ? 8 : 4) + list(10, dimensions).count + list(12, []).count + (wide ? 12 : 8)
    let first = start + variables.reduce(0) { $0 + $1.header.count + offset }
    // Variables without records, then the records, of which a single variable's have no padding.
    var data: [UInt8] = []
    var places = [Int](repeating: 0, count: variables.count)
    for (k, variable) in variables.enumerated() where !variable.isRecord {
      places[k] = first + data.count
      data += padded(variable.parts[0])
    }
    let isSingle = variables.filter(\.isRecord).count == 1
    for record in 0..<max(records, 1) {
      for (k, variable) in variables.enumerated() where variable.isRecord {
        if record == 0 { places[k] = first + data.count }
        guard record < records else { continue }
        data += isSingle ? variable.parts[record] : padded(variable.parts[record])
      }
    }
    return Array("CDF".utf8) + [UInt8(version)] + count(records) + list(10, dimensions) + list(12, [])
      + list(11, zip(variables, places).map { $0.header + word($1, offset) }) + data
  }

  private static let sizes = [0, 1, 1, 2, 4, 4, 8, 1, 2, 4, 8, 8]

  private static func attribute(
    _ random: inout RandomStream, _ type: Int, _ name: (String) -> [UInt8], _ count: (Int) -> [UInt8]
  ) -> [UInt8] {
    let title = random.choice([
      "_FillValue", "missing_value", "valid_min", "valid_max", "valid_range", "scale_factor", "add_offset", "_Unsigned",
      "units",
    ])
    let isText = title == "_Unsigned" || title == "units"
    let kind =
      isText ? 2 : random.once(in: 4) ? random.integer(1...6) : title.contains("_f") || title.contains("_o") ? 6 : type
    let number = isText ? 4 : title == "valid_range" ? 2 : random.once(in: 8) ? random.integer(0...2) : 1
    let values = isText ? Array("true".utf8) : (0..<number).flatMap { _ in value(&random, kind) }
    return name(title) + word(kind, 4) + count(number) + padded(values)
  }

  private static func value(_ random: inout RandomStream, _ type: Int) -> [UInt8] {
    let small = random.integer(-9...9)
    switch type {
    case 5:
      let fill: Float = 9.96921e36
      return word(Int((random.once(in: 60) ? fill : Float(random.normal())).bitPattern), 4)
    case 6:
      let number = random.once(in: 60) ? random.choice([9.969209968386869e36, .nan, -999, .infinity]) : random.normal()
      return (0..<8).map { UInt8(truncatingIfNeeded: number.bitPattern >> (56 - 8 * UInt64($0))) }
    default: return word(random.once(in: 60) ? Int.min >> (64 - 8 * sizes[type]) + 1 : small, sizes[type])
    }
  }

  private static func padded(_ bytes: [UInt8]) -> [UInt8] {
    bytes + [UInt8](repeating: 0, count: (4 - bytes.count % 4) % 4)
  }

  private static func word(_ value: Int, _ width: Int) -> [UInt8] {
    (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * (width - 1 - $0))) }
  }
}
