import Dynamics

/// What a NumPy file says of the array in it (format versions 1 to 3).
///
/// Source: numpy.lib.format, "Format Version 1.0" and those after it.
struct NPYHeader {
  /// What the entries are.
  enum Kind: Character {
    case float = "f"
    case signed = "i"
    case unsigned = "u"
  }

  let kind: Kind
  /// Bytes an entry.
  let width: Int
  let isBigEndian: Bool
  /// Whether entries follow each other down the columns (Fortran order).
  let isColumnMajor: Bool
  let shape: [Int]
  /// Where the entries begin, in bytes.
  let offset: Int

  private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
  /// NumPy itself needs 128 for any array of numbers.
  private static let longest = 1 << 16

  /// Reads the header of the file at `path`. Throws `InvalidInput` when it is none, or the entries are not real numbers.
  init(contentsOf path: String) throws(InvalidInput) {
    let bytes = try InputFile.bytes(path, upTo: 12 + Self.longest)
    guard bytes.starts(with: Self.magic), bytes.count >= 8 else {
      throw InvalidInput(path, because: "it does not begin as a NumPy file does", remedy: "write it with numpy.save")
    }
    let version = Int(bytes[6])
    guard (1...3).contains(version) else {
      throw InvalidInput(
        path, because: "it is of NumPy's format version \(version).\(bytes[7])", remedy: "versions 1, 2 and 3 are read")
    }
    let start = version == 1 ? 10 : 12
    let length = bytes.dropFirst(8).prefix(start - 8).reversed().reduce(0) { $0 << 8 | Int($1) }
    guard bytes.count >= start, length <= Self.longest, bytes.count >= start + length else {
      throw InvalidInput(
        path, because: "its header is cut short or too long", remedy: "write it anew with numpy.save")
    }
    let text = String(decoding: bytes[start..<start + length], as: UTF8.self)
    guard let description = Self.value(of: "descr", in: text), let order = Self.value(of: "fortran_order", in: text),
      let isColumnMajor = order.hasPrefix("True") ? true : order.hasPrefix("False") ? false : nil,
      let shape = Self.value(of: "shape", in: text).flatMap(Self.numbers)
    else {
      throw InvalidInput(
        path, because: "its header states no type, order and shape", remedy: "write it anew with numpy.save")
    }
    let type = Self.quoted(description)
    let parts = Array(type ?? "")
    guard parts.count >= 3, "<>|=".contains(parts[0]), let kind = Kind(rawValue: parts[1]),
      let width = Int(String(parts[2...])), kind == .float ? [4, 8].contains(width) : [1, 2, 4, 8].contains(width)
    else {
      let remedy = "save real numbers: float64 (mapped), float32 or whole numbers (converted)"
      if let type {
        throw InvalidInput(
          path,
          because: parts.dropFirst().first == "O"
            ? "its entries are Python objects" : "its entries are of type \(type)",
          remedy: remedy)
      }
      throw InvalidInput(path, because: "its entries are records of several fields", remedy: remedy)
    }
    self.kind = kind
    self.width = width
    isBigEndian = parts[0] == ">"
    self.isColumnMajor = isColumnMajor
    self.shape = shape
    offset = start + length
  }

  /// What stands behind a key of the Python dictionary in `text`.
  private static func value(of key: String, in text: String) -> Substring? {
    for quote in ["'", "\""] {
      guard let found = text.firstRange(of: quote + key + quote) else { continue }
      let rest = text[found.upperBound...].drop { $0 == " " }
      guard rest.first == ":" else { return nil }
      return rest.dropFirst().drop { $0 == " " }
    }
    return nil
  }

  /// The string that `text` begins with.
  private static func quoted(_ text: Substring) -> String? {
    guard let quote = text.first, quote == "'" || quote == "\"" else { return nil }
    let inner = text.dropFirst()
    return inner.firstIndex(of: quote).map { String(inner[..<$0]) }
  }

  /// The tuple of whole numbers that `text` begins with.
  private static func numbers(_ text: Substring) -> [Int]? {
    guard text.first == "(", let end = text.firstIndex(of: ")") else { return nil }
    var result: [Int] = []
    for item in text[text.index(after: text.startIndex)..<end].split(separator: ",") {
      let digits = item.filter { $0 != " " }
      if digits.isEmpty { continue }
      guard let value = Int(digits), value >= 0 else { return nil }
      result.append(value)
    }
    return result
  }
}
