import Foundation
import TestSupport
import Testing

/// What every command prints and writes, in every form, against files: names, order, units, words, numbers.
///
/// After a change on purpose: MGF_RECORD=1 make test, and read the difference.
@Suite struct GoldenTests {
  struct Command: CustomTestStringConvertible {
    let name: String
    let line: String
    var testDescription: String { name }
  }

  private static let folder = "\(checkout)Tests/CommandLineTests/Golden"

  static let commands: [Command] = {
    let text = (try? String(contentsOfFile: "\(folder)/commands.txt", encoding: .utf8)) ?? ""
    return text.split(separator: "\n").filter { !$0.hasPrefix("#") }.compactMap { line in
      let parts = line.split(separator: "|", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
      return parts.count == 2 ? Command(name: parts[0], line: parts[1]) : nil
    }
  }()

  private static let study = """
    name: golden
    problem: {gaussian: {samples: 4, features: 6, nonzeros: 2, seed: 1}}
    method: heavy-ball
    axes:
      gamma: {log: [0.01, 0.1, 2]}
      beta: [0, 0.8]
    stop: {delta_tolerance: 1e-6, max_iterations: 100000}
    """

  /// Bits depend on the processor's instructions; these are those of the last ten years.
  static let environment = """
    export MGF_INSTRUCTIONS=avx2 OPENBLAS_CORETYPE=Haswell COLUMNS=100
    # A store's rows without its last columns: timings, versions, dates, host.
    rows() { rev "$1" | cut -d, -f5- | rev; }

    """

  /// What a command printed when it was recorded.
  static func expected(_ command: Command) throws -> GoldenText {
    GoldenText(try String(contentsOfFile: "\(folder)/\(command.name).txt", encoding: .utf8))
  }

  @Test func commandsAreListed() { #expect(Self.commands.count >= 60) }

  @Test(arguments: commands)
  func output(_ command: Command) throws {
    let place = try Tool.folder()
    defer { try? FileManager.default.removeItem(atPath: place) }
    try FileManager.default.createSymbolicLink(atPath: place + "/data", withDestinationPath: "\(checkout)data")
    try Tool.write(Self.study, place + "/g.yaml")
    let result = try Tool.shell(Self.environment + command.line, in: place)
    #expect(result.code == 0, "\(result.err)")
    let file = "\(Self.folder)/\(command.name).txt"
    if ProcessInfo.processInfo.environment["MGF_RECORD"] != nil {
      try Tool.write(GoldenText.scrubbed(result.out), file)
    }
    let difference = GoldenText(result.out).difference(from: try Self.expected(command))
    #expect(difference == nil, "\(command.line): \(difference ?? "")")
  }

  /// The comparison itself tells what differs.
  @Test func differencesAreSeen() {
    let golden = GoldenText("{\"n\": 4, \"loss\": 0.125, \"outcome\": \"reached\"}")
    func differs(_ text: String) -> Bool { GoldenText(text).difference(from: golden) != nil }
    #expect(!differs("{\"n\": 4, \"loss\": 0.12500000001, \"outcome\": \"reached\"}"))
    #expect(differs("{\"n\": 5, \"loss\": 0.125, \"outcome\": \"reached\"}"))
    #expect(differs("{\"n\": 4, \"loss\": 0.1251, \"outcome\": \"reached\"}"))
    #expect(differs("{\"n\": 4, \"loss\": 0.125, \"outcome\": \"residual\"}"))
    #expect(differs("{\"n\": 4, \"loss\": 0.125}"))
  }
}
