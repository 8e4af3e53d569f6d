import Dynamics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Reads whole input files, pipes included, turning every failure into one clear message.
package enum InputFile {
  /// Throws `InvalidInput` when the file at `path` is missing or a directory; its size in bytes, nil when it has none of
  /// its own (a pipe).
  @discardableResult
  package static func check(_ path: String) throws(InvalidInput) -> Int? {
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw InvalidInput(
        path, because: errno == ENOENT ? "there is no such file" : String(cString: strerror(errno)),
        remedy: "check the path")
    }
    guard status.st_mode & S_IFMT != S_IFDIR else {
      throw InvalidInput(path, because: "it is a directory", remedy: "give the file inside it")
    }
    return status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : nil
  }

  /// The bytes of the file at `path`, the first `limit` if it has more. Throws `InvalidInput` when it is missing, a
  /// directory, unreadable or empty.
  static func bytes(_ path: String, upTo limit: Int = .max) throws(InvalidInput) -> [UInt8] {
    try check(path)
    guard let stream = fopen(path, "r") else {
      throw InvalidInput(path, because: "it cannot be read", remedy: "check its permissions")
    }
    defer { fclose(stream) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.count < limit {
      let count = fread(&buffer, 1, min(buffer.count, limit - bytes.count), stream)
      guard count > 0 else { break }
      bytes.append(contentsOf: buffer[..<count])
    }
    guard ferror(stream) == 0 else {
      throw InvalidInput(path, because: "reading it failed", remedy: "check the disk")
    }
    guard !bytes.isEmpty else {
      throw InvalidInput(path, because: "the file is empty")
    }
    return bytes
  }
}
