import Foundation
import TestSupport
import Testing

/// What `cli.md` promises to scripts.
@Suite struct ContractTests {
  private func keys(_ result: Tool.Result, _ expected: String) {
    for key in expected.split(separator: " ").map(String.init) {
      #expect(result.json.keys.contains(key), "no key \(key)")
    }
    // null always has its reason beside it.
    func check(_ value: Any, _ path: String) {
      if let object = value as? [String: Any] {
        for (key, inner) in object {
          if inner is NSNull { #expect(object["\(key)_reason"] is String, "\(path).\(key) is null without a reason") }
          check(inner, "\(path).\(key)")
        }
      } else if let list = value as? [Any] {
        for inner in list { check(inner, path) }
      }
    }
    check(result.json, "")
    let provenance = result.json["provenance"] as? [String: Any] ?? [:]
    for key in ["version", "commit", "command_line", "seed", "library_gsl", "library_netcdf", "host", "date"] {
      #expect(provenance[key] is String)
    }
    #expect(result.out.split(separator: "\n").count == 1)
  }

  @Test func solve() throws {
    let result = try Tool.run("solve --gaussian 6,10,2 --lambda 2 --until 5 --json --quiet".words)
    #expect(result.code == 0 && result.err.isEmpty)
    keys(
      result,
      "command problem provenance outcome time loss residual_max steps rejected_steps gradient_evaluations wall_seconds "
        + "energy_drift balance_check sign_changes test_error")
    #expect(result.json["outcome"] as? String == "reached" && result.json["time"] as? Double == 5)
    let problem = result.json["problem"] as? [String: Any] ?? [:]
    #expect(problem["n"] as? Int == 6 && problem["d"] as? Int == 10 && problem["seed"] as? Int == 1)
    #expect((result.json["energy_drift"] as? Double ?? 1) < 1e-9)
    let changes = result.json["sign_changes"] as? [[String: Any]] ?? []
    #expect(!changes.isEmpty)
    for change in changes {
      #expect(Set(["feature", "name", "coordinate", "time", "direction", "sign"]).isSubset(of: Set(change.keys)))
      #expect(["plus", "minus"].contains(change["coordinate"] as? String ?? ""))
      #expect([1, -1].contains(change["direction"] as? Int ?? 0))
    }
    let gf = try Tool.run("solve --gaussian 6,10,2 --flow gf --until 5 --json --quiet".words)
    #expect(gf.json["lambda"] is NSNull && (gf.json["balance_check"] as? Double ?? 1) < 1e-9)
  }

  @Test func descend() throws {
    let result = try Tool.run("descend --gaussian 6,10,2 --gamma 0.01 --beta 0.9 --iterations 50 --json".words)
    #expect(result.code == 0)
    keys(
      result,
      "command problem provenance outcome iterations lambda step gamma beta loss residual_max wall_seconds stability")
    let stability = result.json["stability"] as? [String: Any] ?? [:]
    #expect(Set(stability.keys) == ["curvature", "gamma_h", "limit", "regime"])
    #expect(stability["limit"] as? Double == 3.8)
    let same = try Tool.run("descend --gaussian 6,10,2 --lambda 1 --step 0.1 --iterations 50 --json".words)
    #expect(abs((same.json["loss"] as? Double ?? 0) / (result.json["loss"] as? Double ?? 1) - 1) < 1e-10)
    for extra in ["--method nesterov", "--batch 2", "--batch 2 --replacement"] {
      let other = try Tool.run(
        "descend --gaussian 6,10,2 --gamma 0.01 --beta 0.9 --until-residual 1e-6 --json \(extra)".words)
      #expect(other.code == 0 && other.json["outcome"] as? String == "residual", "\(extra): \(other.err)")
    }
  }

  @Test func compare() throws {
    let result = try Tool.run(
      "compare --gaussian 6,10,2 --lambda 0.5 --steps 0.02,0.01,0.005 --until 10 --json".words)
    #expect(result.code == 0)
    keys(result, "command problem provenance rows slope limit_gap")
    let rows = result.json["rows"] as? [[String: Any]] ?? []
    #expect(rows.count == 3)
    for key in ["step", "gamma", "beta", "iterations", "max_error", "rms_error", "final_error", "theta_max_error"] {
      #expect(rows.allSatisfy { $0.keys.contains(key) })
    }
    #expect(rows.map { $0["iterations"] as? Int } == [500, 1000, 2000])
    #expect(abs((result.json["slope"] as? Double ?? 0) - 1) < 0.05)
    let gaps = result.json["limit_gap"] as? [[String: Any]] ?? []
    #expect(gaps.count == 3 && gaps.allSatisfy { Set($0.keys) == ["step", "delta", "theta"] })
  }

  @Test(arguments: ["--lambda 1", "--flow gf", "--gamma 0.01 --beta 0.9", "--gamma 0.01 --beta 0.9 --method nesterov"])
  func limit(_ subject: String) throws {
    let result = try Tool.run("limit --gaussian 6,10,2 --json \(subject)".words)
    #expect(result.code == 0, "\(result.err)")
    keys(
      result,
      "command problem provenance delta_0 delta_inf theta_inf theta_tilde_0 certificate error_estimate time "
        + "residual_at_projection gradient_evaluations wall_seconds sign_changes lambda_certified")
    for key in ["delta_0", "delta_inf", "theta_inf", "theta_tilde_0"] {
      #expect((result.json[key] as? [Double])?.count == 10)
    }
    let certificate = result.json["certificate"] as? [String: Any] ?? [:]
    let tolerance = result.json["residual_tolerance"] as? Double ?? 0
    #expect(tolerance > 0 && (certificate["interpolation"] as? Double ?? 1) <= 1.01 * tolerance)
    #expect((certificate["row_space"] as? Double ?? 1) < 1e-6)
    let errors = result.json["error_estimate"] as? [String: Any] ?? [:]
    #expect((errors["delta"] as? Double ?? 1) <= 1e-8)
  }

  @Test func presets() throws {
    let result = try Tool.run(["presets", "--json"])
    let list = result.json["presets"] as? [[String: Any]] ?? []
    #expect(list.count >= 6)
    for preset in list {
      let name = preset["name"] as? String ?? ""
      let solved = try Tool.run(["solve", "--preset", name, "--lambda", "1", "--until", "0.5", "--json", "--quiet"])
      #expect(solved.code == 0, "\(name): \(solved.err)")
    }
  }

  /// Same command, same bits, but for times, dates and the host.
  @Test func determinism() throws {
    for line in [
      "solve --gaussian 8,12,2 --lambda 1 --until 20 --json",
      "compare --gaussian 5,7,1 --lambda 1 --steps 0.1 --until 4 --json",
      "descend --gaussian 8,12,2 --gamma 0.01 --beta 0.5 --iterations 99 --batch 3 --json",
    ] {
      func run() throws -> String {
        var json = try Tool.run(line.words).json
        json["wall_seconds"] = nil
        json["provenance"] = nil
        return String(decoding: try JSONSerialization.data(withJSONObject: json, options: .sortedKeys), as: UTF8.self)
      }
      #expect(try run() == run())
    }
  }

  @Test func existingFilesAreKeptUnlessForced() throws {
    let place = try Tool.folder()
    let line = "solve --gaussian 3,4,1 --lambda 1 --until 1 --samples 3 --output a.csv --quiet"
    #expect(try Tool.run(line.words, in: place).code == 0)
    let before = try Data(contentsOf: URL(filePath: place + "/a.csv"))
    let again = try Tool.run((line + " --seed 2").words, in: place)
    #expect(again.code == 64 && again.out.isEmpty && again.err.contains("--force"))
    #expect(try Data(contentsOf: URL(filePath: place + "/a.csv")) == before)
    #expect(try Tool.run((line + " --seed 2 --force").words, in: place).code == 0)
    #expect(try Data(contentsOf: URL(filePath: place + "/a.csv")) != before)
    #expect(try FileManager.default.contentsOfDirectory(atPath: place) == ["a.csv"])
  }

  /// An iteration that diverges is named; what came before is written and said to be partial.
  @Test func divergence() throws {
    let place = try Tool.folder()
    let result = try Tool.run(
      "descend --gaussian 20,30,3 --gamma 2 --beta 0.9 --iterations 500 --output a.csv --json".words, in: place)
    #expect(result.code == 1)
    #expect(result.json["outcome"] as? String == "diverged")
    #expect(result.err.contains("diverged at iteration"))
    let at = result.json["diverged_at"] as? Int ?? 0
    let lines = try String(contentsOfFile: place + "/a.csv", encoding: .utf8).split(separator: "\n")
    #expect(lines.count == at + 1)
    #expect(!lines.contains { $0.contains(",,") || $0.contains("nan") })
  }

  /// A run whose values overflow stops with a clear error and the part before it.
  @Test func overflow() throws {
    let place = try Tool.folder()
    try Tool.write("1e160,1\n2,3e160\n", place + "/X.csv")
    try Tool.write("1e160\n1\n", place + "/y.csv")
    let result = try Tool.run(
      "solve --design X.csv --response y.csv --lambda 1 --until 10 --json".words, in: place)
    #expect([1, 64].contains(result.code))
    #expect(result.err.contains("finite") || result.err.contains("cannot be met"))
  }

  /// A diverged run certifies nothing, and every null says why.
  @Test(arguments: [
    "limit --gaussian 6,10,2 --gamma 5 --beta 0.9", "descend --gaussian 5,8,2 --gamma 7 --beta 0.9 --iterations 99",
  ])
  func divergedRunsHaveReasons(_ line: String) throws {
    let result = try Tool.run((line + " --json").words)
    #expect(result.code == 1)
    keys(result, "outcome problem provenance")
    if let certificate = result.json["certificate"] as? [String: Any] { #expect(!(certificate["row_space"] is Double)) }
  }

  @Test func seedsAreReported() throws {
    let batches = try Tool.run(
      "descend --data data/gasoline.csv --target octane --standardize --gamma 1e-4 --beta 0 --iterations 5 --batch 4 --seed 7 --json"
        .words)
    #expect((batches.json["problem"] as? [String: Any])?["seed"] as? Int == 7)
    #expect((batches.json["provenance"] as? [String: Any])?["seed"] as? String == "7")
    let large = try Tool.run("solve --gaussian 2,3,1 --lambda 1 --until 1 --seed 18446744073709551615 --json".words)
    #expect(large.out.contains("\"seed\":18446744073709551615"))
  }

  /// Below the rounding floor a discrete run stops as stationary.
  @Test func roundingFloor() throws {
    let result = try Tool.run(
      "descend --gaussian 5,8,2 --gamma 0.05 --beta 0.5 --until-residual 1e-30 --max-iterations 1e8 --json".words)
    #expect(["stationary", "residual"].contains(result.json["outcome"] as? String ?? ""), "\(result.out.prefix(300))")
  }

  @Test func notReachedIsExitOne() throws {
    let solved = try Tool.run(
      "solve --gaussian 6,10,2 --lambda 1 --until-residual 1e-12 --max-time 2 --json".words)
    #expect(solved.code == 1 && solved.json["outcome"] as? String == "max-time")
    let descended = try Tool.run(
      "descend --gaussian 6,10,2 --lambda 1 --step 0.1 --until-residual 1e-12 --max-iterations 20 --json".words)
    #expect(descended.code == 1 && descended.json["outcome"] as? String == "max-iterations")
    let limit = try Tool.run("limit --gaussian 6,10,2 --lambda 1 --max-time 2 --json".words)
    #expect(limit.code == 1 && limit.json["outcome"] as? String == "max-time")
  }
}

extension String {
  /// The words of a command line.
  var words: [String] { split(separator: " ").map(String.init) }
}
