import ArgumentParser
import Foundation

/// Goes through the targets in turn, as long or as far as it is told.
package struct Fuzz: ParsableCommand {
  package static let configuration = CommandConfiguration(abstract: "Look for inputs that are treated wrongly.")

  @Option(help: "Seconds for all targets together.") var seconds: Double = 60
  @Option(help: "Inputs of each target; then --seconds does not count.") var inputs: UInt64?
  @Option(help: "The seed of all inputs (default: one of the clock's).") var seed: UInt64?
  @Option(help: "The number of the first input.") var from: UInt64 = 0
  @Option(help: "Some targets only, separated by commas.") var targets: String?
  @Option(help: "Where failures are kept.") var failures = "fuzz-failures"
  /// Different ones of a target after which it is left.
  private static let enough = 20

  /// The tool beside this program.
  package static var tool: String? {
    guard let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else { return nil }
    let path = URL(filePath: own).deletingLastPathComponent().appending(path: "mgf").path()
    return FileManager.default.isExecutableFile(atPath: path) ? path : nil
  }

  /// A new folder, in memory where that can be.
  static func folder() throws -> String {
    let parent = FileManager.default.isWritableFile(atPath: "/dev/shm") ? "/dev/shm" : NSTemporaryDirectory()
    let path = "\(parent)/mgf-fuzz-\(ProcessInfo.processInfo.processIdentifier)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return path
  }

  package init() {}

  package func run() throws {
    let seed = seed ?? UInt64(Date.now.timeIntervalSince1970)
    let names = targets?.split(separator: ",").map(String.init) ?? fuzzTargets.map { $0.name }
    if let name = names.first(where: { name in !fuzzTargets.contains { $0.name == name } }) {
      throw ValidationError(
        "there is no target \(name); choose among \(fuzzTargets.map { $0.name }.joined(separator: ", "))")
    }
    say("seed \(seed)")
    let folder = try Self.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var failed = 0
    let start = ContinuousClock.now
    for (k, name) in names.enumerated() {
      // What one target leaves of its time goes to the others.
      let left = seconds - (ContinuousClock.now - start) / .seconds(1)
      let share = inputs == nil ? max(0.5, left / Double(names.count - k)) : 1e9
      let hunt = Hunt(
        name: name, seed: seed, folder: folder, failures: failures,
        deadline: .now + .milliseconds(Int(share * 1000)), first: from, last: inputs.map { from + $0 })
      failed += try hunt.run(upTo: Self.enough)
    }
    if failed > 0 { throw ExitCode(1) }
  }
}

/// Prints a line at once, even into a pipe.
func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }
