import Dynamics

/// Another reader's bytes, the first of which have been looked at.
final class PeekedReader: ByteReader {
  /// The first bytes.
  let head: [UInt8]
  private let source: any ByteReader
  private var given = 0

  var place: String { source.place }

  /// Looks at the next `count` bytes of `source`. Throws `InvalidInput`.
  init(_ source: any ByteReader, _ count: Int) throws(InvalidInput) {
    self.source = source
    head = try source.next(count)
  }

  func read(into target: UnsafeMutableRawBufferPointer) throws(InvalidInput) -> Int {
    let known = min(target.count, head.count - given)
    target.copyBytes(from: head[given..<given + known])
    given += known
    guard known < target.count else { return known }
    return known + (try source.read(into: UnsafeMutableRawBufferPointer(rebasing: target[known...])))
  }
}
