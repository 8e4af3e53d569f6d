import Foundation

/// A worker in a process of its own, watched.
struct Child {
  /// How it ended.
  enum End {
    /// It did everything.
    case done
    /// The time that it had been given is over.
    case stopped
    /// What went wrong with which input: a broken promise, a signal, or no end.
    case failed(String, index: UInt64)
  }

  /// Starts a worker and waits: until it ends, `limit` seconds go by at one input, or `deadline` comes.
  static func run(
    _ arguments: [String], progress: Progress, limit: Double, until deadline: ContinuousClock.Instant, in folder: String
  ) throws -> End {
    let process = Process()
    process.executableURL = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath()
    if let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") {
      process.executableURL = URL(filePath: own)
    }
    process.arguments = ["worker"] + arguments
    // Crashes are found by the thousand when minimising; none needs a backtrace of Swift's, which takes seconds.
    process.environment = ProcessInfo.processInfo.environment.merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    let messages = folder + "/messages"
    try Data().write(to: URL(filePath: messages))
    process.standardError = FileHandle(forWritingAtPath: messages)
    try process.run()
    var (last, since) = (progress.index, ContinuousClock.now)
    while process.isRunning {
      usleep(2000)
      let now = ContinuousClock.now
      if progress.index != last { (last, since) = (progress.index, now) }
      let isStuck = (now - since) / .seconds(1) > limit
      guard isStuck || now > deadline else { continue }
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      return isStuck ? .failed("no end after \(Int(limit)) s", index: last) : .stopped
    }
    let text = String(decoding: FileManager.default.contents(atPath: messages) ?? Data(), as: UTF8.self)
    let lines = text.split(separator: "\n")
    let line = String(lines.first { $0.contains("Fatal error: ") } ?? lines.first ?? "")
    switch (process.terminationReason, process.terminationStatus) {
    case (.exit, 0): return .done
    case (.exit, _): return .failed(line, index: progress.index)
    case (_, let signal):
      // A trap of Swift's says nothing of itself; where it is set must be asked for.
      let isFatal = line.contains("Fatal error: ")
      return .failed("signal \(signal)\(isFatal ? ": \(line)" : "")", index: progress.index)
    }
  }
}

extension Child {
  /// Where in our sources the input in `file` makes a worker crash; nil where no backtrace says so.
  static func crashPlace(_ target: String, _ file: String) -> String? {
    let process = Process()
    guard let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else { return nil }
    process.executableURL = URL(filePath: own)
    process.arguments = ["judge", target, file]
    process.environment = ProcessInfo.processInfo.environment.merging(["SWIFT_BACKTRACE": "enable=yes,color=no"]) { $1 }
    let pipe = Pipe()
    (process.standardInput, process.standardOutput, process.standardError) = (FileHandle.nullDevice, pipe, pipe)
    guard (try? process.run()) != nil else { return nil }
    let text = String(decoding: (try? pipe.fileHandleForReading.readToEnd()) ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    let place = text.firstMatch(of: /\/Sources\/(?:(?!Fuzzing|.*checkouts)[^ ]*\.(?:swift|c)):[0-9]+/)
    return place.map { String($0.output) }
  }
}
