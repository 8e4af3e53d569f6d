import Dynamics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The right to write to a store, held by one process at a time and given back by the system when that ends, however it does.
public final class StoreLock {
  private let descriptor: CInt

  /// Throws `InvalidInput` when another process holds it.
  init(_ store: String) throws(InvalidInput) {
    let path = Self.path(store)
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw InvalidInput(
        store, because: "its lock file \(path) cannot be made: \(String(cString: strerror(errno)))",
        remedy: "name a store in a folder that exists and can be written to")
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      throw InvalidInput(
        store, because: "another process is writing to this store",
        remedy: "wait for it (mgf sweep status \(store)), or name another store")
    }
  }

  deinit { close(descriptor) }

  /// Beside the file itself, whatever link it was named by.
  private static func path(_ store: String) -> String {
    guard let resolved = realpath(store, nil) else { return store + ".lock" }
    defer { free(resolved) }
    return String(cString: resolved) + ".lock"
  }

  /// Whether some process is writing to a store.
  public static func isHeld(_ store: String) -> Bool {
    let descriptor = open(path(store), O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    guard flock(descriptor, LOCK_SH | LOCK_NB) == 0 else { return true }
    return false
  }
}
