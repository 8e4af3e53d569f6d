import Dynamics

/// A NumPy archive: arrays by name, in a zip archive whose members are NumPy files.
struct NPZFile {
  private let archive: ZipArchive
  /// The arrays: their names, and the numbers of their members.
  private let arrays: [(name: String, index: Int)]

  /// Opens the archive at `path`. Throws `InvalidInput`.
  init(_ path: String) throws(InvalidInput) {
    archive = try ZipArchive(path)
    arrays = archive.names.enumerated().filter { $0.element.hasSuffix(".npy") }.map {
      (String($0.element.dropLast(4)), $0.offset)
    }
    guard !arrays.isEmpty else {
      throw InvalidInput(path, because: "it holds no NumPy array", remedy: "write it with numpy.savez")
    }
  }

  /// The array of this name; without one the only array that `isWanted` by its shape, which `what` describes, or else that
  /// `isTaken`. Throws `InvalidInput` when there is none, or several, or it is no array of real numbers.
  func array(
    _ name: String?, _ what: String, where isWanted: ([Int]) -> Bool, orElse isTaken: ([Int]) -> Bool
  ) throws(InvalidInput) -> NPYFile {
    let path = archive.path
    let all = arrays.map(\.name).joined(separator: ", ")
    if let name {
      let named = arrays.filter { $0.name == name || $0.name + ".npy" == name }
      guard let found = named.first else {
        throw InvalidInput("\(path):\(name)", because: "the archive has no array of that name", remedy: "it has \(all)")
      }
      guard named.count == 1 else {
        throw InvalidInput("\(path):\(name)", because: "the archive has that name twice", remedy: "write it anew")
      }
      return try NPYFile(archive.member(found.index))
    }
    if arrays.count == 1 { return try NPYFile(archive.member(arrays[0].index)) }
    var shapes: [(name: String, index: Int, shape: [Int])] = []
    for (name, index) in arrays {
      let member = try archive.member(index)
      // What is no array of numbers is not what is looked for.
      let bytes = try member.next(NPYHeader.reach)
      guard let header = try? NPYHeader(bytes, member.place) else { continue }
      shapes.append((name, index, header.shape))
    }
    var fitting = shapes.filter { isWanted($0.shape) }
    if fitting.isEmpty { fitting = shapes.filter { isTaken($0.shape) } }
    guard fitting.count == 1 else {
      let plural = what.replacing("array", with: "arrays", maxReplacements: 1)
      throw InvalidInput(
        path,
        because: fitting.isEmpty
          ? "it holds no \(what)" : "it holds several \(plural): \(fitting.map(\.name).joined(separator: ", "))",
        remedy: "say which array, as in \(path):\(fitting.first?.name ?? arrays[0].name)"
          + (fitting.isEmpty ? "; it has \(all)" : ""))
    }
    return try NPYFile(archive.member(fitting[0].index))
  }
}
