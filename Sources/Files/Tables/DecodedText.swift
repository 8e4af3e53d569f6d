import Dynamics

/// The characters of a text file in UTF-8, without a byte order mark, and how they were found.
///
/// UTF-8 stays as it is; UTF-16 and UTF-32 are converted, with a byte order mark or without; what is not UTF-8 is read as
/// Windows-1252, which is Latin-1 with letters in the place of control characters. Control characters but tabs and ends of
/// lines are refused.
struct DecodedText {
  /// The characters; the first `start` bytes are no part of them.
  let bytes: [UInt8]
  let start: Int
  /// How they were found, unless the file is plain UTF-8.
  let note: String?

  /// Throws `InvalidInput`, with line and place in the line where that is known. Complexity: O(bytes).
  init(_ bytes: [UInt8], as format: FileFormat, path: String) throws(InvalidInput) {
    switch format {
    case .utf16LittleEndian, .utf16BigEndian:
      let isBig = format == .utf16BigEndian
      let mark: [UInt8] = isBig ? [0xFE, 0xFF] : [0xFF, 0xFE]
      self.bytes = try Self.converted(bytes, UTF16.self, mark: mark, isBigEndian: isBig, "UTF-16", path)
      start = 0
      let order = isBig ? "big-endian" : "little-endian"
      note = "read as UTF-16, \(order)" + (bytes.starts(with: mark) ? "" : " (it has no byte order mark)")
    case .utf32:
      let isBig = bytes.starts(with: [0, 0, 0xFE, 0xFF])
      let mark: [UInt8] = isBig ? [0, 0, 0xFE, 0xFF] : [0xFF, 0xFE, 0, 0]
      self.bytes = try Self.converted(bytes, UTF32.self, mark: mark, isBigEndian: isBig, "UTF-32", path)
      start = 0
      note = "read as UTF-32"
    default:
      let hasMark = bytes.starts(with: [0xEF, 0xBB, 0xBF])
      let survey = Self.survey(bytes)
      if survey.hasHighBytes, let invalid = Self.firstInvalid(bytes) {
        guard !hasMark, !invalid.followsOthers else {
          throw InvalidInput(
            Self.place(of: invalid.offset, in: bytes, path), because: "this is not UTF-8, as the text before it is",
            remedy: "save the file anew, as UTF-8")
        }
        self.bytes = try Self.fromWindows(bytes, path)
        start = 0
        note = "it is not UTF-8: read as Windows-1252 (Latin-1); should its names look wrong, save it as UTF-8"
      } else {
        self.bytes = bytes
        start = hasMark ? 3 : 0
        note = hasMark ? "UTF-8 with a byte order mark" : nil
      }
    }
    if Self.survey(self.bytes).hasControls, let offset = self.bytes.firstIndex(where: Self.isControl) {
      let byte = self.bytes[offset]
      let code = String(byte, radix: 16, uppercase: true)
      throw InvalidInput(
        Self.place(of: offset, in: self.bytes, path),
        because: byte == 0
          ? "there is a NUL byte" : "there is a control character (U+00\(byte < 16 ? "0" : "")\(code))",
        remedy: "the file may be damaged; write it anew as text")
    }
  }

  private static func isControl(_ byte: UInt8) -> Bool {
    byte < 0x20 && byte != 0x09 && byte != 0x0A && byte != 0x0D || byte == 0x7F
  }

  /// Whether there are bytes beyond ASCII, and control characters other than tabs and ends of lines; without branches.
  private static func survey(_ bytes: [UInt8]) -> (hasHighBytes: Bool, hasControls: Bool) {
    bytes.withUnsafeBufferPointer { bytes in
      var (high, controls): (UInt8, UInt8) = (0, 0)
      for byte in bytes {
        high |= byte
        let isLow: UInt8 = byte < 0x20 ? 1 : 0
        let isBlank: UInt8 = (byte == 0x09 ? 1 : 0) | (byte == 0x0A ? 1 : 0) | (byte == 0x0D ? 1 : 0)
        controls |= (isLow & ~isBlank) | (byte == 0x7F ? 1 : 0)
      }
      return (high >= 0x80, controls != 0)
    }
  }

  /// Where the bytes cease to be UTF-8, and whether there are characters of several bytes before; nil when they never do.
  private static func firstInvalid(_ bytes: [UInt8]) -> (offset: Int, followsOthers: Bool)? {
    var offset = 0
    var hasOthers = false
    while offset < bytes.count {
      guard bytes[offset] >= 0x80 else {
        offset += 1
        continue
      }
      var parser = Unicode.UTF8.ForwardParser()
      var next = bytes[offset..<min(offset + 4, bytes.count)].makeIterator()
      guard case .valid(let character) = parser.parseScalar(from: &next) else { return (offset, hasOthers) }
      offset += character.count
      hasOthers = true
    }
    return nil
  }

  /// Line and place in it, both from 1.
  private static func place(of offset: Int, in bytes: [UInt8], _ path: String) -> String {
    var (line, start) = (1, 0)
    for k in 0..<offset
    where bytes[k] == 0x0A || bytes[k] == 0x0D && (k + 1 == bytes.count || bytes[k + 1] != 0x0A) {
      (line, start) = (line + 1, k + 1)
    }
    return "\(path), line \(line), character \(offset - start + 1)"
  }

  /// Code units of several bytes each as UTF-8.
  private static func converted<Encoding: Unicode.Encoding>(
    _ bytes: [UInt8], _: Encoding.Type, mark: [UInt8], isBigEndian: Bool, _ name: String, _ path: String
  ) throws(InvalidInput) -> [UInt8] {
    let start = bytes.starts(with: mark) ? mark.count : 0
    let width = Encoding.CodeUnit.bitWidth / 8
    guard (bytes.count - start).isMultiple(of: width) else {
      throw InvalidInput(path, because: "it is text in \(name) that is cut short", remedy: "copy or write it anew")
    }
    let units = stride(from: start, to: bytes.count, by: width).lazy.map { place in
      (0..<width).reduce(into: 0 as Encoding.CodeUnit) { unit, k in
        let shift = 8 * (isBigEndian ? width - 1 - k : k)
        unit |= Encoding.CodeUnit(truncatingIfNeeded: bytes[place + k]) << Encoding.CodeUnit(truncatingIfNeeded: shift)
      }
    }
    guard let text = String(validating: units, as: Encoding.self) else {
      throw InvalidInput(
        path, because: "it begins as \(name), but not all of it is text in that encoding",
        remedy: "save the file anew, as UTF-8")
    }
    return Array(text.utf8)
  }

  /// What Windows-1252 puts in the place of Latin-1's control characters 0x80 … 0x9F; 0 for nothing.
  private static let letters: [UInt16] = [
    0x20AC, 0, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017D, 0,
    0, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0, 0x017E,
    0x0178,
  ]

  private static func fromWindows(_ bytes: [UInt8], _ path: String) throws(InvalidInput) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count + bytes.count / 8)
    for (offset, byte) in bytes.enumerated() {
      guard byte >= 0x80 else {
        text.append(byte)
        continue
      }
      let code = byte < 0xA0 ? letters[Int(byte) - 0x80] : UInt16(byte)
      guard code != 0, let character = Unicode.Scalar(code) else {
        throw InvalidInput(
          place(of: offset, in: bytes, path),
          because: "the byte 0x\(String(byte, radix: 16)) is neither UTF-8 nor Windows-1252 (Latin-1)",
          remedy: "save the file anew, as UTF-8")
      }
      text.append(contentsOf: UTF8.encode(character).map { Array($0) } ?? [])
    }
    return text
  }
}
