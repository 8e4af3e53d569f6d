/// Packed files, composed byte by byte without compressing anything: gzip (RFC 1952) and zip (APPNOTE 6.3).
enum Packing {
  /// A gzip file with one stored block.
  static func gzip(_ bytes: [UInt8]) -> [UInt8] {
    precondition(bytes.count < 65536)
    let size = UInt16(bytes.count)
    return [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1] + little(size) + little(~size) + bytes + little(checkSum(bytes))
      + little(UInt32(bytes.count))
  }

  /// A zip archive of stored members, such as numpy.savez writes.
  static func zip(_ members: [(name: String, bytes: [UInt8])]) -> [UInt8] {
    var (archive, directory): ([UInt8], [UInt8]) = ([], [])
    for (name, bytes) in members {
      let common =
        little(UInt16(20)) + [UInt8](repeating: 0, count: 8) + little(checkSum(bytes)) + little(UInt32(bytes.count))
        + little(UInt32(bytes.count)) + little(UInt16(name.utf8.count)) + [0, 0]
      directory +=
        [0x50, 0x4b, 1, 2, 20, 0] + common + [UInt8](repeating: 0, count: 10) + little(UInt32(archive.count))
      directory += Array(name.utf8)
      archive += [0x50, 0x4b, 3, 4] + common + Array(name.utf8) + bytes
    }
    let count = little(UInt16(members.count))
    return archive + directory + [0x50, 0x4b, 5, 6, 0, 0, 0, 0] + count + count + little(UInt32(directory.count))
      + little(UInt32(archive.count)) + [0, 0]
  }

  /// CRC-32 as both use it.
  static func checkSum(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(0xffff_ffff) { sum, byte in
      (0..<8).reduce(sum ^ UInt32(byte)) { rest, _ in rest & 1 == 1 ? rest >> 1 ^ 0xedb8_8320 : rest >> 1 }
    }
  }

  private static func little(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }
}
