import Foundation

/// A new folder for a test. All of them are gone when the process ends, however the tests went; those of a process that was
/// killed go with the next.
public func temporaryFolder() throws -> String {
  let path = "\(root)/\(UUID().uuidString)"
  try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  return path
}

private let prefix = "mgf-tests-"

/// The folder of this process.
private let root: String = {
  let place = FileManager.default.temporaryDirectory
  for name in (try? FileManager.default.contentsOfDirectory(atPath: place.path())) ?? [] where name.hasPrefix(prefix) {
    guard let process = Int32(name.dropFirst(prefix.count)), kill(process, 0) != 0 else { continue }
    try? FileManager.default.removeItem(at: place.appending(path: name))
  }
  atexit { try? FileManager.default.removeItem(atPath: root) }
  return place.appending(path: "\(prefix)\(getpid())").path()
}()
