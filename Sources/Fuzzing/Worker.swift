import ArgumentParser
import Experiments
import Foundation

/// Judges a range of inputs, or one file, and dies of what is wrong: the process that started it reads how.
struct Worker: ParsableCommand {
  static let configuration = CommandConfiguration(shouldDisplay: false)
  /// The exit code for a broken promise, as against a crash.
  static let finding: Int32 = 3

  @Argument var target: String
  @Option var seed: UInt64 = 1
  @Option var from: UInt64 = 0
  @Option var to: UInt64 = .max
  @Option var progress: String?
  @Option var folder: String
  @Option var tool: String?
  @Option var file: String?

  /// Address space: what an input may make the code ask for.
  private static let memory: rlim_t = 8 << 30

  func run() throws {
    guard let type = fuzzTargets.first(where: { $0.name == target }) else {
      throw ValidationError("no target \(target)")
    }
    var limit = rlimit(rlim_cur: Self.memory, rlim_max: Self.memory)
    // Sanitizers reserve more than any limit.
    let hasSanitizer = ["ASAN_OPTIONS", "TSAN_OPTIONS"].contains { ProcessInfo.processInfo.environment[$0] != nil }
    if !hasSanitizer { setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) }
    limit = rlimit(rlim_cur: 0, rlim_max: 0)
    setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
    prepareLibraries()
    do {
      try judge(type.init(tool: tool))
    } catch let error as Finding {
      FileHandle.standardError.write(Data("\(error)\n".utf8))
      throw ExitCode(Self.finding)
    }
  }

  private func judge(_ target: some FuzzTarget) throws {
    if let file {
      guard let input = FileManager.default.contents(atPath: file) else { throw Finding("\(file) cannot be read") }
      _ = try target.judge(Array(input), in: folder)
      return
    }
    let progress = try progress.map { try Progress(at: $0) }
    var counts = progress?.counts ?? (accepted: 0, refused: 0)
    for index in from..<to {
      progress?.index = index
      var random = draws(seed: seed, self.target, index)
      let isAccepted = try target.judge(target.input(&random), in: folder)
      if isAccepted { counts.accepted += 1 } else { counts.refused += 1 }
      progress?.counts = counts
    }
    progress?.index = to
  }
}
