import Dynamics
import Experiments
import Foundation
import LinearAlgebra
import Networks
import Regression
import TestSupport
import Testing

@Suite struct SpecificationTests {
  @Test func specificationsAreCodable() throws {
    let specification = ProblemSpecification(
      source: .gaussian(try SyntheticProblem(samples: 3, features: 4, nonzeros: 1, mean: 2, seed: 5)),
      start: .alpha(0.3), holdout: 0.25, seed: 5)
    let data = try JSONEncoder().encode(specification)
    #expect(try JSONDecoder().decode(ProblemSpecification.self, from: data) == specification)
  }

  @Test func notesAndSolvability() throws {
    let tall = try Instances.problem(6, 2, seed: 1)
    let setup = try Setup(problem: tall, start: Initialization(alpha: 0.1, features: 2))
    #expect(setup.notes.count == 2)
    #expect(try !setup.isSolvable(to: 1e-9) && setup.isSolvable(to: 100))
    #expect(throws: InvalidInput.self) { try setup.requireSolvable(to: 1e-9, option: "--until-residual") }
    let wide = try Instances.problem(2, 6, seed: 1)
    let solvable = try Setup(problem: wide, start: Initialization(alpha: 0.1, features: 6))
    #expect(try solvable.notes.isEmpty && solvable.isSolvable(to: 0))
  }

  /// λ_cert = n/(4 max‖Xᵢ‖‖r₀‖), with ‖r₀‖ → √(2nE(0)) when the start moves.
  @Test func certifiedLambda() throws {
    let problem = try RegressionProblem(
      name: "t", design: DesignMatrix(rows: 2, columns: 2, elements: [3, 1, 4, 0]), response: [1, 0])
    let still = try Setup(problem: problem, start: Initialization(alpha: 0.1, features: 2))
    #expect(abs((still.certifiedLambda(lambda: 1) ?? 0) - 2 / (4 * 5 * 1)) < 1e-15)
    let moving = try Setup(
      problem: problem,
      start: Initialization(u: [0.1, 0.1], v: [0, 0], uRate: [1, 0], vRate: [0, 0], features: 2))
    // E(0) = 1/4 + 2·(1 + 1)/4, 2nE = 1 + 4
    #expect(abs((moving.certifiedLambda(lambda: 2) ?? 0) - 2 / (4 * 5 * (1.0 + 4).squareRoot())) < 1e-15)
  }

  @Test func nothingIsCertifiedBelowTheInvariantVelocity() throws {
    let problem = try RegressionProblem(
      name: "t", design: DesignMatrix(rows: 1, columns: 1, elements: [1]), response: [1])
    let setup = try Setup(
      problem: problem, start: Initialization(u: [0.1], v: [0], uRate: [-1], vRate: [0], features: 1))
    #expect(setup.certifiedLambda(lambda: 0.04) != nil)
    #expect(setup.certifiedLambda(lambda: 0.06) == nil)
  }

  /// A target that no θ reaches is approached in the least-squares sense.
  @Test func leastSquares() throws {
    let problem = try Instances.problem(12, 3, seed: 7)
    let setup = try Setup(problem: problem, start: Initialization(alpha: 0.5, features: 3))
    let gf = try FlowSpecification(kind: .gf, lambda: nil, stepper: "rk8pd", relative: 1e-12, absolute: 0)
    let run = try FlowRun.run(setup, gf, stop: .time(500), sampling: .summary)
    let expected = try setup.rowSpace.minimumNormSolution(problem.response)
    #expect(distance(NetworkQuantities.theta(run.weights), expected) < 1e-8)
  }

  @Test func flowsAreValidated() throws {
    func make(_ kind: FlowSpecification.Kind, _ lambda: Double?, _ stepper: String = "rk8pd", _ r: Double = 1e-9) throws
    {
      _ = try FlowSpecification(kind: kind, lambda: lambda, stepper: stepper, relative: r, absolute: 0)
    }
    try make(.mgf, 1)
    try make(.gf, nil)
    for lambda in [nil, 0, -1, .nan, .infinity] as [Double?] {
      #expect(throws: InvalidInput.self) { try make(.mgf, lambda) }
    }
    #expect(throws: InvalidInput.self) { try make(.gf, 1) }
    for name in ["automatic", "radau7", "euler", ""] {
      do {
        try make(.mgf, 1, name)
        Issue.record("accepted \(name)")
      } catch {
        #expect("\(error)".contains("rk8pd"))
      }
    }
    #expect(throws: InvalidInput.self) { try make(.mgf, 1, "rk8pd", 1e-17) }
  }

  /// A run that nothing moves any more is stationary, not endless: with w₋ = 0 throughout θ = w₊²/4 ≥ 0 cannot reach a
  /// negative target, and w₊ decays to nothing.
  @Test func stationaryRunsEnd() throws {
    let problem = try RegressionProblem(
      name: "t", design: DesignMatrix(rows: 1, columns: 1, elements: [1]), response: [-1])
    let setup = try Setup(problem: problem, start: Initialization(u: [0.5], v: [0.5], features: 1))
    for (kind, lambda) in [(FlowSpecification.Kind.gf, nil), (.mgf, 0.1)] as [(FlowSpecification.Kind, Double?)] {
      let flow = try FlowSpecification(kind: kind, lambda: lambda, stepper: "rk8pd", relative: 1e-10, absolute: 0)
      let report = try solve(setup, flow, stop: .residual(tolerance: 1e-9, maximum: 1e5), sampling: .summary)
      #expect(report.json["outcome"] == .string("stationary"), "\(String(describing: report.json["outcome"]))")
      #expect(!report.isComplete)
      // w₋ = 0 stays zero, and is no event.
      #expect(report.record?.occurrences.isEmpty == true)
    }
  }

  @Test func untilResidualSamples() throws {
    let setup = try ProblemSpecification(
      source: .gaussian(try SyntheticProblem(samples: 6, features: 10, nonzeros: 2, seed: 1)), seed: 1
    ).load()
    let mgf = try FlowSpecification(kind: .mgf, lambda: 1, stepper: "rk8pd", relative: 1e-9, absolute: 0)
    let run = try FlowRun.run(
      setup, mgf, stop: .residual(tolerance: 1e-8, maximum: 1e5), sampling: .count(12))
    #expect(run.outcome == .residual && run.record.count == 12)
    #expect(run.record.times.first == 0 && run.record.times.last == run.solution.time)
    #expect((run.record.residualMax.last ?? 1) <= 1e-8)
    let short = try FlowRun.run(setup, mgf, stop: .residual(tolerance: 1e-8, maximum: 3), sampling: .summary)
    #expect(short.outcome == .maxTime && short.solution.time == 3)
  }

  /// Numbers in JSON read back bit for bit; what is not finite becomes null with a reason.
  @Test func json() throws {
    var object = JSONObject()
    let values: [Double] = [
      0.1, -0.0, 1e-300, .leastNonzeroMagnitude, 1.7976931348623157e308, 1.0 / 3, 12345678901234568,
    ]
    object["x"] = .numbers(values)
    object.set("nan", .nan, otherwise: "because")
    object["k"] = .integer(.max)
    object["s"] = .string("quote \" slash / λ \n")
    let text = JSONValue.object(object).text()
    let parsed = try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    let back = try #require(parsed["x"] as? [Double])
    #expect(zip(back, values).allSatisfy { $0 == $1 })
    #expect(parsed["nan"] is NSNull && parsed["nan_reason"] as? String == "because")
    #expect(parsed["s"] as? String == "quote \" slash / λ \n")
    #expect(!text.contains("\n"))
  }
}
