import Dynamics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A file or pipe from its first byte to its last, and what it is.
final class FileStream: ByteReader {
  let place: String
  /// Its first bytes, `FileFormat.reach` of them if it has so many.
  let head: [UInt8]
  /// What it is, by its content.
  let format: FileFormat
  /// Its bytes; nil for a pipe.
  let size: Int?
  private let stream: UnsafeMutablePointer<FILE>
  private var given = 0

  /// Opens the file at `path`. Throws `InvalidInput` when it is missing, a directory, unreadable or empty.
  init(_ path: String) throws(InvalidInput) {
    size = try InputFile.check(path)
    guard let stream = fopen(path, "r") else {
      throw InvalidInput(path, because: "it cannot be read", remedy: "check its permissions")
    }
    self.stream = stream
    place = path
    var bytes = [UInt8](repeating: 0, count: FileFormat.reach)
    let count = fread(&bytes, 1, bytes.count, stream)
    head = Array(bytes[..<count])
    var tail: [UInt8] = []
    if let size, size > count {
      var end = [UInt8](repeating: 0, count: FileFormat.reach)
      let got = pread(fileno(stream), &end, end.count, off_t(max(0, size - end.count)))
      tail = Array(end[..<max(0, got)])
    }
    format = FileFormat(head: head, tail: tail.isEmpty ? head : tail)
    guard ferror(stream) == 0 else { throw failure }
    guard count > 0 else { throw InvalidInput(path, because: "the file is empty") }
  }

  deinit { fclose(stream) }

  func read(into target: UnsafeMutableRawBufferPointer) throws(InvalidInput) -> Int {
    let known = min(target.count, head.count - given)
    target.copyBytes(from: head[given..<given + known])
    given += known
    guard known < target.count, let base = target.baseAddress else { return known }
    let count = fread(base + known, 1, target.count - known, stream)
    guard ferror(stream) == 0 else { throw failure }
    return known + count
  }

  private var failure: InvalidInput { InvalidInput(place, because: "reading it failed", remedy: "check the disk") }
}
