import Dynamics
import Foundation

/// The file that the name of a store means: always that very file, whatever SQLite takes names such as `:memory:`,
/// `file:s.sqlite?mode=memory` or an empty one for.
enum StoreFile {
  /// Throws `InvalidInput` for a name that is none, or means something that is no plain file.
  static func check(_ name: String) throws(InvalidInput) {
    func refuse(_ reason: Message) -> InvalidInput {
      InvalidInput(
        Message("the store \"\(printable(name))\""), because: reason, remedy: "name a file, such as study.sqlite")
    }
    guard !name.isEmpty else { throw refuse("the name is empty") }
    guard !name.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7f }) else {
      throw refuse("the name has a line break or another control character")
    }
    guard !name.hasSuffix("/") else { throw refuse("it is the name of a folder") }
    var status = stat()
    // What is not there, or cannot be looked at, is told when it is opened.
    guard stat(name, &status) == 0, status.st_mode & S_IFMT != S_IFREG else { return }
    throw refuse(status.st_mode & S_IFMT == S_IFDIR ? "it is a folder" : "it is no plain file")
  }

  /// The name as SQLite is to be given it: from the root, where no prefix means anything.
  static func absolute(_ name: String) -> String {
    name.hasPrefix("/") ? name : FileManager.default.currentDirectoryPath + "/" + name
  }

  private static func printable(_ name: String) -> String {
    String(String.UnicodeScalarView(name.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7f ? "\u{FFFD}" : $0 }))
  }
}
