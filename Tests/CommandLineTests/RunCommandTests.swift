import Foundation
import TestSupport
import Testing

/// `mgf run` and `mgf rerun`: what options say, a file says as well, and every result can be had again.
@Suite struct RunCommandTests {
  private static let commands = ["solve", "descend", "compare", "limit", "certify", "thresholds"]

  /// Every golden command by way of the experiment that it prints: the same output.
  @Test(
    arguments: GoldenTests.commands.filter { command in commands.contains { command.line.hasPrefix("mgf \($0) ") } })
  func experiments(_ command: GoldenTests.Command) throws {
    let place = try Tool.folder()
    defer { try? FileManager.default.removeItem(atPath: place) }
    try FileManager.default.createSymbolicLink(atPath: place + "/data", withDestinationPath: "\(checkout)data")
    // The command, and what the shell does with its output.
    let end = command.line.firstRange(of: #/ *[;>|]/#)?.lowerBound ?? command.line.endIndex
    let (call, rest) = (String(command.line[..<end]), command.line[end...])
    let reports = call.matches(of: #/ (--json|--quiet|-o [^ ]+)/#).map { String($0.output.0) }.joined()
    let result = try Tool.shell(
      GoldenTests.environment + "\(call) --print-experiment > e.json || exit\nmgf run e.json\(reports)\(rest)",
      in: place)
    #expect(result.code == 0, "\(result.err)")
    let difference = GoldenText(result.out).difference(from: try GoldenTests.expected(command))
    #expect(difference == nil, "\(call): \(difference ?? "")")
  }

  /// The same file again, bit for bit, from another folder than the one of the first run.
  @Test(arguments: [
    "solve --data data/gasoline.csv --target octane --standardize --holdout 0.2 --lambda 1 --until 1",
    "descend --gaussian 6,8,2 --gamma 0.02 --beta 0.8 --batch 2 --iterations 40 --seed 9223372036854775809",
    "solve --network power --depth 3 --gaussian 3,4,1 --alpha 0.4 --flow gf --until-residual 1e-3",
  ])
  func rerun(_ command: String) throws {
    let place = try Tool.folder()
    defer { try? FileManager.default.removeItem(atPath: place) }
    let first = try Tool.run(command.words + ["--quiet", "--output", "\(place)/a.nc"])
    #expect(first.code == 0, "\(first.err)")
    let again = try Tool.run(["rerun", "a.nc", "--quiet", "--output", "b.nc"], in: place)
    #expect(again.code == 0, "\(again.err)")
    func dump(_ name: String) throws -> String {
      let text = try Tool.shell("ncdump -p 9,17 -n x \(name)", in: place).out
      return text.replacing(#/.*(wall_seconds|:(date|command_line)).*\n/#, with: "")
    }
    let (a, b) = (try dump("a.nc"), try dump("b.nc"))
    #expect(a == b && a.contains(":experiment = "))
  }

  /// The JSON that a command prints can be run again, too.
  @Test func rerunOfJSON() throws {
    let place = try Tool.folder()
    defer { try? FileManager.default.removeItem(atPath: place) }
    let first = try Tool.run("limit --gaussian 4,7,2 --lambda 0.3 --json".words)
    try Tool.write(first.out, place + "/limit.json")
    let again = try Tool.run(["rerun", "limit.json", "--json"], in: place)
    for key in ["delta_inf", "theta_inf", "delta_0", "time"] {
      #expect("\(first.json[key] ?? "none")" == "\(again.json[key] ?? "")", "\(key)")
    }
  }

  /// Each mistake of a file is told with its place and its path, in one message.
  @Test(arguments: [
    (
      "command: solve\nproblem: {gaussian: {samples: 5, features: 8, nonzeros: 20}}\nmotion: {lambda: 1}\ngoal: {until: 3}",
      "e.yaml:2:57: problem.nonzeros: 20"
    ),
    (
      "command: solve\nproblem: {gaussian: {samples: 5, features: 8, nonzeros: 2}}\nmotion: {lambda: 1}\ngoal: {unitl: 3}",
      "e.yaml:4:15: goal.unitl: there is no such key here"
    ),
    (
      "command: solve\nproblem: {gaussian: {samples: 5, features: 8, nonzeros: 2}}\nmotion: {lambda: 0}\ngoal: {until: 3}",
      "e.yaml:3:18: motion.lambda: 0.0"
    ),
    (
      "command: solve\nproblem: {gaussian: {samples: 5, features: 8, nonzeros: 2}}\nmotion: {lambda: 1e-}\ngoal: {until: 3}",
      "e.yaml:3:18: a finite number is needed"
    ),
    (
      "command: solve\nproblem: {gaussian: {samples: 5, features: 8, nonzeros: 2}}\nmotion: {lambda: 1}\ngoal: {until: 0}",
      "e.yaml:4:15: goal.until: 0.0: the time must be positive"
    ),
    (
      "command: descend\nproblem: {gaussian: {samples: 5, features: 8, nonzeros: 2}}\nmotion: {gamma: 0.1, beta: 0.5, batch: 9}\ngoal: {iterations: 3}",
      "e.yaml:3:40: motion.batch: 9: a batch must have between 1 and 5"
    ),
    ("command: solve\nproblem: {data: none.csv, target: y}\nmotion: {lambda: 1}\ngoal: {until: 3}", "none.csv"),
    (
      "command: thresholds\nproblem: {gaussian: {samples: 5, features: 8, nonzeros: 2}}\nmotion: {method: nesterov}",
      "e.yaml:3:18: motion.method: nothing uses this key here"
    ),
    (
      "command: limit\nproblem: {gaussian: {samples: 5, features: 8, nonzeros: 2}}\nmotion: {lambda: 1}\ngoal: {tail: iterate}",
      "e.yaml:4:14: goal.tail: nothing uses this key here"
    ),
    (
      "command: solve\nproblem: {design: 2nd.csv, response: 1e.csv}\nmotion: {lambda: 1}\ngoal: {until: 3}",
      "error: 2nd.csv: there is no such file"
    ),
    ("", "e.yaml:1:1: the experiment file is empty"), ("a: [", "e.yaml:2:1: it is not YAML"),
    ("command: solve\nmotion: &x {lambda: 1}\ngoal: *x", "an anchor has no place in an experiment file"),
  ])
  func mistakes(_ text: String, _ message: String) throws {
    let place = try Tool.folder()
    defer { try? FileManager.default.removeItem(atPath: place) }
    try Tool.write(text, place + "/e.yaml")
    let result = try Tool.run(["run", "e.yaml"], in: place)
    #expect(result.code == 64 && result.out.isEmpty)
    #expect(result.err.contains(message) && result.err.components(separatedBy: "rror:").count == 2, "\(result.err)")
  }

  /// Only what records a trajectory writes one.
  @Test func output() throws {
    let place = try Tool.folder()
    defer { try? FileManager.default.removeItem(atPath: place) }
    try Tool.write(
      "command: limit\nproblem: {gaussian: {samples: 4, features: 7, nonzeros: 2}}\nmotion: {lambda: 1}",
      place + "/e.yaml")
    let result = try Tool.run(["run", "e.yaml", "--output", "x.nc"], in: place)
    #expect(result.code == 64 && result.err.contains("--output x.nc: limit records no trajectory"), "\(result.err)")
  }

  /// Files that hold no experiment.
  @Test(arguments: ["data/gasoline.csv", "data/inputs/ubyte.nc", "data/inputs/both.npz", "none", "Package.swift"])
  func foreign(_ file: String) throws {
    let result = try Tool.run(["rerun", file])
    #expect(result.code == 64 && result.out.isEmpty && result.err.contains(file), "\(result.err)")
    #expect(result.err.components(separatedBy: "rror:").count == 2)
  }
}
