import Dynamics
import FoundationEssentials

/// Reads whole input files, turning every failure into one clear message.
enum InputFile {
  /// The bytes of the file at `path`. Throws `InvalidInput` when it is missing, a directory, unreadable or empty.
  static func bytes(_ path: String) throws(InvalidInput) -> [UInt8] {
    var isDirectory = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
      throw InvalidInput(path, because: "there is no such file", remedy: "check the path")
    }
    guard !isDirectory else {
      throw InvalidInput(path, because: "it is a directory", remedy: "give the file inside it")
    }
    let data: Data
    do {
      data = try Data(contentsOf: URL(filePath: path))
    } catch {
      throw InvalidInput(path, because: "it cannot be read", remedy: "check its permissions")
    }
    guard !data.isEmpty else {
      throw InvalidInput(path, because: "the file is empty")
    }
    return [UInt8](data)
  }
}
