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
    try skip(countWidth, 1)
    for _ in 0..<(try list("dimensions", 2 * countWidth)) {
      try name()
      try skip(countWidth, 1)
    }
    try attributes()
    for _ in 0..<(try list("variables", 4 * countWidth + 8 + offsetWidth)) {
      try name()
      try skip(try count("dimensions of a variable", countWidth), countWidth)
      try attributes()
      try skip(4 + countWidth + offsetWidth, 1)
    }
  }

  private static let widths: [UInt64: Int] = [1: 1, 2: 1, 3: 2, 4: 4, 5: 4, 6: 8, 7: 1, 8: 2, 9: 4, 10: 8, 11: 8]

  private mutating func attributes() throws(InvalidInput) {
    for _ in 0..<(try list("attributes", 2 * countWidth + 4)) {
      try name()
      let type = try number(4)
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
