import Foundation
import TestSupport
import Testing

/// Nothing runs for ever: what would ends within its budget, with the right outcome, exit code and words.
@Suite struct BudgetTests {
  /// A command that would run for ages, how it ends, and what its message says.
  struct Case: CustomTestStringConvertible, Sendable {
    let line: String
    let outcome: String
    let words: [String]
    init(_ line: String, _ outcome: String, _ words: String...) {
      (self.line, self.outcome, self.words) = (line, outcome, words)
    }
    var testDescription: String { line }
  }

  /// Columns of these sizes in the first three features, and targets; 4 samples of 6 features.
  private func table(_ sizes: [Double], _ place: String) throws {
    var text = "wide,b,c,d,e,f,y\n"
    for i in 0..<4 {
      let row = (0..<6).map { j in
        (j < sizes.count ? sizes[j] : 1) * sin(Double(3 * i * i + 7 * j + i * j + 1))
      }
      text += row.map { "\($0)" }.joined(separator: ",") + ",\(i % 2 == 0 ? 1.0 : -0.5)\n"
    }
    try Tool.write(text, place + "/t.csv")
  }

  @Test(arguments: [
    Case("solve --lambda 1 --until 1e300 --max-work 5e3", "max-work", "--max-work 5000 is spent at t =", "of 1e+300"),
    Case(
      "solve --flow gf --stepper rkf45 --until 1e300 --max-work 5e3", "max-work", "stability bounds", "--stepper auto"),
    Case("solve --lambda 1e-9 --until 1e300 --stepper taylor --max-work 5e3", "max-work", "1/λ", "raise --max-work"),
    Case(
      "solve --lambda 1 --until-residual 1e-300 --max-time 1e300 --stepper rkck --max-work 5e3", "max-work",
      "at most 1e+300"),
    Case(
      "solve --lambda 1 --until 1e9 --stepper rk8pd --max-seconds 0.3", "max-seconds", "--max-seconds 0.3 is up",
      "ask for the limit"),
    Case(
      "descend --gamma 1e-12 --beta 0.9 --iterations 1e15 --max-work 5e3", "max-work", "iteration 5000 of 1e+15",
      "larger step"),
    Case("descend --gamma 1e-12 --beta 0.9 --iterations 1e15 --max-seconds 0.3", "max-seconds", "of 1e+15", "γh ="),
    Case(
      "descend --gamma 1e-12 --beta 0.9 --until-residual 1e-9 --max-iterations 1e15 --max-work 5001", "max-work",
      "iteration 5001"),
    Case("descend --gamma 1e-12 --beta 0.9 --iterations 1e15 --batch 2 --max-work 5e3", "max-work", "iteration 5000"),
    Case("descend --gamma 1e-12 --beta 0.9 --iterations 1e15 --identity --max-work 5e3", "max-work", "iteration 5000"),
    Case(
      "descend --gamma 1e-9 --beta 0 --iterations 1e15 --network power --depth 3 --max-work 5e3", "max-work",
      "iteration 5000"),
    Case(
      "solve --lambda 1 --until 1e30 --network layers --depth 16 --max-work 5e3", "max-work", "the whole would take"),
    Case("solve --flow gf --loss logistic --until 1e300 --max-work 5e3", "max-work", "of 1e+300"),
    Case(
      "compare --lambda 0.5 --steps 1e-10,0.1 --until 10 --max-work 5e3", "max-work", "of 100000000100", "longer steps"),
    Case(
      "compare --lambda 0.5 --steps 1e-10,0.1 --until 10 --order 3 --max-seconds 0.3", "max-seconds", "longer steps"),
    Case("compare --lambda 0.5 --steps 0.1 --until 1e12 --stepper rk8pd --max-work 5e3", "max-work", "of"),
    Case(
      "compare --lambda 0.5 --steps 0.1 --until 2 --batch 2 --replacement --paths 1e6 --max-work 5e3", "max-work",
      "6e+07 passes"),
    Case(
      "compare --lambda 0.5 --steps 1e-9 --until 2 --batch 2 --replacement --paths 64 --max-seconds 0.3 --max-work 1e15",
      "max-seconds", "passes"),
    Case("limit --gamma 1e-9 --beta 0.9 --max-time 1e300 --max-work 5e3", "max-work", "iteration 5000"),
    Case("limit --lambda 1e6 --max-time 1e300 --max-work 5e3", "max-work", "at most 1e+300"),
    Case(
      "limit --lambda 1 --route integrate --residual-tolerance 1e-300 --max-time 1e300 --stepper rkf45 --max-work 5e3",
      "max-work", "at most"),
    Case("certify --lambda 1e6 --stepper rkf45 --max-time 1e300 --max-seconds 2", "max-seconds", "is up"),
    Case("thresholds --optimal 1e-300,1e300 --max-work 5e3", "max-work", "during the search"),
    Case("thresholds --step 1e-7 --max-seconds 0.3", "max-seconds", "during the search"),
  ])
  func endless(_ what: Case) throws {
    let words = what.line.words
    let problem = "--gaussian 5,8,2".words
    let result = try Tool.run([words[0]] + problem + words.dropFirst() + ["--json"])
    #expect(result.code == 1, "\(result.err)")
    #expect(result.json["outcome"] as? String == what.outcome, "\(result.err)")
    for word in what.words { #expect(result.err.contains(word), "\(result.err)") }
    #expect((result.json["failure"] as? String ?? "").contains(what.words[0]))
  }

  /// Features of any size: named, explained, and ended.
  @Test(arguments: [[1e19], [1e19, 1e-19], [1e150], [1e-150, 1], [1e19, 1e19, 1e19, 1e19, 1e19, 1e19]])
  func sizes(_ sizes: [Double]) throws {
    let place = try Tool.folder()
    try table(sizes, place)
    let isLarge = sizes[0] > 1
    for line in [
      "solve --lambda 1 --until 10", "solve --flow gf --until 10", "limit --lambda 1",
      "descend --gamma 0.01 --beta 0.9 --iterations 100",
    ] {
      let words = line.words
      let result = try Tool.run(
        [words[0]] + "--data t.csv --target y --max-work 5e3 --json".words + words.dropFirst(), in: place)
      // Beside such a column all others are rounding: that X has no solution is said as ever.
      if result.code == 64 {
        #expect(words[0] == "limit" && result.err.contains("standardize"))
        continue
      }
      let notes = (result.json["problem"] as? [String: Any])?["notes"] as? [String] ?? []
      let note = notes.first { $0.contains(sizes.count == 6 ? "large" : "badly scaled") } ?? ""
      #expect(
        note.contains("--standardize") && note.contains(sizes.count == 6 ? "\"d\"" : "\"wide\""), "\(line): \(notes)")
      #expect(result.err.contains("note: \(note)"))
      // Gradient flow goes by implicit steps, whatever the unit of time is.
      if result.code == 0, words.contains("gf") {
        #expect(result.json["outcome"] as? String == "reached")
        continue
      }
      guard isLarge else { continue }
      #expect(result.code == 1, "\(line): \(result.err)")
      let outcome = result.json["outcome"] as? String ?? ""
      #expect(["max-work", "diverged", "non-finite", "step-too-small"].contains(outcome), "\(line): \(outcome)")
      if outcome == "max-work" {
        #expect(result.err.contains("entries up to") && result.err.contains("--standardize"), "\(result.err)")
      }
      if words[0] == "descend" { #expect(notes.contains { $0.contains("the limit of stability") }, "\(notes)") }
    }
  }

  @Test func constantColumnsAreNoted() throws {
    let place = try Tool.folder()
    try Tool.write("one,none,a,b,y\n1,0,0.5,2,1\n1,0,0.25,-1,2\n", place + "/t.csv")
    let result = try Tool.run("solve --data t.csv --target y --lambda 1 --until 1 --json".words, in: place)
    #expect(result.code == 0)
    #expect(result.err.contains("\"one\"") && result.err.contains("\"none\"") && result.err.contains("intercept"))
    let quiet = try Tool.run("solve --gaussian 5,8,2 --lambda 1 --until 1 --json".words)
    #expect(quiet.err.isEmpty)
  }

  /// A result that is there within its budget is as without one; the part before the end is written.
  @Test func budgetsChangeNothingElse() throws {
    let place = try Tool.folder()
    func theta(_ line: String) throws -> [String: Any] {
      var json = try Tool.run((line + " --json").words, in: place).json
      for key in ["wall_seconds", "provenance"] { json[key] = nil }
      return json
    }
    for line in ["solve --gaussian 5,8,2 --lambda 1 --until 20", "limit --gaussian 5,8,2 --gamma 0.01 --beta 0.9"] {
      let (plain, bound) = (try theta(line), try theta(line + " --max-work 1e7 --max-seconds 1000"))
      #expect(NSDictionary(dictionary: plain) == NSDictionary(dictionary: bound))
    }
    let line =
      "descend --gaussian 5,8,2 --gamma 0.01 --beta 0.9 --iterations 1e9 --at 0,100,5000 --output a.csv --max-work 300"
    let result = try Tool.run(line.words, in: place)
    #expect(result.code == 1)
    #expect(try String(contentsOfFile: place + "/a.csv", encoding: .utf8).split(separator: "\n").count == 3)
    // Counted, not timed: the same end, the same words.
    let first = try theta("solve --gaussian 5,8,2 --lambda 1 --until 1e300 --max-work 5e3")
    let second = try theta("solve --gaussian 5,8,2 --lambda 1 --until 1e300 --max-work 5e3")
    #expect(
      first["failure"] as? String == second["failure"] as? String
        && first["time"] as? Double == second["time"] as? Double)
  }

  /// A long run says so before it has run for long.
  @Test func announcement() throws {
    let result = try Tool.run(
      "solve --gaussian 5,8,2 --lambda 1 --until 1e9 --stepper rk8pd --max-seconds 6.5".words)
    #expect(result.code == 1)
    #expect(result.err.contains("at this rate the whole takes") && result.err.contains("Ctrl-C"), "\(result.err)")
    let quiet = try Tool.run(
      "descend --gaussian 5,8,2 --gamma 1e-3 --beta 0 --iterations 1e15 --quiet --max-work 99".words)
    #expect(quiet.err.split(separator: "\n").count == 1 && quiet.err.hasPrefix("mgf: error"))
    let before = try Tool.run("descend --gaussian 5,8,2 --gamma 1e-3 --beta 0 --iterations 1e15 --max-work 99".words)
    #expect(before.err.hasPrefix("note: 1e+15 iterations are more than --max-work 99"))
  }

  /// Setting up (drawing, singular values) can be stopped, by Ctrl-C and by --max-seconds.
  @Test func settingUp() throws {
    let clock = ContinuousClock()
    let began = clock.now
    let line = "mgf limit --gaussian 1500,6000,3 --lambda 1 --json"
    let stopped = try Tool.shell("timeout --preserve-status -s INT 1 env --default-signal=INT \(line); echo $?")
    #expect(stopped.out.hasSuffix("\n130\n") && stopped.out.contains("\"outcome\":\"interrupted\""), "\(stopped.out)")
    #expect(stopped.err.contains("interrupted while setting up"), "\(stopped.err)")
    let late = try Tool.shell("\(line) --max-seconds 0.7; echo $?")
    #expect(
      late.out.hasSuffix("\n1\n") && late.err.contains("--max-seconds 0.7 is up while setting up"),
      "\(late.out) \(late.err)")
    #expect(clock.now - began < .seconds(10))
  }

  @Test(arguments: ["--max-work 0", "--max-work -3", "--max-work 1e16", "--max-seconds 0", "--max-seconds nan"])
  func nonsense(_ option: String) throws {
    let result = try Tool.run(("solve --gaussian 5,8,2 --lambda 1 --until 1 " + option).words)
    #expect(result.code == 64 && result.out.isEmpty)
  }

  /// In sweeps the budget is one of each run, with the same rows in lanes and by itself.
  @Test(arguments: [
    "{iterations: 1000000000}", "{residual: 1e-12, max_iterations: 100000000}",
    "{delta_tolerance: 1e-9, max_iterations: 100000000}",
  ])
  func sweeps(_ stop: String) throws {
    let place = try Tool.folder()
    func study(_ gammas: String) -> String {
      """
      problem: {gaussian: {samples: 5, features: 8, nonzeros: 2}}
      method: heavy-ball
      fixed: {beta: 0.9}
      axes: {gamma: \(gammas)}
      stop: \(stop.dropLast()), max_work: 3000}
      """
    }
    try Tool.write(study("[1e-9, 2e-9, 3e-9, 1e-8, 0.01]"), place + "/lanes.yaml")
    try Tool.write(study("[1e-9, 2e-9]"), place + "/alone.yaml")
    for name in ["lanes", "alone"] {
      let result = try Tool.run("sweep \(name).yaml --output \(name).sqlite --json".words, in: place)
      #expect(result.code == 0, "\(result.err)")
      let outcomes = result.json["outcomes"] as? [String: Int] ?? [:]
      #expect((outcomes["max-work"] ?? 0) >= (name == "lanes" ? 4 : 2), "\(outcomes)")
    }
    for name in ["lanes", "alone"] {
      #expect(try Tool.run("sweep export \(name).sqlite \(name).csv".words, in: place).code == 0)
    }
    func rows(_ name: String) throws -> [[String: String]] {
      let lines = try String(contentsOfFile: "\(place)/\(name).csv", encoding: .utf8).split(separator: "\n")
        .map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
      return lines.dropFirst().map { Dictionary(zip(lines[0], $0)) { a, _ in a } }
    }
    let (lanes, alone) = (try rows("lanes"), try rows("alone"))
    for (a, b) in zip(lanes, alone) {
      #expect(
        a["outcome"] == "max-work" && b["outcome"] == "max-work" && a["iterations"] == "3000"
          && b["iterations"] == "3000")
      let (x, y) = (Double(a["loss"] ?? "") ?? 0, Double(b["loss"] ?? "") ?? 1)
      #expect(abs(x / y - 1) < 1e-12)
    }
  }

  @Test func studies() throws {
    let result = try Tool.run("study saddle-to-saddle --max-seconds 0.05 --json".words)
    #expect(result.code == 1 && result.err.contains("--max-seconds 0.05 is up"), "\(result.code) \(result.err)")
  }
}
