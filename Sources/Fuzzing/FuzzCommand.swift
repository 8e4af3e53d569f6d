import ArgumentParser
import Experiments
import Foundation

/// `make fuzz`: random inputs for everything that reads something. The inputs are a function of the seed and their number
/// alone; they are judged in processes of their own, so that a crash or a run without end names its input, which is then made
/// smaller and kept.
@main
struct FuzzCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mgf-fuzz", abstract: "Random inputs for what mgf reads.",
    subcommands: [Worker.self, Judge.self, Fuzz.self],
    defaultSubcommand: Fuzz.self)
}

/// Judges files that were kept.
struct Judge: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Judge files again, such as those under fuzz-failures.")

  @Argument(help: "The target.") var target: String
  @Argument(help: "The files.") var files: [String]

  func run() throws {
    guard let type = fuzzTargets.first(where: { $0.name == target }) else {
      throw ValidationError(
        "there is no target \(target); choose among \(fuzzTargets.map { $0.name }.joined(separator: ", "))")
    }
    prepareLibraries()
    let judging = try type.init(tool: Fuzz.tool)
    let folder = try Fuzz.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for file in files {
      guard let input = FileManager.default.contents(atPath: file) else {
        throw ValidationError("\(file) cannot be read")
      }
      print("\(file): \(try judging.judge(Array(input), in: folder) ? "accepted" : "refused")")
    }
  }
}
