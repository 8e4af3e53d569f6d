#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Files that appear under their name only when complete: written beside it under a temporary name, synchronised to
/// the disk, then renamed.
public enum OutputFile {
  /// Checks, before any work, that `path` can be written: its directory exists and is writable, its ending is one of
  /// `endings`, and it does not exist yet unless `force`. Throws `ExportError` of kind `.unusable`.
  public static func check(_ path: String, endings: [String], force: Bool) throws(ExportError) {
    guard endings.contains(where: { path.hasSuffix($0) && path.count > $0.count }) else {
      throw ExportError(.unusable, path, "the name must end in \(endings.joined(separator: " or "))")
    }
    let (directory, _) = split(path)
    var status = stat()
    guard stat(directory, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      throw ExportError(.unusable, path, "the directory \(directory) does not exist; create it first")
    }
    guard access(directory, W_OK) == 0 else {
      throw ExportError(.unusable, path, "the directory \(directory) is not writable; choose another")
    }
    // Not stat: a link that points nowhere exists too.
    guard lstat(path, &status) == 0 else { return }
    guard status.st_mode & S_IFMT != S_IFDIR else {
      throw ExportError(.unusable, path, "it is a directory; give the name of a file")
    }
    guard force else {
      throw ExportError(.exists, path, "the file exists")
    }
  }

  /// Calls `body` with a temporary path in the same directory and moves what it wrote to `path`.
  ///
  /// Throws `ExportError` of kind `.failed`; nothing is then left under either name.
  public static func write(_ path: String, _ body: (String) throws(ExportError) -> Void) throws(ExportError) {
    let (directory, name) = split(path)
    // The ending stays last: gnuplot and NetCDF tools look at it.
    let temporary = "\(directory)/.writing-\(getpid())-\(name)"
    do throws(ExportError) {
      try body(temporary)
      try synchronise(temporary, as: path)
      guard rename(temporary, path) == 0 else {
        throw ExportError(.failed, path, "it cannot be put in place: \(lastError())")
      }
    } catch {
      unlink(temporary)
      throw ExportError(error.kind, path, error.reason)
    }
  }

  /// Writes text to `path` in place of what was there, through a temporary name.
  public static func write(text: String, to path: String) throws(ExportError) {
    try write(path) { temporary throws(ExportError) in
      let writer = try FileWriter(temporary)
      writer.put(text)
      try writer.close()
    }
  }

  private static func synchronise(_ temporary: String, as path: String) throws(ExportError) {
    let descriptor = open(temporary, O_RDONLY)
    guard descriptor >= 0 else {
      throw ExportError(.failed, path, "nothing was written: \(lastError())")
    }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else {
      throw ExportError(.failed, path, "it cannot be written to the disk: \(lastError())")
    }
  }

  private static func split(_ path: String) -> (directory: String, name: String) {
    guard let slash = path.lastIndex(of: "/") else { return (".", path) }
    let directory = String(path[..<slash])
    return (directory.isEmpty ? "/" : directory, String(path[path.index(after: slash)...]))
  }

  static func lastError() -> String { String(cString: strerror(errno)) }
}
