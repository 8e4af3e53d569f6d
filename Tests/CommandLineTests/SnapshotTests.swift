import Foundation
import TestSupport
import Testing

/// What is shown is run: help texts against snapshots, every command of the README and of the guide's pages, the demonstration.
@Suite struct SnapshotTests {
  private static let snapshots = "\(checkout)Tests/CommandLineTests/Snapshots"

  /// Help of every command. After a change on purpose: MGF_RECORD=1 make test, and read the difference.
  @Test(arguments: [
    "", "solve", "descend", "compare", "limit", "certify", "sweep", "sweep run", "sweep merge", "study", "thresholds",
    "presets",
    "demo", "run", "rerun", "explore", "report",
  ])
  func help(_ command: String) throws {
    let result = try Tool.shell("COLUMNS=100 mgf help \(command)")
    #expect(result.code == 0)
    if !command.isEmpty, command != "sweep run" {
      #expect(result.out.contains("Example") || result.out.contains("example"))
    }
    let file = "\(Self.snapshots)/help\(command.isEmpty ? "" : "-" + command.replacing(" ", with: "-")).txt"
    if ProcessInfo.processInfo.environment["MGF_RECORD"] != nil {
      try FileManager.default.createDirectory(atPath: Self.snapshots, withIntermediateDirectories: true)
      try Tool.write(result.out, file)
    }
    #expect(try String(contentsOfFile: file, encoding: .utf8) == result.out)
  }

  /// The table for people, but for wall time.
  @Test func solveTable() throws {
    let result = try Tool.run("presets".words)
    let file = "\(Self.snapshots)/presets.txt"
    if ProcessInfo.processInfo.environment["MGF_RECORD"] != nil { try Tool.write(result.out, file) }
    #expect(try String(contentsOfFile: file, encoding: .utf8) == result.out)
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func completion(_ shell: String) throws {
    let result = try Tool.run(["--generate-completion-script", shell])
    #expect(result.code == 0 && result.out.contains("--until-residual") && result.out.contains("even-2023-centred"))
  }

  /// Every line that starts with `mgf` in a shell block of a page, in one folder, in order: the README, and the pages of the guide
  /// that it refers to for the same commands.
  @Test(arguments: [
    ("README.md", 8), ("Sources/Guide/Guide.docc/Commands.md", 25), ("Sources/Guide/Guide.docc/SweepsAndStudies.md", 3),
    ("Sources/Guide/Guide.docc/Claims.md", 1), ("Sources/Guide/Guide.docc/FileFormats.md", 3),
    ("Sources/Guide/Guide.docc/Installing.md", 1),
  ])
  func shownCommands(_ page: String, _ fewest: Int) throws {
    let text = try String(contentsOfFile: checkout + page, encoding: .utf8)
    var commands: [String] = []
    var inBlock = false
    for line in text.components(separatedBy: "\n") {
      if line.hasPrefix("```") {
        inBlock = line.hasPrefix("```sh")
      } else if inBlock, line.hasPrefix("mgf ") {
        commands.append(line)
      } else if inBlock, commands.last?.hasSuffix("\\") == true {
        commands[commands.count - 1].removeLast()
        commands[commands.count - 1] += line.trimmingCharacters(in: .whitespaces)
      }
    }
    #expect(commands.count >= fewest)
    let place = try Tool.folder()
    try FileManager.default.createSymbolicLink(atPath: place + "/data", withDestinationPath: "\(checkout)data")
    for command in commands {
      // What serves until it is told to end is told so.
      let isServer = command.hasPrefix("mgf explore") && !command.contains("--save")
      let line = isServer ? "timeout --preserve-status -s INT 3 env --default-signal=INT \(command) --no-open" : command
      let result = try Tool.shell(line, in: place)
      #expect(result.code == (isServer ? 130 : 0), "\(command)\n\(result.err)")
    }
  }

  @Test func demonstration() throws {
    let place = try Tool.folder()
    let result = try Tool.run(
      "demo --gaussian 6,10,2 --alpha 0.1 --until 10 --steps 0.1,0.05 --json --output-directory \(place)".words)
    #expect(result.code == 0, "\(result.err)")
    let names = try FileManager.default.contentsOfDirectory(atPath: place).sorted()
    #expect(
      names == [
        "figure.png", "figure.svg", "gf.csv", "gf.nc", "mgd_1.csv", "mgd_1.nc", "mgd_2.csv", "mgd_2.nc", "mgf.csv",
        "mgf.nc",
      ])
    let runs = result.json["runs"] as? [[String: Any]] ?? []
    #expect(runs.map { $0["run"] as? String } == ["gf", "mgf", "mgd_1", "mgd_2"])
    for key in ["loss", "delta_norm_start", "delta_norm_end", "sign_changes", "features_99", "max_error"] {
      #expect(runs.allSatisfy { $0.keys.contains(key) })
    }
    // Gradient flow keeps its balance; the largest coefficients are listed in order.
    #expect(
      abs((runs[0]["delta_norm_end"] as? Double ?? 0) / (runs[0]["delta_norm_start"] as? Double ?? 1) - 1) < 1e-8)
    let sizes = (result.json["features"] as? [[String: Any]] ?? []).map { abs($0["theta_mgf"] as? Double ?? 0) }
    #expect(sizes.count == 10 && sizes == sizes.sorted(by: >))
    #expect(abs((result.json["slope"] as? Double ?? 0) - 1) < 0.1)
  }
}
