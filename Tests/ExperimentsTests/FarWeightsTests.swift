import Descent
import Dynamics
import Experiments
import Foundation
import LinearAlgebra
import Regression
import TestSupport
import Testing

/// Weights that leave the range of doubles: followed, counted and named, never silently zero.
@Suite struct FarWeightsTests {
  private func report(
    _ setup: Setup, lambda: Double, stepper: String = "auto", route: LimitRoute = .project, tolerance: Double = 1e-9
  ) throws -> Measurements {
    let relative = ["rk8pd": 1e-13, "radau": 1e-12][stepper] ?? 1e-15
    let flow = try FlowSpecification(
      kind: .mgf, lambda: lambda, stepper: stepper, relative: relative, absolute: 0)
    return try limit(
      setup, of: .flow(flow),
      LimitCriteria(route: route, deltaTolerance: tolerance, residualTolerance: 1e-11, maximumTime: 1e15))
  }

  private func tolerance(_ stepper: String) -> Double { ["rk8pd": 1e-6, "radau": 1e-6][stepper] ?? 1e-8 }

  private func signChanges(_ json: JSONObject) -> Int {
    if case .array(let items)? = json["sign_changes"] { items.count } else { -1 }
  }

  /// α = 1e-120 with momentum, against multiple precision: Δ∞ of feature 0 is 1.69e-389, after 59 sign changes in all.
  @Test(arguments: ["auto", "taylor", "radau", "rk8pd"])
  func underflow(_ stepper: String) throws {
    let reference = try #require(try ReferenceLimit.table().first { $0.kind == "underflow" })
    let setup = try Setup(problem: reference.problem(), start: Initialization(alpha: reference.alpha, features: 6))
    let json = try report(
      setup, lambda: try #require(reference.lambda), stepper: stepper, tolerance: tolerance(stepper)
    ).json
    #expect(json.numbers("delta_inf")?[0] == 0)
    let logs = try #require(json.numbers("delta_inf_log10"))
    let error = try #require(json.object("error_estimate")?.number("delta"), "\(json["failure"] ?? .null)")
    #expect(error < tolerance(stepper))
    for (log, truth) in zip(logs, reference.log10_delta) {
      #expect(abs(log - truth) * 2.302585 <= error, "\(log), \(truth), \(error)")
    }
    #expect(abs(logs[0] - -388.77) < 0.01)
    #expect(signChanges(json) == reference.sign_changes && reference.sign_changes == 59)
    #expect(distance(try #require(json.numbers("theta_inf")), reference.theta) < 1e-9)
    guard case .array(let episodes)? = json["out_of_range"], case .object(let first)? = episodes.first else {
      Issue.record("nobody left the range")
      return
    }
    #expect(first["feature"] == .integer(0) && (first.number("from") ?? 0) > 1)
  }

  /// Both routes, one answer, in logarithms: to what is left of Δ∞ by the rounding in 59 sign changes, which differs between
  /// kernels (up to 4e-7 was seen).
  @Test func routesAgreeBeyondTheRange() throws {
    let reference = try #require(try ReferenceLimit.table().first { $0.kind == "underflow" })
    let setup = try Setup(problem: reference.problem(), start: Initialization(alpha: reference.alpha, features: 6))
    let json = try report(setup, lambda: 0.3, route: .integrate, tolerance: 1e-7).json
    let logs = try #require(json.numbers("delta_inf_log10"))
    for (log, truth) in zip(logs, reference.log10_delta) { #expect(abs(log - truth) < 1e-6, "\(log), \(truth)") }
    #expect(signChanges(json) == 59)
  }

  /// A weight that is linear in its start: 2⁻⁴⁰⁰ more of it is 2⁻⁸⁰⁰ more of Δ∞, and the sign changes are the same.
  @Test(arguments: ["auto", "taylor", "radau"])
  func farWeightsAreLinear(_ stepper: String) throws {
    let problem = try Instances.problem(3, 6, seed: 61)
    func found(_ exponent: Int) throws -> JSONObject {
      var u = [Double](repeating: 0.2, count: 6)
      u[4] = Double(sign: .plus, exponent: exponent, significand: 1.5)
      let start = try Initialization(u: u, v: [Double](repeating: 0, count: 6), features: 6)
      return try report(
        Setup(problem: problem, start: start), lambda: 3, stepper: stepper, tolerance: tolerance(stepper)
      ).json
    }
    let (near, far) = (try found(-440), try found(-1000))
    let delta = try #require(near.numbers("delta_inf"))
    let logs = try #require(far.numbers("delta_inf_log10"))
    let allowed = stepper == "radau" ? 1e-7 : 1e-9
    for i in 0..<6 {
      let shift = i == 4 ? -1120 * log10(2.0) : 0
      #expect(abs(logs[i] - log10(delta[i]) - shift) < allowed, "\(i): \(logs[i]), \(delta[i])")
    }
    #expect(near["out_of_range"] == nil && signChanges(near) == signChanges(far))
    #expect(signChanges(far) > 0)
  }

  /// A weight that grows from below the range until it is the only one that matters: ln Δ∞ is linear in ln w₀ with the slope
  /// 1 − μ₋/μ₊, where λμ±² + μ± ∓ 1 = 0 near zero weights (y = 1).
  @Test(arguments: ["auto", "taylor", "radau", "rk8pd"])
  func weightsComeBack(_ stepper: String) throws {
    let problem = try RegressionProblem(
      name: "1", design: DesignMatrix(rows: 1, columns: 1, elements: [1]), response: [1])
    func found(_ exponent: Int) throws -> JSONObject {
      let u = Double(sign: .plus, exponent: exponent, significand: 1)
      let setup = try Setup(problem: problem, start: Initialization(u: [u], v: [0], features: 1))
      return try report(setup, lambda: 0.1, stepper: stepper, tolerance: tolerance(stepper)).json
    }
    let (near, far) = (try found(-300), try found(-1000))
    #expect(abs(try #require(far.numbers("theta_inf"))[0] - 1) < 1e-12)
    let logs = [log10(try #require(near.numbers("delta_inf"))[0]), try #require(far.numbers("delta_inf_log10"))[0]]
    let (plus, minus) = ((-1 + 1.4.squareRoot()) / 0.2, (-1 + 0.6.squareRoot()) / 0.2)
    #expect(
      abs((logs[1] - logs[0]) / (-700 * log10(2.0)) - (1 - minus / plus)) < (stepper == "radau" ? 1e-8 : 1e-10),
      "\(logs)")
    guard case .array(let episodes)? = far["out_of_range"], episodes.count == 2 else {
      Issue.record("both weights start beyond the range")
      return
    }
    // w₊ comes back, w₋ shrinks on.
    let ends = episodes.map { if case .object(let episode) = $0 { episode.number("until") } else { nil as Double? } }
    #expect(ends.compactMap { $0 }.count == 1, "\(ends)")
  }

  /// What nobody follows has no estimate: discrete methods, and the flow of order 3.
  @Test func lostWeightsHaveNoEstimate() throws {
    let problem = try Instances.problem(3, 6, seed: 61)
    var u = [Double](repeating: 0.2, count: 6)
    u[4] = 0x1p-1000
    let setup = try Setup(
      problem: problem, start: Initialization(u: u, v: [Double](repeating: 0, count: 6), features: 6))
    let criteria = try LimitCriteria(
      route: .project, deltaTolerance: 1e-6, residualTolerance: 1e-9, maximumTime: 1e4, maximumPasses: 200_000)
    for subject in [
      LimitSubject.descent(try DescentSettings(gamma: 0.01, beta: 0.9)),
      .flow(
        try FlowSpecification(
          kind: .corrected(order: 3), lambda: 0.3, stepper: "taylor", relative: 1e-15, absolute: 0, step: 0.01)),
    ] {
      let report = try limit(setup, of: subject, criteria)
      #expect(!report.isComplete)
      #expect(report.errorEstimate?.deltaGap == nil)
      let failure = report.failure?.description ?? ""
      #expect(failure.contains("below the range of doubles"), "\(failure)")
    }
  }
}
