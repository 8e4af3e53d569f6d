import Foundation
import TestSupport
import Testing

/// The built `mgf`, run as a user would run it.
enum Tool {
  struct Result {
    let code: Int32
    let out: String
    let err: String

    /// Standard output as one JSON object.
    var json: [String: Any] {
      (try? JSONSerialization.jsonObject(with: Data(out.utf8))) as? [String: Any] ?? [:]
    }
  }

  /// Beside the test bundle, where the package manager puts executables.
  static let path: String = {
    let bundle = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return URL(filePath: bundle).deletingLastPathComponent().appending(path: "mgf").path()
  }()

  /// A new folder for one test.
  static func folder() throws -> String { try temporaryFolder() }

  static func write(_ text: String, _ path: String) throws {
    try Data(text.utf8).write(to: URL(filePath: path))
  }

  /// Runs `mgf` with `arguments` in `directory`.
  static func run(_ arguments: [String], in directory: String = checkout) throws -> Result {
    try run(path, arguments, in: directory)
  }

  /// Runs a line of shell in which `mgf` is the built tool.
  static func shell(_ line: String, in directory: String = checkout) throws -> Result {
    // Whatever hangs must not hang the suite.
    try run("/usr/bin/timeout", ["-s", "KILL", "100", "/bin/bash", "-c", line], in: directory)
  }

  /// The store without the program's commit, timings, dates and host, a line each run.
  static func results(_ place: String, _ store: String) throws -> [String] {
    let export = try run("sweep export \(store) \(store).csv --force".words, in: place)
    #expect(export.code == 0, "\(export.err)")
    let lines = try String(contentsOfFile: "\(place)/\(store).csv", encoding: .utf8).split(separator: "\n")
    return lines.map { line in
      // These are the last four columns, and none is quoted.
      line.split(separator: ",", omittingEmptySubsequences: false).dropLast(4).joined(separator: ",")
    }
  }

  private static func run(_ program: String, _ arguments: [String], in directory: String) throws -> Result {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    process.currentDirectoryURL = URL(filePath: directory)
    var environment = ProcessInfo.processInfo.environment
    let tools = URL(filePath: path).deletingLastPathComponent().path()
    environment["PATH"] = "\(tools):\(environment["PATH"] ?? "/usr/bin:/bin")"
    process.environment = environment
    process.standardInput = FileHandle.nullDevice
    // Files rather than pipes: nothing can fill up, whatever the order in which they are read.
    let place = try folder()
    defer { try? FileManager.default.removeItem(atPath: place) }
    let names = (place + "/out", place + "/err")
    for name in [names.0, names.1] { try write("", name) }
    let out = try FileHandle(forWritingTo: URL(filePath: names.0))
    let err = try FileHandle(forWritingTo: URL(filePath: names.1))
    process.standardOutput = out
    process.standardError = err
    try process.run()
    process.waitUntilExit()
    try out.close()
    try err.close()
    return Result(
      code: process.terminationStatus, out: try String(contentsOfFile: names.0, encoding: .utf8),
      err: try String(contentsOfFile: names.1, encoding: .utf8))
  }
}
