import Dynamics
import Experiments
import Foundation
import Regression
import TestSupport
import Testing

/// Small λ, late times: stability bounds the steps of the Taylor series, against tables in 113-bit arithmetic.
@Suite struct StiffTaylorTests {
  private static let folder = checkout + "data/cases/stiff-5x8/"

  private func setup() throws -> Setup {
    let problem = try RegressionProblem(
      designAt: Self.folder + "X.csv", responseAt: Self.folder + "y.csv", truthAt: nil)
    return try Setup(problem: problem, start: Initialization(alpha: 0.1, features: 8))
  }

  /// The largest relative error of a weight at each time of a table, and the steps that the run took.
  private func errors(_ lambda: String, _ stepper: String, _ relative: Double) throws -> (errors: [Double], steps: Int)
  {
    let text = try String(contentsOfFile: Self.folder + "lambda-\(lambda).txt", encoding: .utf8)
    let rows = text.split(separator: "\n").map { $0.split(separator: " ").compactMap { Double(String($0)) } }
    let times = rows.map { $0[0] }
    let flow = try FlowSpecification(
      kind: .mgf, lambda: Double(lambda), stepper: stepper, relative: relative, absolute: 0)
    let run = try FlowRun.run(setup(), flow, stop: .time(times[times.count - 1]), sampling: .times(times))
    let errors = rows.indices.map { k in
      zip(run.record.weights(at: k), rows[k][1...16]).reduce(0) { max($0, abs($1.0 / $1.1 - 1)) }
    }
    return (errors, run.solution.statistics.steps)
  }

  /// The errors of twelve thousand steps add up to less than 5e-14, of which a few roundings and the first steps make half.
  /// `auto` takes implicit steps as well, whose Newton iterations leave more.
  @Test(arguments: ["0.001", "0.007", "0.03"], [("taylor", 5e-14), ("auto", 5e-13)])
  func manySteps(_ lambda: String, _ route: (stepper: String, bound: Double)) throws {
    let found = try errors(lambda, route.stepper, 1e-15)
    #expect(found.errors.allSatisfy { $0 < route.bound }, "\(found)")
  }

  /// It costs nothing: as many steps as stability demands.
  @Test func steps() throws {
    let found = try errors("0.007", "taylor", 1e-15)
    #expect(found.steps < 3600, "\(found)")
    // Looser tolerances gain as much.
    let loose = try errors("0.007", "taylor", 1e-12)
    #expect(loose.errors.allSatisfy { $0 < 2e-11 }, "\(loose)")
  }
}
