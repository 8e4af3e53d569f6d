import Dynamics

/// What a NumPy file says of the array in it (format versions 1 to 3).
///
/// Source: numpy.lib.format, "Format Version 1.0" and those after it.
package struct NPYHeader {
  /// What the entries are.
  enum Kind: Character {
    case float = "f"
    case signed = "i"
    case unsigned = "u"
    case boolean = "b"

    /// The bytes that an entry may have; floats of 12 and 16 are x86's of 80 bits.
    fileprivate var widths: [Int] {
      switch self {
      case .float: [2, 4, 8, 12, 16]
      case .signed, .unsigned: [1, 2, 4, 8]
      case .boolean: [1]
      }
    }
  }

  let kind: Kind
  /// Bytes an entry.
  package let width: Int
  let isBigEndian: Bool
  /// Whether entries follow each other down the columns (Fortran order).
  package let isColumnMajor: Bool
  package let shape: [Int]
  /// Where the entries begin, in bytes.
  package let offset: Int

  /// NumPy itself needs 128 for any array of numbers.
  private static let longest = 1 << 16
  /// No header is longer than this, its beginning included.
  static let reach = 12 + longest

  /// The number of entries, and the bytes of the file that end with the last of them. Throws `InvalidInput` for an
  /// empty array, and for one that no file of `size` bytes holds (nil: not known).
  func extent(_ place: String, size: Int?) throws(InvalidInput) -> (count: Int, bytes: Int) {
    let text = NPYFile.text(shape)
    guard !shape.contains(0) else { throw InvalidInput(place, because: "it is empty: its shape is \(text)") }
    var (needed, overflows) = (width, false)
    for extent in shape {
      let product = needed.multipliedReportingOverflow(by: extent)
      (needed, overflows) = (product.partialValue, overflows || product.overflow)
    }
    let total = needed.addingReportingOverflow(offset)
    guard !overflows, !total.overflow, total.partialValue <= size ?? .max else {
      throw InvalidInput(
        place, because: "it is cut short: \(size.map { "\($0)" } ?? "its") bytes do not hold an array of shape \(text)",
        remedy: "copy or write it anew")
    }
    guard size == nil || size == total.partialValue else {
      throw InvalidInput(
        place, because: "\((size ?? 0) - total.partialValue) bytes follow its array of shape \(text)",
        remedy: "save one array a file")
    }
    return (needed / width, total.partialValue)
  }

  /// Reads the header at the beginning of `bytes`, `reach` of them if there are so many; `place` names them in messages.
  /// Throws `InvalidInput` when it is none, or the entries are not real numbers.
  init(_ bytes: [UInt8], _ place: String) throws(InvalidInput) {
    guard bytes.starts(with: [0x93] + Array("NUMPY".utf8)), bytes.count >= 8 else {
      throw InvalidInput(place, because: "it does not begin as a NumPy file does", remedy: "write it with numpy.save")
    }
    let version = Int(bytes[6])
    guard (1...3).contains(version) else {
      throw InvalidInput(
        place, because: "it is of NumPy's format version \(version).\(bytes[7])", remedy: "versions 1, 2 and 3 are read"
      )
    }
    let start = version == 1 ? 10 : 12
    let length = bytes.dropFirst(8).prefix(start - 8).reversed().reduce(0) { $0 << 8 | Int($1) }
    guard bytes.count >= start, length <= Self.longest, bytes.count >= start + length else {
      throw InvalidInput(
        place, because: "its header is cut short or too long", remedy: "write it anew with numpy.save")
    }
    let entries = PythonDictionary(bytes[start..<start + length])
    guard let entries, Set(entries.values.keys) == ["descr", "fortran_order", "shape"],
      let description = entries.values["descr"], let order = entries.values["fortran_order"],
      let isColumnMajor = order == "True" ? true : order == "False" ? false : nil,
      let shape = entries.values["shape"].flatMap(PythonDictionary.numbers)
    else {
      throw InvalidInput(
        place, because: "its header states no type, order and shape", remedy: "write it anew with numpy.save")
    }
    let type = PythonDictionary.string(description)
    let parts = Array(type ?? "")
    guard parts.count >= 3, "<>|=".contains(parts[0]), let kind = Kind(rawValue: parts[1]),
      let width = Int(String(parts[2...])), kind.widths.contains(width)
    else {
      throw InvalidInput(
        place, because: Self.reason(type, parts),
        remedy: "save real numbers: float64 (mapped), other floats, whole numbers or truth values (converted)")
    }
    self.kind = kind
    self.width = width
    isBigEndian = parts[0] == ">" || parts[0] == "=" && 1.bigEndian == 1
    self.isColumnMajor = isColumnMajor
    self.shape = shape
    offset = start + length
  }

  private static func reason(_ type: String?, _ parts: [Character]) -> String {
    guard let type, parts.count > 1 else { return "its entries are records of several fields" }
    let what: String? =
      switch parts[1] {
      case "O": "Python objects"
      case "c": "complex numbers"
      case "U", "S", "a", "T": "text"
      case "V": "raw bytes"
      case "M": "dates"
      case "m": "spans of time"
      default: nil
      }
    return "its entries are " + (what.map { "\($0), " } ?? "") + "of type \(type)"
  }
}
