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

  /// The text in the file at `path`, unpacked when it is gzipped, and its encoding. Whatever is no text is refused by the
  /// name of its format; none of it is quoted.
  ///
  /// Throws `InvalidInput`. Complexity: O(size of the text), which is bounded by an eighth of the memory when unpacked.
  package static func text(_ path: String) throws(InvalidInput) -> (bytes: [UInt8], encoding: FileFormat) {
    let file = try FileStream(path)
    let (format, reader) = try contents(of: file)
    guard format.isText else { throw refusal(file, holding: format) }
    return (try reader.all(upTo: file.format == .gzip ? memory / 8 : .max), format)
  }

  /// What is in `file`, or in the gzip stream that it is: its format, and the reader that gives all of it.
  static func contents(
    of file: FileStream
  ) throws(InvalidInput) -> (format: FileFormat, reader: any ByteReader) {
    guard file.format == .gzip else { return (file.format, file) }
    let unpacked = try PeekedReader(GzipStream(file), FileFormat.reach)
    guard !unpacked.head.isEmpty else {
      throw InvalidInput(file.place, because: "it is a gzip file that holds nothing")
    }
    return (FileFormat(head: unpacked.head, tail: unpacked.head), unpacked)
  }

  /// Why `file` is not read, whose content (unpacked) is of this format.
  static func refusal(_ file: FileStream, holding format: FileFormat) -> InvalidInput {
    let isPacked = file.format == .gzip
    let isPackedTwice = isPacked && [.gzip, .zip, .npz].contains(format)
    return InvalidInput(
      file.place, because: "it is \(isPacked ? "a gzip file that holds " : "")\(format.rawValue)",
      remedy: isPackedTwice
        ? "unpack it"
        : isPacked && !format.isReadable && format != .unknown ? "unpack it; then \(format.remedy)" : format.remedy)
  }

  /// Whether anything is at `path`.
  static func exists(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0
  }

  /// The bytes of memory that this machine has, or that the process may have (`ulimit -v`) if that is less.
  package static var memory: Int {
    let machine = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
    var limit = rlimit()
    #if canImport(Glibc)
      let code = getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
    #else
      let code = getrlimit(RLIMIT_AS, &limit)
    #endif
    return code == 0 ? min(machine, Int(clamping: limit.rlim_cur)) : machine
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
