import Descent
import Dynamics
import Experiments
import Files
import Foundation
import Networks
import Regression
import TestSupport
import Testing

/// An experiment is one value: written, read, validated and run in one place.
@Suite struct ExperimentTests {
  private static func problem(_ start: ProblemSpecification.Start? = .alpha(0.1)) throws -> ProblemSpecification {
    ProblemSpecification(
      source: .gaussian(try SyntheticProblem(samples: 4, features: 6, nonzeros: 2, mean: 0.5, seed: 1 << 63 + 1)),
      start: start, holdout: 0.25, seed: 1 << 63 + 1)
  }

  private static func flow(_ kind: FlowSpecification.Kind = .mgf, step: Double? = nil) throws -> FlowSpecification {
    try FlowSpecification(
      kind: kind, lambda: kind == .gf ? nil : 0.7, stepper: "taylor", relative: 1e-12, absolute: 1e-3, step: step)
  }

  /// Experiments of every goal, with settings that are not the default.
  private static func all() throws -> [Experiment] {
    let format = TableFormat(
      index: "first", drop: ["a", "b"], delimiter: .tab, decimal: .comma, missing: .dropRows)
    let table = ProblemSpecification(
      source: .table(path: "t.csv", target: "y", standardize: true, format: format),
      start: .layers(u: "u", v: "v", uRate: "ur", vRate: "vr"), seed: 3)
    let matrices = ProblemSpecification(
      source: .matrices(design: "X.npy", response: "y", truth: "t", format: TableFormat(header: true)),
      start: .blocks(weights: "w", rates: "s"), seed: 3)
    let preset = ProblemSpecification(source: .preset(name: "figure-1", mean: 2), start: nil, seed: 5)
    let layers = NetworkModel(.layers(depth: 3), .logistic)
    let batches = try DescentSettings.Batches(size: 2, of: .max, replacement: true, seed: 1 << 63 + 1)
    let matched = try DescentSettings(lambda: 0.3, step: 0.1, method: .nesterov, batches: batches)
    let rates = try DescentSettings(gamma: 0.1, beta: 0.3)
    let criteria = try LimitCriteria(
      of: .descent(rates), deltaTolerance: 1e-7, maximumTime: 1e5, tail: .iterate)
    return try [
      Experiment(problem(), .solve(flow(), until: .time(3), recording: .count(5))),
      Experiment(
        table, .solve(flow(.gf), until: .residual(tolerance: 1e-3, maximum: 1e4), recording: .every),
        limit: WorkLimit(passes: 1000, seconds: 2.5)),
      Experiment(
        matrices, network: layers, .solve(flow(), until: .time(3), recording: .logarithmic(count: 4, from: 0.5))),
      Experiment(
        problem(), .solve(flow(.corrected(order: 3), step: 0.1), until: .time(3), recording: .at([0, 0.1, 3]))),
      Experiment(preset, .descend(rates, until: .count(7), recording: .summary, identity: true)),
      Experiment(
        problem(),
        .descend(
          matched, until: .residual(tolerance: 1e-2, maximum: 99), recording: .at([0, 5]), identity: false)),
      Experiment(
        problem(), .compare(flow(), ComparisonCriteria(method: .nesterov, order: 2, steps: [0.1, 0.05], until: 2))),
      Experiment(
        problem(),
        .compare(
          flow(), ComparisonCriteria(steps: [0.1], until: 2, gap: GapCriteria(work: 0), batches: batches, paths: 50))),
      Experiment(problem(), .limit(.flow(flow()), LimitCriteria(of: .flow(flow())), sensitivity: true)),
      Experiment(problem(), .limit(.descent(rates), criteria, sensitivity: false)),
      Experiment(
        problem(),
        .certify(
          .flow(flow()), LimitCriteria(of: .flow(flow()), route: .integrate, residualTolerance: 1e-5, maximumTime: 10))),
      Experiment(
        problem(), .thresholds(ThresholdCriteria(step: 0.1, method: .nesterov, tolerance: 1e-5, range: 1e-3...10))),
      Experiment(problem(), .thresholds(ThresholdCriteria(step: nil, tolerance: 1e-8, range: nil))),
    ]
  }

  /// What is written is read as the same value, whole and through JSON.
  @Test func codable() throws {
    for experiment in try Self.all() {
      let data = try JSONEncoder().encode(experiment)
      let read = try JSONDecoder().decode(Experiment.self, from: data)
      #expect(read == experiment, "\(experiment.text)")
    }
  }

  /// A run from the value is the run of the function behind it, bit for bit.
  @Test func running() throws {
    let experiment = try Experiment(Self.problem(), .solve(Self.flow(), until: .time(3), recording: .count(5)))
    let report = try #require(try experiment.run(on: experiment.setup()))
    let direct = try solve(
      experiment.problem.load(), Self.flow(), stop: .time(3), sampling: .count(5))
    #expect(report.record?.weights == direct.record?.weights && report.record?.count == 5)
  }

  /// What does not go together is refused before any data are looked at, and names its field.
  @Test func exclusions() throws {
    let layers = NetworkModel(.layers(depth: 3), .square)
    let problem = try Self.problem(nil)
    let flow = try Self.flow()
    let rates = try DescentSettings(gamma: 0.1, beta: 0.3)
    let limit = try LimitCriteria(of: .flow(flow))
    let cases: [(Experiment, Field, Int)] = try [
      (Experiment(problem, network: layers, .limit(.flow(flow), limit, sensitivity: false)), .network, 1),
      (
        Experiment(
          problem, network: NetworkModel(.diagonal, .logistic),
          .thresholds(ThresholdCriteria(step: nil, tolerance: 1e-8, range: nil))), .loss, 1
      ),
      (Experiment(problem, .limit(.descent(rates), limit, sensitivity: true)), .sensitivity, 1),
      (
        Experiment(
          problem, .certify(.flow(flow), LimitCriteria(of: .flow(flow), residualTolerance: 1e-3))),
        .residualTolerance, 1
      ),
      (Experiment(problem, .compare(flow, ComparisonCriteria(order: 13, steps: [0.1], until: 1))), .order, 1),
      (Experiment(problem, .compare(flow, ComparisonCriteria(steps: [0.1], until: -1))), .until, 1),
      (Experiment(problem, .solve(flow, until: .time(0), recording: .summary)), .until, 1),
      (Experiment(problem, .solve(flow, until: .time(1), recording: .count(1))), .recordedSamples, 1),
      (Experiment(problem, .solve(flow, until: .time(1), recording: .at([0, 2]))), .recordedTimes, 1),
      (
        Experiment(
          problem, .descend(rates, until: .residual(tolerance: 0, maximum: 5), recording: .summary, identity: false)),
        .residual, 1
      ),
      (Experiment(problem, .descend(rates, until: .count(5), recording: .summary, identity: true)), .identity, 2),
      (Experiment(problem, network: layers, .solve(flow, until: .time(1), recording: .summary)), .network, 2),
    ]
    for (experiment, field, team) in cases {
      let error = #expect(throws: InvalidInput.self) { try experiment.validate(team: team) }
      #expect(error?.field == field, "\(experiment.text): \(error.map { "\($0)" } ?? "")")
    }
  }

  /// The documentation has the table that validation goes by.
  @Test func documentation() throws {
    let page = try String(
      contentsOfFile: checkout + "Sources/Experiments/Experiments.docc/ExperimentFiles.md", encoding: .utf8)
    #expect(page.hasSuffix(Exclusion.table), "\(Exclusion.table)")
  }

  /// What is written wrongly is refused with the path of its field.
  @Test(arguments: [
    (#"{}"#, "command"), (#"{"command": "fly"}"#, "command"), (#"{"command": "solve"}"#, "problem"),
    (#"{"command": "solve", "problme": {}}"#, "problme"),
    (#"{"command": "solve", "problem": 3}"#, "problem"),
    (#"{"command": "solve", "problem": {"gaussian": {"samples": 3}}}"#, "problem.features"),
    (#"{"command": "solve", "problem": {"gaussian": {}, "data": "x"}}"#, "problem"),
    (#"{"command": "solve", "problem": {"preset": "x", "seed": -1}}"#, "problem.seed"),
    (#"{"command": "solve", "problem": {"preset": "x", "seed": 1e20}}"#, "problem.seed"),
    (#"{"command": "solve", "problem": {"preset": "x"}, "motion": {"lambda": "1"}}"#, "motion.lambda"),
    (
      #"{"command": "solve", "problem": {"preset": "x"}, "motion": {"lambda": 0}, "goal": {"until": 1}}"#,
      "motion.lambda"
    ),
    (#"{"command": "solve", "problem": {"preset": "x"}, "motion": {"lambda": 1}}"#, "goal"),
    (
      #"{"command": "solve", "problem": {"preset": "x"}, "motion": {"lambda": 1, "gamma": 1}, "goal": {"until": 1}}"#,
      "motion.gamma"
    ),
    (
      #"{"command": "solve", "problem": {"preset": "x"}, "motion": {"lambda": 1}, "goal": {"until": 1}, "numerics": {"stepper": "rk4"}}"#,
      "numerics.stepper"
    ),
    (#"{"command": "solve", "problem": {"preset": "x"}, "network": {"network": "layers"}}"#, "network.network"),
    (#"{"command": "descend", "problem": {"data": "x", "target": "y"}, "goal": {"iterations": 1}}"#, "motion.method"),
    (
      #"{"command": "limit", "problem": {"preset": "x"}, "motion": {"lambda": 1}, "goal": {"route": "up"}}"#,
      "goal.route"
    ),
    (#"{"command": "thresholds", "problem": {"preset": "x"}, "goal": {"optimal": [2, 1]}}"#, "goal.optimal"),
    (
      #"{"command": "solve", "problem": {"preset": "x"}, "initialisation": {"u0": "u"}, "motion": {"lambda": 1}, "goal": {"until": 1}}"#,
      "initialisation.v0"
    ),
  ])
  func mistakes(_ text: String, _ field: String) throws {
    let error = #expect(throws: InvalidInput.self) {
      try JSONDecoder().decode(Experiment.self, from: Data(text.utf8))
    }
    #expect(error?.field?.rawValue == field, "\(error.map { "\($0)" } ?? "")")
  }
}
