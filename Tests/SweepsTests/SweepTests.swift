import Descent
import Dynamics
import Experiments
import Foundation
import Networks
import Regression
import Sweeps
import TestSupport
import Testing

@Suite struct SweepTests {
  private func place() throws -> String { try temporaryFolder() + "/s.sqlite" }

  private func rows(_ store: SweepStore, without hidden: Set<String> = []) throws -> [[StoredValue]] {
    let kept = store.columnNames.indices.filter { !hidden.contains(store.columnNames[$0]) }
    var rows: [[StoredValue]] = []
    try store.forEachRow { row in rows.append(kept.map { row[$0] }) }
    return rows
  }

  static let volatile: Set<String> = ["wall_seconds", "finished_at", "host"]

  private func swept(_ text: String, workers: Int = 1, at path: String? = nil) throws -> SweepStore {
    let store = try SweepStore(writing: path ?? place(), Study(yaml: text))
    _ = try Sweep(store, workers: workers).run(RunMonitor())
    return store
  }

  private func value(_ store: SweepStore, _ row: [StoredValue], _ name: String) throws -> Double {
    row[try #require(store.columnNames.firstIndex(of: name))].number
  }

  private func close(_ a: Double, _ b: Double, _ tolerance: Double) -> Bool {
    abs(a - b) <= tolerance * max(abs(a), abs(b))
  }

  /// A sweep of limits is what the command `limit` finds one by one, in lanes and by itself.
  @Test(arguments: ["heavy-ball", "nesterov"])
  func limitsEqualSeparateRuns(_ method: String) throws {
    let text = StudyTests.map.replacing("heavy-ball", with: method)
    let store = try swept(text, workers: 2)
    let problem = try SyntheticProblem(samples: 6, features: 10, nonzeros: 2, seed: 1).problem()
    let setup = try Setup(problem: problem, start: Initialization(alpha: 0.1, features: 10))
    let rows = try rows(store)
    #expect(rows.count == 12)
    for (index, row) in rows.enumerated() {
      let settings = store.study.settings(index)
      let report = try limit(
        setup,
        of: .descent(
          DescentSettings(
            gamma: settings[.gamma] ?? 0, beta: settings[.beta] ?? 0,
            method: #require(DescentSettings.Method(rawValue: method)))),
        LimitCriteria(route: .project, deltaTolerance: 1e-8, residualTolerance: 1e-10, maximumTime: 1e12))
      let json = report.json
      #expect(try value(store, row, "iterations") == json.number("iterations"))
      let ratios = try zip(#require(json.numbers("delta_inf")), #require(json.numbers("delta_0"))).map { $0 / $1 }
        .sorted()
      for (name, expected) in [
        ("delta_ratio_min", ratios[0]), ("delta_ratio_max", ratios[9]),
        ("delta_ratio_median", 0.5 * (ratios[4] + ratios[5])),
        ("theta_l1", try #require(json.numbers("theta_inf")).reduce(0) { $0 + abs($1) }),
        ("test_error", try #require(json.number("test_error"))), ("lambda", try #require(json.number("lambda"))),
      ] {
        let found = try value(store, row, name)
        #expect(close(found, expected, 1e-10), "\(name) of run \(index): \(found), by itself \(expected)")
      }
    }
  }

  /// Networks and losses are axes, for flows and discrete methods alike: each row is what `solve` or `descend` finds by itself.
  @Test(arguments: ["gf", "mgf", "heavy-ball", "nesterov"])
  func networksAndLosses(_ method: String) throws {
    let isDiscrete = method != "gf" && method != "mgf"
    let fixed = isDiscrete ? "gamma: 0.02, beta: 0.5" : method == "mgf" ? "lambda: 0.3, rtol: 1e-11" : "rtol: 1e-11"
    let text = """
      problem: {gaussian: {samples: 6, features: 10, nonzeros: 2, seed: 4}, holdout: 0.2}
      initialisation: {alpha: 0.4}
      method: \(method)
      fixed: {\(fixed)}
      axes: {network: [diagonal, power, layers], loss_function: [square, logistic], depth: [2, 3]}
      record: {samples: 3}
      stop: {until: 4}
      """
    let path = try place()
    let store = try swept(text, at: path)
    let rows = try rows(store)
    #expect(rows.count == 12 && store.study.groups.count == 3)
    let source = ProblemSpecification(
      source: .gaussian(try SyntheticProblem(samples: 6, features: 10, nonzeros: 2, seed: 4)), start: .alpha(0.4),
      holdout: 0.2, seed: 4)
    let place = { (name: String) in try #require(store.columnNames.firstIndex(of: name)) }
    for row in rows {
      let (name, loss) = (row[try place("network")].text, row[try place("loss_function")].text)
      let depth = try value(store, row, "depth")
      guard name != "diagonal" || depth == 2 else {
        #expect(row[try place("failure")].text.contains("two layers"))
        continue
      }
      let model = NetworkModel(
        try Parametrization(named: name, depth: Int(depth)), try #require(Loss(rawValue: loss)))
      let setup = try source.load(model)
      let report =
        try isDiscrete
        ? descend(
          setup,
          DescentSettings(gamma: 0.02, beta: 0.5, method: #require(DescentSettings.Method(rawValue: method))),
          stop: .count(100), recording: .endpoints)
        : solve(
          setup,
          FlowSpecification(
            kind: #require(FlowSpecification.Kind(rawValue: method)), lambda: method == "mgf" ? 0.3 : nil,
            stepper: "auto", relative: 1e-11, absolute: 0), stop: .time(4), sampling: .endpoints)
      #expect(report.isComplete)
      for key in ["time", "loss", "theta_l1", "test_error"] {
        let (found, expected) = (try value(store, row, key), try #require(report.json.number(key)))
        #expect(close(found, expected, 1e-12), "\(key) of \(name) \(loss) \(depth): \(found), by itself \(expected)")
      }
      #expect((report.residualMax == nil) == (try value(store, row, "residual_max")).isNaN)
      #expect(row[try place("trajectory")].text.contains("network=\(name),loss_function=\(loss),depth=\(Int(depth))"))
    }
    let exported = path + ".nc"
    try store.export(to: exported, provenance: Provenance(arguments: [], seed: nil, reading: []))
    #expect(FileManager.default.fileExists(atPath: exported))
  }

  /// What networks cannot be asked for is said with its place.
  @Test(arguments: [
    ("axes: {network: [diagonal, ring]}", "stop: {until: 1}", "there is no network of that name"),
    ("fixed: {loss_function: hinge}", "stop: {until: 1}", "choose one of square, logistic, exponential"),
    ("fixed: {loss_function: logistic}", "stop: {residual: 1e-3}", "has no residual"),
    ("fixed: {network: layers}", "stop: {until: 1}", "it has no depth yet"),
    ("fixed: {depth: 3}", "stop: {delta_tolerance: 1e-6}", "nothing uses it"),
  ])
  func unusableNetworks(_ part: String, _ stop: String, _ message: String) throws {
    let text = """
      problem: {gaussian: {samples: 6, features: 10, nonzeros: 2, seed: 4}}
      method: gf
      \(part)
      \(stop)
      """
    let error = try #require(throws: InvalidInput.self) { try Study(yaml: text, path: "study") }
    #expect(error.description.contains(message) && error.description.hasPrefix("study:"), "\(error.description)")
  }

  /// Slow tails are handed over in lanes as by itself.
  @Test func tailsEqualSeparateRuns() throws {
    let store = try swept(
      """
      problem: {gaussian: {samples: 6, features: 10, nonzeros: 2, seed: 3}}
      initialisation: {alpha: 0.003}
      method: heavy-ball
      axes: {gamma: [1e-4, 1e-3], beta: [0.5, 0.9]}
      stop: {delta_tolerance: 1e-8}
      """)
    let problem = try SyntheticProblem(samples: 6, features: 10, nonzeros: 2, seed: 3).problem()
    let setup = try Setup(problem: problem, start: Initialization(alpha: 0.003, features: 10), seed: 3)
    var tails = 0
    for (index, row) in try rows(store).enumerated() {
      let settings = store.study.settings(index)
      let report = try limit(
        setup, of: .descent(DescentSettings(gamma: settings[.gamma] ?? 0, beta: settings[.beta] ?? 0)),
        LimitCriteria(
          route: .project, deltaTolerance: 1e-8, residualTolerance: 1e-10, maximumTime: 1e15,
          maximumPasses: 10_000_000))
      #expect(report.isComplete, "\(report.failure ?? "")")
      if report.tail != nil { tails += 1 }
      let ratios = try zip(
        #require(report.balancedness), #require(report.initialBalancedness)
      ).map { $0 / $1 }.sorted()
      for (name, expected, tolerance) in [
        ("delta_ratio_min", ratios[0], 2e-8), ("delta_ratio_max", ratios[9], 2e-8),
        ("theta_l1", try #require(report.theta).reduce(0) { $0 + abs($1) }, 1e-8),
        ("iterations", try #require(report.json.number("iterations")), 0.1),
        ("gradient_evaluations", try #require(report.json.number("gradient_evaluations")), 0.1),
      ] {
        let found = try value(store, row, name)
        #expect(close(found, expected, tolerance), "\(name) of run \(index): \(found), by itself \(expected)")
      }
    }
    #expect(tails >= 2, "\(tails)")
  }

  /// Other ends and methods against the functions behind `descend` and `solve`.
  @Test func otherEndsEqualSeparateRuns() throws {
    let head = """
      problem: {gaussian: {samples: 6, features: 10, nonzeros: 2, seed: 3}}
      initialisation: {alpha: 0.2}

      """
    let problem = try SyntheticProblem(samples: 6, features: 10, nonzeros: 2, seed: 3).problem()
    let setup = try Setup(problem: problem, start: Initialization(alpha: 0.2, features: 10), seed: 3)
    func check(_ text: String, _ expected: (Int, Settings) throws -> Measurements) throws {
      let store = try swept(head + text)
      for (index, row) in try rows(store).enumerated() {
        let report = try expected(index, store.study.settings(index))
        for name in ["loss", "residual_max", "test_error", "theta_l1", "time"] {
          let (found, own) = (try value(store, row, name), try #require(report.json.number(name)))
          #expect(close(found, own, 1e-9), "\(text): \(name) of run \(index): \(found), by itself \(own)")
        }
      }
    }
    try check("method: nesterov\naxes: {gamma: [1e-3, 3e-3], beta: [0, 0.5, 0.8]}\nstop: {residual: 1e-3}") {
      try descend(
        setup, DescentSettings(gamma: $1[.gamma] ?? 0, beta: $1[.beta] ?? 0, method: .nesterov),
        stop: .residual(tolerance: 1e-3, maximum: 10_000_000), recording: .endpoints)
    }
    try check("method: heavy-ball\naxes: {lambda: [0.1, 1], step: [0.01, 0.02, 0.05]}\nstop: {until: 30}") {
      let settings = try DescentSettings(lambda: $1[.lambda] ?? 0, step: $1[.step] ?? 0)
      return try descend(
        setup, settings, stop: .count(Int((30 / settings.step).rounded())), recording: .endpoints)
    }
    try check("method: heavy-ball\nfixed: {gamma: 1e-3, beta: 0.9}\naxes: {batch: [1, 2, 6]}\nstop: {iterations: 700}")
    {
      try descend(
        setup,
        DescentSettings(
          gamma: 1e-3, beta: 0.9, batches: .init(size: Int($1[.batch] ?? 0), of: 6, replacement: false, seed: 3)),
        stop: .count(700), recording: .endpoints)
    }
    try check("method: mgf\naxes: {lambda: [0.1, 1, 10]}\nfixed: {rtol: 1e-10}\nstop: {until: 20}") {
      try solve(
        setup, FlowSpecification(kind: .mgf, lambda: $1[.lambda], stepper: "auto", relative: 1e-10, absolute: 0),
        stop: .time(20), sampling: .endpoints)
    }
    try check("method: gf\naxes: {rtol: [1e-6, 1e-10]}\nstop: {residual: 1e-4}") {
      try solve(
        setup, FlowSpecification(kind: .gf, lambda: nil, stepper: "auto", relative: $1[.rtol] ?? 0, absolute: 0),
        stop: .residual(tolerance: 1e-4, maximum: 1e15), sampling: .endpoints)
    }
  }

  static let mixed = """
    problem: {gaussian: {samples: 5, features: 8, nonzeros: 2}}
    method: heavy-ball
    axes:
      seed: [1, 2, 3]
      gamma: [1e-3, 1e-2, 5]
      beta: {linear: [0, 0.9, 5]}
    stop: {delta_tolerance: 1e-6, max_iterations: 100000}
    """

  /// The same bits for any number of workers, and whatever was done before; runs that diverge are results, too.
  @Test func companyDoesNotShow() throws {
    let one = try swept(Self.mixed)
    let expected = try rows(one, without: Self.volatile)
    #expect(expected.count == 45)
    for workers in [2, 5] {
      #expect(try rows(swept(Self.mixed, workers: workers), without: Self.volatile) == expected)
    }
    let path = try place()
    let study = try Study(yaml: Self.mixed)
    do {
      let store = try SweepStore(writing: path, study)
      var part = Sweep(store, workers: 2)
      part.filters = [try RunFilter("beta>0.3", study), try RunFilter("seed!=2", study)]
      let end = try part.run(RunMonitor())
      #expect(end.isComplete && end.done == 18)
    }
    #expect(try rows(swept(Self.mixed, workers: 2, at: path), without: Self.volatile) == expected)
    let names = try one.outcomes().map(\.name)
    #expect(names.contains("diverged") && names.contains("reached"))
  }

  @Test func failuresAreRecordedAndRetried() throws {
    let text = """
      problem: {gaussian: {samples: 4, features: 6, nonzeros: 2}}
      method: heavy-ball
      axes: {lambda: [0.01, 1], step: [0.005, 0.1]}
      stop: {iterations: 10}
      """
    let path = try place()
    do {
      let store = try swept(text, at: path)
      let counts = try store.counts()
      #expect(counts.runs == 4 && counts.completed == 4 && counts.failed == 1)
      #expect(try store.outcomes().contains { $0.name.contains("it is above λ = 0.01") })
      #expect(try Sweep(store, workers: 1).pending().isEmpty)
      var again = Sweep(store, workers: 1)
      again.retriesFailed = true
      #expect(try again.pending() == [1])
      _ = try again.run(RunMonitor())
      #expect(try store.counts().failed == 1)
    }
  }

  @Test func axesMayBeExtendedAndNothingElse() throws {
    let path = try place()
    do { _ = try swept(Self.mixed, at: path) }
    let larger = Self.mixed.replacing("seed: [1, 2, 3]", with: "seed: [3, 1, 4, 2]")
      .replacing("[1e-3, 1e-2, 5]", with: "[1e-4, 1e-3, 1e-2, 5]")
    do {
      let store = try SweepStore(writing: path, Study(yaml: larger))
      #expect(try Sweep(store, workers: 1).pending().count == 80 - 45)
      _ = try Sweep(store, workers: 2).run(RunMonitor())
      #expect(try rows(store, without: Self.volatile) == rows(swept(larger), without: Self.volatile))
    }
    for other in [
      Self.mixed, larger.replacing("1e-6", with: "1e-7"), larger.replacing("heavy-ball", with: "nesterov"),
      larger.replacing("samples: 5", with: "samples: 4"),
    ] {
      #expect(throws: InvalidInput.self) { try SweepStore(writing: path, Study(yaml: other)) }
    }
    #expect(try SweepStore(reading: path).counts().completed == 80)
  }

  @Test func oneWriterAtATime() throws {
    let path = try place()
    let store = try SweepStore(writing: path, Study(yaml: Self.mixed))
    #expect(throws: InvalidInput.self) { try SweepStore(writing: path, Study(yaml: Self.mixed)) }
    #expect(StoreLock.isHeld(path))
    // Readers are welcome.
    #expect(try SweepStore(reading: path).counts().completed == 0)
    withExtendedLifetime(store) {}
  }

  @Test func whatIsNoStoreIsRefused() throws {
    let path = try place()
    #expect(throws: InvalidInput.self) { try SweepStore(reading: path) }
    try Data(String(repeating: "not a database ", count: 100).utf8).write(to: URL(filePath: path))
    #expect(throws: InvalidInput.self) { try SweepStore(reading: path) }
    #expect(throws: InvalidInput.self) { try SweepStore(writing: path, Study(yaml: Self.mixed)) }
    #expect(throws: InvalidInput.self) { try SweepStore(writing: "/nowhere/s.sqlite", Study(yaml: Self.mixed)) }
  }

  /// A power cut may lose the end of the log, never the rest: the log is cut at random places, and the sweep goes on.
  @Test func aCutLogLosesOnlyItsEnd() throws {
    let expected = try rows(swept(Self.mixed), without: Self.volatile)
    let path = try place()
    let store = try SweepStore(writing: path, Study(yaml: Self.mixed))
    for seed in [1, 2, 3] {
      var sweep = Sweep(store, workers: 1)
      sweep.filters = [try RunFilter("seed=\(seed)", store.study)]
      _ = try sweep.run(RunMonitor())
    }
    let (main, log) = (try Data(contentsOf: URL(filePath: path)), try Data(contentsOf: URL(filePath: path + "-wal")))
    #expect(log.count > 10_000)
    var stream = SystemRandomNumberGenerator()
    var found: Set<Int> = []
    for _ in 0..<12 {
      let copy = try place()
      try main.write(to: URL(filePath: copy))
      let kept = Int.random(in: 0...log.count, using: &stream)
      try log.prefix(kept).write(to: URL(filePath: copy + "-wal"))
      let again = try SweepStore(writing: copy, Study(yaml: Self.mixed))
      found.insert(try again.counts().completed)
      _ = try Sweep(again, workers: 2).run(RunMonitor())
      #expect(try rows(again, without: Self.volatile) == expected, "cut after \(kept) bytes")
    }
    #expect(found.count > 1)
    withExtendedLifetime(store) {}
  }

  /// A limit less certain than asked for is a failure, as `limit` says; what diverged has no test error.
  @Test func uncertainLimitsFail() throws {
    let text = """
      problem: {gaussian: {samples: 6, features: 10, nonzeros: 2}}
      method: mgf
      fixed: {rtol: 1e-5}
      axes: {lambda: [1, 30]}
      stop: {delta_tolerance: 1e-10}
      """
    let store = try swept(text)
    #expect(try store.counts().failed == 2)
    #expect(try store.outcomes().allSatisfy { $0.name == "reached" })
    let diverging = try swept(Self.mixed)
    let outcome = try #require(diverging.columnNames.firstIndex(of: "outcome"))
    for row in try rows(diverging) where row[outcome] == .text("diverged") {
      #expect(try value(diverging, row, "test_error").isNaN && value(diverging, row, "delta_ratio_min").isNaN)
    }
  }

  /// Trajectories are named by what they are, not by numbers that change when an axis grows.
  @Test func trajectoriesSurviveAnExtension() throws {
    let path = try place()
    func text(_ betas: String) -> String {
      """
      problem: {gaussian: {samples: 4, features: 6, nonzeros: 2}}
      method: heavy-ball
      fixed: {gamma: 0.01}
      axes: {beta: \(betas)}
      record: {samples: 5}
      stop: {iterations: 20}
      """
    }
    do { _ = try swept(text("[0.5, 0.9]"), at: path) }
    let store = try swept(text("[0, 0.5, 0.7, 0.9]"), at: path)
    let names = try FileManager.default.contentsOfDirectory(atPath: store.trajectoryFolder).sorted()
    #expect(names == ["beta=0.0.nc", "beta=0.5.nc", "beta=0.7.nc", "beta=0.9.nc"])
  }

  @Test func changedDataAndForeignDatabasesAreRefused() throws {
    let path = try place()
    let folder = URL(filePath: path).deletingLastPathComponent().path()
    let table = folder + "/d.csv"
    try Data("x,y\n1,2\n3,5\n4,1\n".utf8).write(to: URL(filePath: table))
    let text = "problem: {data: \(table), target: y}\nmethod: gf\naxes: {alpha: [0.1, 0.2]}\nstop: {until: 1}"
    do { _ = try swept(text, at: path) }
    try Data("x,y\n1,2\n3,5\n4,2\n".utf8).write(to: URL(filePath: table))
    #expect(throws: InvalidInput.self) { try SweepStore(writing: path, Study(yaml: text)) }
    let other = folder + "/other.sqlite"
    let process = try Process.run(
      URL(filePath: "/usr/bin/env"),
      arguments: [
        "python3", "-c",
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('CREATE TABLE t (x)'); c.commit()",
        other,
      ])
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    let before = try Data(contentsOf: URL(filePath: other))
    #expect(throws: InvalidInput.self) { try SweepStore(writing: other, Study(yaml: text)) }
    #expect(try Data(contentsOf: URL(filePath: other)) == before)
    // A link is the same store.
    let link = folder + "/link.sqlite"
    try Data().write(to: URL(filePath: folder + "/real.sqlite"))
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: folder + "/real.sqlite")
    let store = try SweepStore(writing: folder + "/real.sqlite", Study(yaml: text))
    #expect(throws: InvalidInput.self) { try SweepStore(writing: link, Study(yaml: text)) }
    withExtendedLifetime(store) {}
  }
}
