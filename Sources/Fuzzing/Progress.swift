import Foundation

/// Where a worker is, in memory that it shares with the process that watches it: what it was at when it died is known.
struct Progress: @unchecked Sendable {
  /// The input that is being judged, how many were accepted and how many refused.
  private let words: UnsafeMutablePointer<UInt64>

  /// Maps the file at `path`, making it when it is not there. Throws `Finding`.
  init(at path: String) throws {
    let descriptor = open(path, O_RDWR | O_CREAT, 0o600)
    defer { close(descriptor) }
    guard descriptor >= 0, ftruncate(descriptor, 24) == 0,
      let memory = mmap(nil, 24, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0), memory != MAP_FAILED
    else { throw Finding("\(path) cannot be mapped") }
    words = memory.bindMemory(to: UInt64.self, capacity: 3)
  }

  var index: UInt64 {
    get { words[0] }
    nonmutating set { words[0] = newValue }
  }

  var counts: (accepted: UInt64, refused: UInt64) {
    get { (words[1], words[2]) }
    nonmutating set { (words[1], words[2]) = newValue }
  }
}
