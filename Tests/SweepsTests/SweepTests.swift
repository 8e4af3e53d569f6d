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
  func place() throws -> String { try temporaryFolder() + "/s.sqlite" }

  func rows(_ store: SweepStore, without hidden: Set<String> = []) throws -> [[StoredValue]] {
    let kept = store.columnNames.indices.filter { !hidden.contains(store.columnNames[$0]) }
    var rows: [[StoredValue]] = []
    try store.forEachRow { row in rows.append(kept.map { row[$0] }) }
    return rows
  }

  static let volatile: Set<String> = ["wall_seconds", "finished_at", "host"]

  static let mixed = """
    problem: {gaussian: {samples: 5, features: 8, nonzeros: 2}}
    method: heavy-ball
    axes:
      seed: [1, 2, 3]
      gamma: [1e-3, 1e-2, 5]
      beta: {linear: [0, 0.9, 5]}
    stop: {delta_tolerance: 1e-6, max_iterations: 100000}
    """

  func swept(_ text: String, workers: Int = 1, at path: String? = nil) throws -> SweepStore {
    let store = try SweepStore(writing: path ?? place(), Study(yaml: text))
    _ = try Sweep(store, workers: workers).run(RunMonitor())
    return store
  }

  func value(_ store: SweepStore, _ row: [StoredValue], _ name: String) throws -> Double {
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

  /// Limits of layers and powers of depth 2 are those that `limit` finds.
  @Test(arguments: ["gf", "mgf", "heavy-ball"])
  func limitsOfNetworks(_ method: String) throws {
    let fixed = ["gf": "", "mgf": ", lambda: 0.3", "heavy-ball": ", gamma: 0.02, beta: 0.5"][method] ?? ""
    let store = try swept(
      """
      problem: {gaussian: {samples: 6, features: 10, nonzeros: 2, seed: 4}}
      initialisation: {alpha: 0.2}
      method: \(method)
      fixed: {depth: 2\(fixed)}
      axes: {network: [power, layers]}
      stop: {delta_tolerance: 1e-7}
      """, at: try place())
    let rows = try rows(store)
    for (index, row) in rows.enumerated() {
      let expected = try store.study.experiment(at: index).run()
      #expect(expected.isComplete && expected.outcome == .reached)
      let delta = zip(try #require(expected.balancedness), try #require(expected.initialBalancedness)).map { $0 / $1 }
      #expect(close(try value(store, row, "delta_ratio_max"), try #require(delta.max()), 1e-6), "\(index)")
      #expect(close(try value(store, row, "theta_l1"), try #require(expected.regimes?.thetaL1), 1e-6), "\(index)")
      #expect(close(try value(store, row, "time"), try #require(expected.time), 1e-9), "\(index)")
      for (name, own) in [
        ("residual_max", expected.residualAtProjection), ("test_error", expected.testError),
        ("iterations", expected.json.number("iterations")),
      ] where name != "iterations" || method == "heavy-ball" {
        #expect(close(try value(store, row, name), try #require(own), 1e-6), "\(name) of \(index)")
      }
      let moved = try #require(expected.perturbedStart).maximumMagnitude / #require(expected.theta).maximumMagnitude
      #expect(close(try value(store, row, "perturbation"), moved, 1e-6), "\(index)")
    }
    #expect(rows.count == 2)
  }

  /// A trajectory holds the experiment that makes it again; that of a limit found at once goes as far as the residual does.
  @Test(arguments: ["gf", "mgf"])
  func trajectoriesHoldTheirExperiment(_ method: String) throws {
    let path = try place()
    let store = try swept(
      """
      problem: {gaussian: {samples: 6, features: 10, nonzeros: 2, seed: 4}}
      method: \(method)
      axes: {alpha: [0.1, 0.2]}
      record: {samples: 5}
      \(method == "mgf" ? "fixed: {lambda: 0.3}" : "")
      stop: {delta_tolerance: 1e-6}
      """, at: path)
    let place = try #require(store.columnNames.firstIndex(of: "trajectory"))
    for row in try rows(store) {
      let file = path.replacingOccurrences(of: ".sqlite", with: "-trajectories/") + row[place].text
      let found = try Experiment(of: file).run()
      #expect(found.outcome == (method == "gf" ? .residual : .reached))
      #expect(found.record?.times.count == 5)
      if method == "gf" {
        #expect(found.residualMax ?? 1 < 1e-9)
      } else {
        #expect(close(try #require(found.loss), try value(store, row, "loss"), 1e-6))
      }
    }
  }

  /// What networks cannot be asked for is said with its place.
  @Test(arguments: [
    ("axes: {network: [diagonal, ring]}", "stop: {until: 1}", "there is no network of that name"),
    ("fixed: {loss_function: hinge}", "stop: {until: 1}", "choose one of square, logistic, exponential"),
    ("fixed: {loss_function: logistic}", "stop: {residual: 1e-3}", "has no residual"),
    ("fixed: {network: layers}", "stop: {until: 1}", "it has no depth yet"),
    ("fixed: {depth: 3}", "stop: {delta_tolerance: 1e-6}", "limits are known of"),
    ("fixed: {depth: 2, loss_function: logistic}", "stop: {delta_tolerance: 1e-6}", "limits are known of"),
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
}
