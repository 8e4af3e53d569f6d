import Dynamics

/// Bytes in turn: of a file, of a pipe, of what is packed in one.
protocol ByteReader: AnyObject {
  /// How messages name what is read.
  var place: String { get }

  /// Fills `target`, and returns how many bytes there were: fewer only at the end. Throws `InvalidInput`.
  func read(into target: UnsafeMutableRawBufferPointer) throws(InvalidInput) -> Int
}

extension ByteReader {
  /// The next `count` bytes, fewer at the end. Throws `InvalidInput`.
  func next(_ count: Int) throws(InvalidInput) -> [UInt8] {
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 16)
    defer { room.deallocate() }
    return try Array(room[..<read(into: room)])
  }

  /// All that is left. Throws `InvalidInput` when this is more than `limit` bytes.
  func all(upTo limit: Int) throws(InvalidInput) -> [UInt8] {
    var bytes: [UInt8] = []
    let portion = 1 << 20
    while true {
      let next = try next(portion)
      bytes.append(contentsOf: next)
      guard bytes.count <= limit else {
        throw InvalidInput(
          place, because: "it unpacks to more than \(limit >> 20) MB, which this machine has no memory for",
          remedy: "unpack it to the disk, and give large matrices as .npy with float64, which are mapped")
      }
      if next.count < portion { return bytes }
    }
  }
}
