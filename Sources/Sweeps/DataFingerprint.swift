import Dynamics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension Study {
  /// The files that the data and the start come from.
  var dataFiles: [String] {
    var files: [String] = []
    switch source {
    case .table(let path, _, _, _): files = [path]
    case .matrices(let design, let response, let truth, _): files = [design, response] + (truth.map { [$0] } ?? [])
    case .gaussian, .preset: break
    }
    if let start { files += [start.u, start.v] }
    return files
  }

  /// A number that tells the contents of the data files (FNV-1a over all of them, one after another); empty without any.
  /// Throws `InvalidInput`. Complexity: O(bytes) time, O(1) memory.
  func dataFingerprint() throws(InvalidInput) -> String {
    guard !dataFiles.isEmpty else { return "" }
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
    defer { buffer.deallocate() }
    for file in dataFiles {
      let unreadable = InvalidInput(
        Message(file), because: "it cannot be read", remedy: "check its name and permissions")
      let descriptor = open(file, O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 else { throw unreadable }
      defer { close(descriptor) }
      while true {
        let count = read(descriptor, buffer.baseAddress, buffer.count)
        if count < 0, errno == EINTR { continue }
        guard count >= 0 else { throw unreadable }
        guard count > 0 else { break }
        for byte in buffer.prefix(count) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
      }
    }
    return String(hash, radix: 16)
  }
}
