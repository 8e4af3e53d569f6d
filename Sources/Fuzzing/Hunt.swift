import Foundation

/// One target: workers over batches of inputs, and what is kept of those that fail.
struct Hunt {
  let name: String
  let seed: UInt64
  let folder: String
  let failures: String
  let deadline: ContinuousClock.Instant
  let first: UInt64
  let last: UInt64?

  /// Goes on until the deadline, the last input or `enough` different failures; how many there were.
  func run(upTo enough: Int) throws -> Int {
    guard let type = fuzzTargets.first(where: { $0.name == name }) else { return 0 }
    let place = folder + "/" + name
    try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
    let progress = try Progress(at: folder + "/progress-" + name)
    (progress.index, progress.counts) = (first, (0, 0))
    let start = ContinuousClock.now
    var (from, kinds, deaths): (UInt64, Set<String>, UInt64) = (first, [], 0)
    // Batches, so that a leak does not add up.
    let batch: UInt64 = 100_000
    hunt: while from < last ?? .max, ContinuousClock.now < deadline, kinds.count < enough {
      let to = min(from + batch, last ?? .max)
      let range = [
        "--seed", "\(seed)", "--from", "\(from)", "--to", "\(to)", "--progress", folder + "/progress-" + name,
      ]
      let end = try Child.run(
        [name] + range + self.place(in: place), progress: progress, limit: type.limit, until: deadline, in: folder)
      switch end {
      case .done: from = to
      case .stopped: from = last ?? .max
      case .failed(let reason, let index):
        deaths += 1
        from = index + 1
        // Crashes are told apart by where they are; asking takes a second or two.
        guard deaths <= 1000 else { break hunt }
        var place: String?
        if reason.hasPrefix("signal") {
          guard deaths <= 50 else { break hunt }
          place = try crashPlace(type, index)
        }
        if kinds.insert(place ?? kind(reason)).inserted { try keep(type, reason, place, index) }
      }
    }
    let (accepted, refused) = progress.counts
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    say(
      "\(name): \(accepted + refused + deaths) inputs in \(String(format: "%.1f", seconds)) s, \(accepted) accepted, "
        + "\(refused) refused, \(deaths) failures of \(kinds.count) kinds")
    return kinds.count
  }

  private func place(in folder: String) -> [String] {
    ["--folder", folder] + (Fuzz.tool.map { ["--tool", $0] } ?? [])
  }

  /// Failures that differ in numbers and quoted text only are of one kind.
  private func kind(_ reason: String) -> String {
    String(reason.prefix(60)).replacing(/".*?"|[0-9.e+-]+/, with: "#")
  }

  private func input(_ type: any FuzzTarget.Type, _ index: UInt64) throws -> [UInt8] {
    var random = draws(seed: seed, name, index)
    return try type.init(tool: Fuzz.tool).input(&random)
  }

  private func crashPlace(_ type: any FuzzTarget.Type, _ index: UInt64) throws -> String? {
    let file = folder + "/crash"
    try Data(input(type, index)).write(to: URL(filePath: file))
    return Child.crashPlace(name, file)
  }

  private func keep(_ type: any FuzzTarget.Type, _ reason: String, _ crash: String?, _ index: UInt64) throws {
    var input = try input(type, index)
    let original = input.count
    input = try smaller(input, type, kind(reason), folder + "/" + name)
    try FileManager.default.createDirectory(atPath: failures, withIntermediateDirectories: true)
    let path = "\(failures)/\(name)-\(seed)-\(index)"
    try Data(input).write(to: URL(filePath: path))
    say(
      "\(name), seed \(seed), input \(index): \(reason)\(crash.map { " at \($0)" } ?? "")\n  kept as \(path), \(input.count) of \(original) bytes"
    )
  }

  /// Deletes pieces, large ones first, as long as the failure stays of its kind, for 10 s and 400 trials at most.
  private func smaller(_ input: [UInt8], _ type: any FuzzTarget.Type, _ kind: String, _ place: String) throws -> [UInt8]
  {
    let progress = try Progress(at: folder + "/progress-smaller")
    let file = folder + "/candidate"
    let end = ContinuousClock.now + .seconds(10)
    var (best, length, trials) = (input, max(input.count / 2, 1), 0)
    func fails(_ candidate: [UInt8]) throws -> Bool {
      trials += 1
      try Data(candidate).write(to: URL(filePath: file))
      let result = try Child.run(
        [name, "--file", file] + self.place(in: place), progress: progress, limit: type.limit, until: end, in: folder)
      if case .failed(let reason, _) = result { return self.kind(reason) == kind }
      return false
    }
    while length > 0 {
      var start = 0
      while start < best.count {
        guard trials < 400, ContinuousClock.now < end else { return best }
        var candidate = best
        candidate.removeSubrange(start..<min(start + length, candidate.count))
        if try fails(candidate) { best = candidate } else { start += length }
      }
      length /= 2
    }
    return best
  }
}
