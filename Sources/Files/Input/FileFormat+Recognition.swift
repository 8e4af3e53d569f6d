extension FileFormat {
  /// What begins with `head` (all of it, or at least `reach` bytes) and ends with `tail` (empty: not known).
  ///
  /// A format is told by the magic bytes that its specification states; where those could as well be letters of a table
  /// (`PAR1`, `MATLAB`, `A`), by what surrounds them, too. Anything else is text unless control characters say otherwise.
  /// Complexity: O(`reach`).
  package init(head: some Collection<UInt8>, tail: some Collection<UInt8> = EmptyCollection<UInt8>()) {
    let head = Array(head.prefix(Self.reach))
    let tail = Array(tail.suffix(Self.reach))
    self =
      Self.byMagic(head) ?? Self.insideZip(head, tail) ?? Self.byStructure(head, tail) ?? Self.byCharacters(head)
  }

  /// Bytes no text begins with, the format they tell, and where they stand.
  private static let magic: [(bytes: [UInt8], format: FileFormat)] = [
    ([0x1F, 0x8B], .gzip), ([0x1F, 0x9D], .compress),
    ([0xFD] + ascii("7zXZ") + [0], .xz), ([0x28, 0xB5, 0x2F, 0xFD], .zstd), ([0x04, 0x22, 0x4D, 0x18], .lz4),
    (ascii("7z") + [0xBC, 0xAF, 0x27, 0x1C], .sevenZip),
    ([0x93] + ascii("NUMPY"), .npy),
    (ascii("CDF") + [1], .netCDF), (ascii("CDF") + [2], .netCDF), (ascii("CDF") + [5], .netCDF),
    ([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1], .oldOffice),
    (ascii("ARROW1") + [0], .arrow), (ascii("FEA1") + [0], .arrow),
    (ascii("X\n") + [0, 0, 0], .rds), (ascii("B\n") + [2, 0, 0, 0], .rds), (ascii("B\n") + [3, 0, 0, 0], .rds),
    (ascii("SQLite format 3") + [0], .sqlite),
    ([0x89] + ascii("PNG\r\n") + [0x1A, 0x0A], .png), ([0xFF, 0xD8, 0xFF], .jpeg),
    (ascii("II*") + [0], .tiff), (ascii("MM") + [0] + ascii("*"), .tiff), ([0x7F] + ascii("ELF"), .elf),
    ([UInt8](repeating: 0, count: 12) + [0xC2, 0xEA, 0x81, 0x60], .sas),
    // Printable, but no beginning of a table.
    (ascii("RDX2\nX\n"), .rData), (ascii("RDX3\nX\n"), .rData), (ascii("RDX2\nB\n"), .rData),
    (ascii("RDX3\nB\n"), .rData), (ascii("RDA2\nA\n"), .rData), (ascii("RDA3\nA\n"), .rData),
    (ascii("RDB2\nB\n"), .rData), (ascii("RDB3\nB\n"), .rData),
    (ascii("BZh91AY&SY"), .bzip2), (ascii("%PDF-"), .pdf), (ascii("GIF87a"), .gif), (ascii("GIF89a"), .gif),
    (ascii("MATLAB 5.0 MAT-file"), .matlab5), (ascii("MATLAB 7.3 MAT-file"), .matlab7),
    (ascii("<stata_dta>"), .stata), (ascii("$FL2@(#)"), .spss), (ascii("$FL3@(#)"), .spss),
    (ascii("SIMPLE  =  "), .fits), (ascii("%%MatrixMarket"), .matrixMarket),
    (ascii("version https://git-lfs.github.com"), .gitPointer),
  ]

  private static func byMagic(_ head: [UInt8]) -> FileFormat? {
    if let found = magic.first(where: { head.starts(with: $0.bytes) }) { return found.format }
    // HDF5 may begin behind a block of the user's own, of 512 bytes or a power of two more.
    let signature: [UInt8] = [0x89] + ascii("HDF\r\n") + [0x1A, 0x0A]
    var place = 0
    while place < head.count {
      if head[place...].starts(with: signature) { return .hdf5 }
      place = place == 0 ? 512 : 2 * place
    }
    if head.starts(with: ascii("BZh")), head.count >= 10,
      head[4..<10].elementsEqual([0x31, 0x41, 0x59, 0x26, 0x53, 0x59])
    {
      return .bzip2
    }
    if head.count >= 262, head[257..<262].elementsEqual(ascii("ustar")) { return .tar }
    return nil
  }

  /// The kinds of zip archive, by the names of their members: at the beginning, and in the directory at the end.
  private static func insideZip(_ head: [UInt8], _ tail: [UInt8]) -> FileFormat? {
    guard head.count >= 4, head.starts(with: ascii("PK")), [[3, 4], [5, 6], [7, 8]].contains(Array(head[2..<4])) else {
      return nil
    }
    func has(_ name: String) -> Bool { contains(head, ascii(name)) || contains(tail, ascii(name)) }
    // The length of the first member's name stands at 26, the name itself at 30.
    let length = head.count >= 30 ? Int(head[26]) | Int(head[27]) << 8 : 0
    let first = String(decoding: head.dropFirst(30).prefix(length), as: UTF8.self)
    if first.hasSuffix(".npy") { return .npz }
    if has("mimetypeapplication/vnd.oasis.opendocument") { return .openDocument }
    if has("[Content_Types].xml") { return has("xl/work") ? .excel : .office }
    if has("/data.pkl") { return .torch }
    return has(".npy") ? .npz : .zip
  }

  private static func byStructure(_ head: [UInt8], _ tail: [UInt8]) -> FileFormat? {
    let isPlain = controls(head) == 0
    if head.starts(with: ascii("PAR1")), !isPlain || tail.ends(with: ascii("PAR1")) { return .parquet }
    if head.starts(with: ascii("GRIB")), !isPlain { return .grib }
    // Protocols 2 to 5: the version behind PROTO; they end with STOP.
    if head.count >= 3, head[0] == 0x80, (2...5).contains(head[1]) { return .pickle }
    // Interpreter's number, CR LF, then flags below 4.
    if head.count >= 8, head[2] == 0x0D, head[3] == 0x0A, head[4] < 4, head[5..<8].allSatisfy({ $0 == 0 }) {
      return .bytecode
    }
    if isMatlab4(head) { return .matlab4 }
    let start = head.drop { [0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF].contains($0) }.prefix(14)
    let word = String(decoding: start, as: UTF8.self).lowercased()
    return word.hasPrefix("<!doctype html") || word.hasPrefix("<html") ? .html : nil
  }

  /// Five words of 32 bits (type, rows, columns, imaginary, length of the name), then the name and a zero.
  private static func isMatlab4(_ head: [UInt8]) -> Bool {
    guard head.count >= 22 else { return false }
    for isBigEndian in [false, true] {
      let words = (0..<5).map { k in
        (0..<4).reduce(0) { $0 | Int(head[4 * k + $1]) << (8 * (isBigEndian ? 3 - $1 : $1)) }
      }
      let (type, name) = (words[0], words[4])
      guard type == (isBigEndian ? 1000 : 0) + type % 1000, (type % 1000) / 100 == 0, type % 10 <= 2,
        words[1] > 0, words[2] > 0, words[3] <= 1, (2...64).contains(name), head.count >= 20 + name,
        head[19 + name] == 0, head[20..<19 + name].allSatisfy({ $0 > 0x20 && $0 < 0x7F })
      else { continue }
      return true
    }
    return false
  }

  /// Text or not, and in which of Unicode's widths.
  private static func byCharacters(_ head: [UInt8]) -> FileFormat {
    if head.starts(with: [0xFF, 0xFE, 0, 0]) || head.starts(with: [0, 0, 0xFE, 0xFF]) { return .utf32 }
    if head.starts(with: [0xFF, 0xFE]) { return .utf16LittleEndian }
    if head.starts(with: [0xFE, 0xFF]) { return .utf16BigEndian }
    if 16 * controls(head) <= head.count { return .text }
    // Letters and digits in UTF-16 without a mark: every other byte is zero, and the rest would pass for text.
    let halves = [1, 0].map { zero in
      (
        zeros: stride(from: zero, to: head.count, by: 2).count { head[$0] == 0 },
        rest: stride(from: 1 - zero, to: head.count, by: 2).map { head[$0] }
      )
    }
    for (half, format) in Swift.zip(halves, [FileFormat.utf16LittleEndian, .utf16BigEndian])
    where head.count.isMultiple(of: 2) && 4 * half.zeros >= 3 * half.rest.count
      && 16 * controls(half.rest) <= half.rest.count
    {
      return format
    }
    return .unknown
  }

  /// The number of control characters but tabs, ends of lines and pages, and escapes.
  private static func controls(_ bytes: [UInt8]) -> Int {
    bytes.count { $0 < 0x20 && !(0x09...0x0D).contains($0) && $0 != 0x1B || $0 == 0x7F }
  }

  private static func ascii(_ text: String) -> [UInt8] { Array(text.utf8) }

  private static func contains(_ bytes: [UInt8], _ part: [UInt8]) -> Bool {
    guard bytes.count >= part.count else { return false }
    return (0...bytes.count - part.count).contains { bytes[$0] == part[0] && bytes[$0...].starts(with: part) }
  }
}

extension [UInt8] {
  fileprivate func ends(with part: [UInt8]) -> Bool { suffix(part.count).elementsEqual(part) }
}
