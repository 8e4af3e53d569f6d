import CZlib
import Dynamics

/// What a gzip file holds: its members one after the other, lengths and check sums verified.
///
/// Memory: one buffer of input and zlib's window, whatever it unpacks to. Source: RFC 1952.
final class GzipStream: ByteReader {
  let place: String
  private let source: any ByteReader
  // zlib keeps the address.
  private let state = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
  private let input = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
  private var isOpen = false
  private var isFinished = false

  /// Unpacks `source` as it is read. Throws `InvalidInput` when there is no memory for it.
  init(_ source: any ByteReader) throws(InvalidInput) {
    self.source = source
    place = source.place
    state.initialize(to: z_stream())
    guard mgf_inflate_gzip(state) == Z_OK else {
      throw InvalidInput(place, because: "there is no memory to unpack it")
    }
    isOpen = true
  }

  deinit {
    if isOpen { inflateEnd(state) }
    state.deallocate()
    input.deallocate()
  }

  func read(into target: UnsafeMutableRawBufferPointer) throws(InvalidInput) -> Int {
    guard let base = target.baseAddress else { return 0 }
    var filled = 0
    while filled < target.count, !isFinished {
      if state.pointee.avail_in == 0 { try refill() }
      guard state.pointee.avail_in > 0 else {
        throw InvalidInput(place, because: "it is cut short: the gzip stream has no end", remedy: "copy it anew")
      }
      let room = min(target.count - filled, 1 << 30)
      state.pointee.next_out = (base + filled).assumingMemoryBound(to: UInt8.self)
      state.pointee.avail_out = UInt32(room)
      let code = inflate(state, Z_NO_FLUSH)
      filled += room - Int(state.pointee.avail_out)
      switch code {
      case Z_OK, Z_BUF_ERROR: continue
      case Z_STREAM_END: try startNextMember()
      default:
        let detail = state.pointee.msg.map { String(cString: $0) } ?? "code \(code)"
        throw InvalidInput(place, because: "the gzip stream is damaged (\(detail))", remedy: "copy it anew")
      }
    }
    return filled
  }

  private func refill() throws(InvalidInput) {
    let count = try source.read(into: input)
    state.pointee.next_in = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
    state.pointee.avail_in = UInt32(count)
  }

  /// Behind a member: another one, or nothing but zeros to the end.
  private func startNextMember() throws(InvalidInput) {
    if state.pointee.avail_in == 0 { try refill() }
    if state.pointee.avail_in > 0, state.pointee.next_in.pointee == 0x1F {
      inflateReset(state)
      return
    }
    isFinished = true
    while state.pointee.avail_in > 0 {
      let rest = UnsafeBufferPointer(start: state.pointee.next_in, count: Int(state.pointee.avail_in))
      guard rest.allSatisfy({ $0 == 0 }) else {
        throw InvalidInput(place, because: "something else follows its gzip stream", remedy: "copy or pack it anew")
      }
      try refill()
    }
  }
}
