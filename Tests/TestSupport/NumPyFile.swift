import Foundation

/// NumPy files made by hand, byte by byte, right and wrong ones.
public enum NumPyFile {
  /// A file whose header says what it is told, padded with blanks so that the entries begin at a multiple of `alignment`.
  public static func bytes(
    type: String = "'<f8'", columnMajor: Bool = false, shape: String, version: UInt8 = 1, alignment: Int = 64,
    entries: [UInt8]
  ) -> [UInt8] {
    let text = "{'descr': \(type), 'fortran_order': \(columnMajor ? "True" : "False"), 'shape': \(shape), }"
    let prelude = version == 1 ? 10 : 12
    let total = (prelude + text.utf8.count + 1 + alignment - 1) / alignment * alignment
    let length = total - prelude
    var result: [UInt8] = [0x93] + Array("NUMPY".utf8) + [version, 0]
    for k in 0..<prelude - 8 { result.append(UInt8(length >> (8 * k) & 255)) }
    result += Array(text.utf8) + [UInt8](repeating: 0x20, count: length - text.utf8.count - 1) + [0x0A]
    return result + entries
  }

  /// Little-endian float64.
  public static func doubles(_ values: [Double]) -> [UInt8] { values.flatMap { words($0.bitPattern) } }

  /// A whole number's bytes, the least first.
  public static func words(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }

  /// Writes `bytes` to a new file; its path.
  public static func write(_ bytes: [UInt8]) throws -> String {
    let path = try temporaryFolder() + "/a.npy"
    try Data(bytes).write(to: URL(filePath: path))
    return path
  }
}
