import Dynamics

/// The header of a file in one of NetCDF's classic formats, walked through to see that what it counts fits into the file.
///
/// The C library allocates memory for every count before it reads on: with a damaged one it takes seconds and gigabytes, or
/// crashes where there are none. Source: NetCDF User's Guide, "File Format Specifications", CDF-1, 2 and 5.
package struct ClassicHeader {
  private let bytes: [UInt8]
  private let size: Int
  private let place: String
  /// Counts and lengths have 8 bytes in CDF-5, else 4; offsets 4 in CDF-1, else 8.
  private let countWidth: Int
  private let offsetWidth: Int
  private var position = 4

  /// What is looked at of a longer header.
  private static let reach = 16 << 20

  /// Throws `InvalidInput` when the file at `path`, or `bytes` that were unpacked from it, is in a classic format and
  /// counts more than it holds. Complexity: O(size of the header).
  package static func check(_ path: String, unpacked: [UInt8]?) throws(InvalidInput) {
    let head: [UInt8]
    let size: Int
    if let unpacked {
      (head, size) = (unpacked, unpacked.count)
    } else {
      head = try InputFile.bytes(path, upTo: reach)
      size = try InputFile.check(path) ?? head.count
    }
    guard head.count >= 8, head.starts(with: Array("CDF".utf8)), [1, 2, 5].contains(head[3]) else { return }
    var header = ClassicHeader(head, size, path)
    try header.walk()
  }

  private init(_ bytes: [UInt8], _ size: Int, _ place: String) {
    (self.bytes, self.size, self.place) = (bytes, size, place)
    (countWidth, offsetWidth) = (bytes[3] == 5 ? 8 : 4, bytes[3] == 1 ? 4 : 8)
  }

  private mutating func walk() throws(InvalidInput) {
    // The number of records, which may be unknown: all ones.
    let records = try number(countWidth)
    var lengths: [UInt64] = []
    for _ in 0..<(try list("dimensions", 2 * countWidth)) {
      try name()
      lengths.append(try number(countWidth))
    }
    try attributes()
    var variables: [Extent] = []
    for _ in 0..<(try list("variables", 4 * countWidth + 8 + offsetWidth)) {
      try name()
      var shape: [UInt64] = []
      for _ in 0..<(try count("dimensions of a variable", countWidth)) {
        let dimension = try number(countWidth)
        guard dimension < lengths.count else {
          if isBeyond { return }
          throw damaged("a variable has dimension \(dimension) of \(lengths.count)")
        }
        shape.append(lengths[Int(dimension)])
      }
      try attributes()
      let type = try number(4)
      _ = try number(countWidth)
      let begin = try number(offsetWidth)
      if isBeyond { return }
      guard let width = Self.widths[type] else { throw damaged("a variable has the unknown type \(type)") }
      variables.append(Extent(shape: shape, width: width, begin: begin))
    }
    // What lies beyond the end would be read as zeros.
    let isUnknown = records == (countWidth == 8 ? .max : UInt64(UInt32.max))
    guard let end = Extent.end(of: variables, records: isUnknown ? 0 : records), end <= UInt64(size) else {
      throw damaged("its variables reach beyond its end at byte \(size)")
    }
  }

  /// Whether the header is longer than what is looked at.
  private var isBeyond: Bool { position > bytes.count }

  /// Where a variable lies in its file.
  private struct Extent {
    /// Bytes of the whole variable, or of its part of one record; nil beyond 2⁶⁴.
    let length: UInt64?
    let isRecord: Bool
    let begin: UInt64

    init(shape: [UInt64], width: Int, begin: UInt64) {
      isRecord = shape.first == 0
      var length: UInt64? = UInt64(width)
      for count in shape.dropFirst(isRecord ? 1 : 0) { length = length?.times(count) }
      self.length = length
      self.begin = begin
    }

    /// The end of the last byte of data, without padding; nil beyond 2⁶⁴.
    static func end(of variables: [Extent], records: UInt64) -> UInt64? {
      let recordCount = variables.filter(\.isRecord).count
      // Parts of a record begin at multiples of four bytes, unless there is but one.
      var stride: UInt64? = 0
      for variable in variables where variable.isRecord {
        guard let length = variable.length else { return nil }
        stride = stride?.plus(length)?.plus(recordCount == 1 ? 0 : (4 - length % 4) % 4)
      }
      var end: UInt64 = 0
      for variable in variables {
        guard !variable.isRecord || records > 0 else { continue }
        guard let length = variable.length, let own = length == 0 ? 0 : variable.begin.plus(length) else { return nil }
        guard variable.isRecord else {
          end = max(end, own)
          continue
        }
        guard let before = stride?.times(records - 1), let last = own.plus(before) else { return nil }
        end = max(end, last)
      }
      return end
    }
  }

  private static let widths: [UInt64: Int] = [1: 1, 2: 1, 3: 2, 4: 4, 5: 4, 6: 8, 7: 1, 8: 2, 9: 4, 10: 8, 11: 8]

  private mutating func attributes() throws(InvalidInput) {
    for _ in 0..<(try list("attributes", 2 * countWidth + 4)) {
      try name()
      let type = try number(4)
      if isBeyond { return }
      guard let width = Self.widths[type] else { throw damaged("an attribute has the unknown type \(type)") }
      try skip(try count("values of an attribute", width), width)
      position += (4 - position % 4) % 4
    }
  }

  private mutating func name() throws(InvalidInput) {
    try skip(try count("letters of a name", 1), 1)
    position += (4 - position % 4) % 4
  }

  /// The length of a list behind its tag.
  private mutating func list(_ what: String, _ least: Int) throws(InvalidInput) -> Int {
    try skip(4, 1)
    return try count(what, least)
  }

  /// A count of things that take `least` bytes each.
  private mutating func count(_ what: String, _ least: Int) throws(InvalidInput) -> Int {
    let value = try number(countWidth)
    guard let count = Int(exactly: value), count <= (size - position) / least else {
      throw damaged("it counts \(value) \(what) where \(size - position) bytes follow")
    }
    return count
  }

  private mutating func number(_ width: Int) throws(InvalidInput) -> UInt64 {
    let start = position
    try skip(width, 1)
    guard position <= bytes.count else { return 0 }
    return bytes[start..<position].reduce(0) { $0 << 8 | UInt64($1) }
  }

  private mutating func skip(_ count: Int, _ width: Int) throws(InvalidInput) {
    guard count <= (size - position) / width else { throw damaged("it is cut short") }
    position += count * width
  }

  private func damaged(_ fault: String) -> InvalidInput {
    InvalidInput(
      place, because: "it is a NetCDF file whose header is damaged: \(fault)",
      remedy: "copy or write it anew, for example with xarray's to_netcdf")
  }
}

extension UInt64 {
  /// The product; nil beyond 2⁶⁴.
  fileprivate func times(_ other: UInt64) -> UInt64? {
    let (value, overflows) = multipliedReportingOverflow(by: other)
    return overflows ? nil : value
  }

  /// The sum; nil beyond 2⁶⁴.
  fileprivate func plus(_ other: UInt64) -> UInt64? {
    let (value, overflows) = addingReportingOverflow(other)
    return overflows ? nil : value
  }
}
