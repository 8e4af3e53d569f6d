import Dynamics

/// A NumPy file: its header, and its entries as they lie in the file, mapped.
package struct NPYFile {
  package let header: NPYHeader
  package let path: String
  package let file: MappedFile

  /// The number of entries.
  package let count: Int

  /// Maps the file at `path`. Throws `InvalidInput` when its size is not what its header says, among others.
  package init(contentsOf path: String) throws(InvalidInput) {
    guard let size = try InputFile.check(path) else {
      throw InvalidInput(path, because: "a pipe cannot be mapped", remedy: "give a file on a disk")
    }
    header = try NPYHeader(InputFile.bytes(path, upTo: NPYHeader.reach), path)
    self.path = path
    let extent = try header.extent(path, size: size)
    count = extent.count
    file = try MappedFile(path, count: size)
    try checkLongDoubles()
  }

  /// Unpacks what `reader` gives into memory. Throws `InvalidInput`, among others when the memory is too small.
  init(_ reader: any ByteReader) throws(InvalidInput) {
    let reader = try PeekedReader(reader, NPYHeader.reach)
    path = reader.place
    header = try NPYHeader(reader.head, path)
    let extent = try header.extent(path, size: nil)
    guard extent.bytes <= InputFile.memory / 2 else {
      throw InvalidInput(
        path, because: "it unpacks to \(extent.bytes >> 20) MB, which this machine has no memory for",
        remedy: "unpack it to the disk: .npy with little-endian float64 in C order is mapped")
    }
    count = extent.count
    file = try MappedFile(reader, count: extent.bytes)
    try checkLongDoubles()
  }

  /// A shape as Python writes it.
  package static func text(_ shape: [Int]) -> String {
    "(" + shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? ",)" : ")")
  }

  /// Where the entries lie, when they are doubles as this machine has them.
  package var doubles: UnsafePointer<Double>? {
    guard header.kind == .float, header.width == 8, header.isBigEndian == (1.bigEndian == 1),
      header.offset.isMultiple(of: 8)
    else { return nil }
    return (file.base + header.offset).assumingMemoryBound(to: Double.self)
  }

  /// Entry number `index`, in the order of the file; nil for a whole number that no double equals.
  package func number(_ index: Int) -> Double? {
    let place = file.base + header.offset + index * header.width
    switch (header.kind, header.width) {
    case (.float, 2): return Double(Float16(bitPattern: word(place, UInt16.self)))
    case (.float, 12), (.float, 16): return longDouble(index)
    case (.boolean, _): return word(place, UInt8.self) == 0 ? 0 : 1
    case (.float, 4): return Double(Float(bitPattern: word(place, UInt32.self)))
    case (.float, _): return Double(bitPattern: word(place, UInt64.self))
    case (.signed, 1): return Double(word(place, Int8.self))
    case (.signed, 2): return Double(word(place, Int16.self))
    case (.signed, 4): return Double(word(place, Int32.self))
    case (.signed, _): return Double(exactly: word(place, Int64.self))
    case (.unsigned, 1): return Double(word(place, UInt8.self))
    case (.unsigned, 2): return Double(word(place, UInt16.self))
    case (.unsigned, 4): return Double(word(place, UInt32.self))
    case (.unsigned, _): return Double(exactly: word(place, UInt64.self))
    }
  }

  private func word<Word: FixedWidthInteger & BitwiseCopyable>(_ place: UnsafeRawPointer, _: Word.Type) -> Word {
    let word = place.loadUnaligned(as: Word.self)
    return header.isBigEndian ? Word(bigEndian: word) : Word(littleEndian: word)
  }

  /// All entries of a vector (one dimension, or one column). Throws `InvalidInput` when one is not finite.
  func column() throws(InvalidInput) -> [Double] {
    guard header.shape.count == 1 || header.shape.count == 2 && header.shape[1] == 1 else {
      throw InvalidInput(
        path, because: "its shape is \(Self.text(header.shape))", remedy: "one dimension, or one column, is needed")
    }
    guard 16 * Double(count) <= Double(InputFile.memory) else {
      throw InvalidInput(path, because: "this machine has no memory for its \(count) entries")
    }
    var values: [Double] = []
    values.reserveCapacity(count)
    for index in 0..<count {
      guard let value = number(index), value.isFinite else { throw unusable(number(index), "entry [\(index)]") }
      values.append(value)
    }
    return values
  }

  /// What is wrong with an entry.
  package func unusable(_ value: Double?, _ place: String) -> InvalidInput {
    InvalidInput(
      "\(path), \(place) (counted from 0)",
      because: value.map { "\($0) is not a finite number" } ?? "no double equals this whole number",
      remedy: "give finite numbers, or remove the row or column")
  }
}
