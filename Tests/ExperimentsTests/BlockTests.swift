import Descent
import Dynamics
import Experiments
import Networks
import Regression
import TestSupport
import Testing

/// One trajectory with X divided by columns is the trajectory of one process, to rounding; threads stand for processes.
@Suite struct BlockTests {
  private static func problem() throws -> ProblemSpecification {
    try ProblemSpecification(
      source: .gaussian(SyntheticProblem(samples: 9, features: 16, nonzeros: 3, mean: 0.5, seed: 4)),
      start: .alpha(0.3), seed: 4)
  }

  /// What a process of a team finds.
  private static func run(_ goal: Goal, _ team: any Reduction = Alone()) throws -> Measurements? {
    let experiment = Experiment(try problem(), goal)
    return try experiment.run(on: experiment.setup(), sharedBy: team)
  }

  private func agree(
    _ a: Measurements, _ b: Measurements, _ tolerance: Double = 1e-11, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    for key in ["time", "loss", "residual_max", "theta_l1", "test_error"] {
      let (x, y) = (a.json.number(key) ?? .nan, b.json.number(key) ?? .nan)
      #expect(abs(x - y) <= tolerance * abs(x), "\(key): \(x), in blocks \(y)", sourceLocation: sourceLocation)
    }
    guard let one = a.record, let other = b.record else { return }
    #expect(one.times.count == other.times.count && one.featureNames == other.featureNames)
    #expect(zip(one.weights, other.weights).allSatisfy { abs($0 - $1) <= 1e-10 }, sourceLocation: sourceLocation)
    #expect(zip(one.rates, other.rates).allSatisfy { abs($0 - $1) <= 1e-10 }, sourceLocation: sourceLocation)
    #expect(
      zip(one.energy, other.energy).allSatisfy { abs($0 - $1) <= tolerance * abs($0) }, sourceLocation: sourceLocation)
    #expect(one.occurrences.map(\.coordinate) == other.occurrences.map(\.coordinate), sourceLocation: sourceLocation)
    #expect(
      zip(one.occurrences, other.occurrences).allSatisfy { abs($0.time - $1.time) <= 1e-9 },
      sourceLocation: sourceLocation)
  }

  /// 16 features in 1, 2, 3, 5 and 16 blocks.
  @Test(arguments: [1, 2, 3, 5, 16])
  func flows(_ size: Int) throws {
    for (kind, lambda) in [(FlowSpecification.Kind.gf, Double?.none), (.mgf, 2)] {
      for stop in [StopRule.time(15)] {
        let flow = try FlowSpecification(kind: kind, lambda: lambda, stepper: "taylor", relative: 1e-12, absolute: 0)
        let goal = Goal.solve(flow, until: stop, recording: .count(7))
        let whole = try #require(try Self.run(goal))
        let parts = try ThreadedParts.run(size) { try Self.run(goal, $0) }
        agree(whole, try #require(parts.results[0]))
        #expect(parts.results[1...].allSatisfy { $0 == nil })
        #expect(kind == .gf || whole.record?.occurrences.isEmpty == false)
      }
    }
  }

  @Test(arguments: [1, 2, 3, 5], ["heavy-ball", "nesterov"])
  func descent(_ size: Int, _ name: String) throws {
    let method = try #require(DescentSettings.Method(rawValue: name))
    let settings = try DescentSettings(gamma: 0.02, beta: 0.9, method: method)
    for stop in [IterationRule.count(400)] {
      let goal = Goal.descend(settings, until: stop, recording: .count(9), identity: false)
      let whole = try #require(try Self.run(goal))
      let parts = try ThreadedParts.run(size) { try Self.run(goal, $0) }
      let joined = try #require(parts.results[0])
      agree(whole, joined)
      #expect(whole.json["iterations"] == joined.json["iterations"])
    }
    // Divergence is seen by all in the same iteration, wherever it began.
    let steep = try DescentSettings(gamma: 5, beta: 0.5, method: method)
    let goal = Goal.descend(steep, until: .count(1000), recording: .summary, identity: false)
    let whole = try #require(try Self.run(goal))
    let parts = try ThreadedParts.run(size) { try Self.run(goal, $0) }
    // From the residual, which all know, and a little later than from the weights.
    let (late, found) = (
      try #require(parts.results[0]?.json.number("diverged_at")), try #require(whole.json.number("diverged_at"))
    )
    #expect(late >= found - 5 && late <= found + 5)
    #expect(whole.json["diverged_at"] != nil)
  }

  /// A gradient takes one sum of n numbers and nothing else; with momentum a sum of 2n serves two orders of a series.
  @Test func communicationOfAGradient() throws {
    let gradient = try ThreadedParts.run(3) { reduction in
      let problem = try SyntheticProblem(samples: 9, features: 16, nonzeros: 3, seed: 4).problem().block(
        columns: reduction.rank * 16 / 3..<(reduction.rank + 1) * 16 / 3, leastColumns: 5, sharedBy: reduction)
      let network = DiagonalNetwork(problem)
      let w = [Double](repeating: 0.1, count: network.dimension)
      var f = w
      network.gradient(w, into: &f)
      return f
    }
    #expect(gradient.lengths == [9])
    let flow = try FlowSpecification(kind: .mgf, lambda: 1, stepper: "taylor", relative: 1e-10, absolute: 0)
    let run = try ThreadedParts.run(2) {
      try Self.run(.solve(flow, until: .time(20), recording: .at([0, 20])), $0)
    }
    let passes = try #require(run.results[0]?.json.number("gradient_evaluations"))
    let sums = run.lengths.count { $0 == 18 }
    #expect(abs(2 * Double(sums) - passes) <= 6, "\(sums) sums for \(passes) passes")
  }

  @Test func whatIsNotOfferedIsRefused() throws {
    let rk8pd = try FlowSpecification(kind: .mgf, lambda: 1, stepper: "rk8pd", relative: 1e-10, absolute: 0)
    let settings = try DescentSettings(gamma: 0.01, beta: 0.5)
    let batches = try DescentSettings(
      gamma: 0.01, beta: 0.5, batches: .init(size: 3, of: 9, replacement: false, seed: 1))
    func refuses(_ size: Int, _ goal: Goal, _ what: String) {
      let error = #expect(throws: InvalidInput.self) { _ = try ThreadedParts.run(size) { try Self.run(goal, $0) } }
      #expect(error?.description.contains(what) == true, "\(error?.description ?? "")")
    }
    let corrected = try FlowSpecification(
      kind: .corrected(order: 2), lambda: 1, stepper: "taylor", relative: 1e-10, absolute: 0, step: 0.1)
    let flow = try FlowSpecification(kind: .mgf, lambda: 1, stepper: "auto", relative: 1e-10, absolute: 0)
    refuses(2, .solve(rk8pd, until: .time(1), recording: .summary), "by its Taylor series only")
    refuses(2, .solve(corrected, until: .time(1), recording: .summary), "corrected flows are not shared")
    refuses(
      2, .solve(flow, until: .residual(tolerance: 1e-3, maximum: 9), recording: .summary), "no process has all of X")
    refuses(2, .descend(batches, until: .count(5), recording: .summary, identity: false), "minibatches are not shared")
    refuses(2, .descend(settings, until: .count(5), recording: .summary, identity: true), "only plain runs")
    refuses(
      2, .descend(settings, until: .residual(tolerance: 1e-3, maximum: 9), recording: .summary, identity: false),
      "no process has all of X")
    refuses(
      2, .limit(.descent(settings), try LimitCriteria(of: .descent(settings)), sensitivity: false),
      "only solve and descend are shared")
    refuses(
      17, .descend(settings, until: .count(1), recording: .summary, identity: false), "16 features for 17 processes")
  }
}
