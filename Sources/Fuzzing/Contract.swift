import Foundation

/// What `mgf` promises of every call: exit code 0, 1 or 64; with 64 exactly one message and nothing on standard output; and
/// that a run which lasts ends soon after Ctrl-C, with 130.
enum Contract {
  /// Seconds before the interrupt, and after it.
  private static let patience = (run: 4.0, ending: 30.0)

  /// Runs the tool; true with exit code 0. Throws `Finding` when a promise is broken.
  static func hold(_ tool: String, _ arguments: [String], in folder: String) throws -> Bool {
    let process = Process()
    process.executableURL = URL(filePath: tool)
    process.arguments = arguments
    process.currentDirectoryURL = URL(filePath: folder)
    process.standardInput = FileHandle.nullDevice
    let names = (out: folder + "/stdout", err: folder + "/stderr")
    for name in [names.out, names.err] { try Data().write(to: URL(filePath: name)) }
    guard let out = FileHandle(forWritingAtPath: names.out), let err = FileHandle(forWritingAtPath: names.err) else {
      throw Finding("\(folder) cannot be written to")
    }
    (process.standardOutput, process.standardError) = (out, err)
    try process.run()
    var wasInterrupted = false
    let start = ContinuousClock.now
    while process.isRunning {
      usleep(1000)
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      if !wasInterrupted, seconds > patience.run {
        wasInterrupted = true
        process.interrupt()
      } else if seconds > patience.run + patience.ending {
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        throw Finding("it does not end after Ctrl-C")
      }
    }
    try out.close()
    try err.close()
    let output = FileManager.default.contents(atPath: names.out) ?? Data()
    let messages = String(decoding: FileManager.default.contents(atPath: names.err) ?? Data(), as: UTF8.self)
    guard process.terminationReason == .exit else {
      throw Finding("it dies of signal \(process.terminationStatus): \(messages.suffix(2000))")
    }
    let code = process.terminationStatus
    guard [0, 1, 64].contains(code) || wasInterrupted && code == 130 else {
      throw Finding("exit code \(code): \(messages.suffix(500))")
    }
    if code == 64 {
      guard output.isEmpty else { throw Finding("exit code 64 with standard output") }
      // Once, at the beginning of a line: file names and values may say the same.
      let count = messages.split(separator: "\n").count { $0.hasPrefix("Error: ") || $0.hasPrefix("mgf: error: ") }
      guard count == 1 else { throw Finding("exit code 64 with \(count) messages: \(messages.suffix(500))") }
    }
    if code == 1, messages.isEmpty { throw Finding("exit code 1 without a word") }
    return code == 0
  }
}
