import FoundationEssentials

/// Files that exist for a moment.
enum TemporaryFile {
  /// A new name where temporary files go.
  static func path(_ ending: String) -> String {
    let folder = FileManager.default.temporaryDirectory.path
    let name = "mgf-\(UInt64.random(in: 0 ... .max))\(ending)"
    return folder.hasSuffix("/") ? folder + name : folder + "/" + name
  }

  /// Removes it if it is there.
  static func remove(_ path: String) { try? FileManager.default.removeItem(atPath: path) }
}
