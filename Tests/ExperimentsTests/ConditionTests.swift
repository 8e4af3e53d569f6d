import Experiments
import Foundation
import LinearAlgebra
import RandomStreams
import Regression
import TestSupport
import Testing

/// Limits on ill-conditioned designs: no estimate is below the true error, and the condition of X costs θ∞ no digits.
@Suite struct ConditionTests {
  private func limitReport(_ setup: Setup, lambda: Double?, tolerance: Double = 1e-10) throws -> Measurements {
    let flow = try FlowSpecification(
      kind: lambda == nil ? .gf : .mgf, lambda: lambda, stepper: "auto", relative: 1e-15, absolute: 0)
    return try limit(
      setup, of: .flow(flow),
      LimitCriteria(
        route: .project, deltaTolerance: tolerance, residualTolerance: 1e-9, maximumTime: 1e15,
        maximumPasses: 3_000_000))
  }

  /// Against the table in multiple precision: gradient flow to rounding, whatever the condition; both within the estimates.
  @Test func estimatesAgainstMultiplePrecision() throws {
    var (plain, momentum, tight) = (0, 0, 0)
    var refused: [String] = []
    for reference in try ReferenceLimit.table() where reference.kind != "underflow" {
      let problem = try reference.problem()
      let setup = try Setup(
        problem: problem, start: Initialization(alpha: reference.alpha, features: problem.featureCount))
      let json = try limitReport(setup, lambda: reference.lambda, tolerance: 1e-9).json
      let (theta, delta) = (try #require(json.numbers("theta_inf")), try #require(json.numbers("delta_inf")))
      let estimate = try #require(json.object("error_estimate"))
      guard let thetaEstimate = estimate.number("theta"), let deltaEstimate = estimate.number("delta") else {
        refused.append("\(reference): \(json["failure"] ?? .null)")
        continue
      }
      let thetaError = distance(theta, reference.theta)
      let deltaError = zip(delta, reference.log10_delta).reduce(0) { max($0, abs($1.0 / pow(10, $1.1) - 1)) }
      #expect(thetaError <= thetaEstimate + reference.error[0], "\(reference): θ \(thetaError), \(thetaEstimate)")
      // 10^x is read from a decimal logarithm of 17 digits.
      let reading = 1e-15 * (1 + largest(reference.log10_delta))
      #expect(
        deltaError <= deltaEstimate + reference.error[1] + reading, "\(reference): Δ \(deltaError), \(deltaEstimate)")
      if reference.lambda == nil {
        plain += 1
        if thetaError <= 1e-13 * largest(reference.theta) { tight += 1 }
        #expect(deltaEstimate > 0 && deltaEstimate < 1e-15)
      } else {
        momentum += 1
      }
    }
    #expect(refused.count <= 2, "\(refused)")
    #expect(plain >= 100 && momentum >= 10, "\(plain) of gradient flow, \(momentum) with momentum")
    #expect(tight >= plain * 9 / 10, "\(tight) of \(plain) to 1e-13")
  }

  /// Two rows that differ by a part in 10⁶ used to cost θ∞ six digits.
  @Test(arguments: [nil, 0.3, 3.0])
  func nearlyEqualRows(_ lambda: Double?) throws {
    let reference = try #require(
      try ReferenceLimit.table().first { $0.kind == "near-equal-rows" && $0.lambda == lambda })
    let setup = try Setup(problem: reference.problem(), start: Initialization(alpha: 0.1, features: 6))
    let json = try limitReport(setup, lambda: lambda, tolerance: 1e-9).json
    let error = distance(try #require(json.numbers("theta_inf")), reference.theta)
    let estimate = try #require(json.object("error_estimate")?.number("theta"))
    #expect(error <= estimate, "\(error), \(estimate)")
    #expect(error < [nil: 5e-16, 0.3: 1e-12, 3: 3e-11][lambda] ?? 0, "\(error)")
  }

  /// Random designs of every kind: what a run with a loose tolerance estimates, against one with a tight tolerance.
  @Test func randomIllConditionedDesigns() throws {
    var counts: [Int: Int] = [:]
    for seed in 1...90 {
      var stream = RandomStream(seed: UInt64(seed), substream: 320)
      let (n, d) = (2 + stream.integer(below: 4), 6 + stream.integer(below: 6))
      var rows = (0..<n).map { _ in (0..<d).map { _ in stream.normal() } }
      let size = pow(10, -1 - 7 * stream.uniform())
      switch seed % 5 {
      case 0: rows[1] = rows[0].map { $0 * (1 + size * stream.normal()) }
      case 1: rows.append(rows[0])
      case 2: for q in 0..<n { rows[q][1] = rows[q][0] * (1 + (seed % 2 == 0 ? 0 : size) * stream.normal()) }
      case 3: for q in 0..<n { for i in 0..<d { rows[q][i] *= pow(size, Double(q) / Double(n)) } }
      default: for q in 0..<n { for i in 0..<d { rows[q][i] *= pow(size, 0.3 * Double(i) / Double(d)) } }
      }
      let star = (0..<d).map { _ in stream.normal() }
      let problem = try RegressionProblem(
        name: "random", design: DesignMatrix(rows: rows.count, columns: d, elements: rows.flatMap { $0 }),
        response: rows.map { row in zip(row, star).reduce(0) { $0 + $1.0 * $1.1 } })
      let setup = try Setup(
        problem: problem, start: Initialization(alpha: pow(10, -1.5 * stream.uniform()), features: d))
      let lambda = pow(10, -1 + 1.5 * stream.uniform())
      func found(_ tolerance: Double) throws -> (delta: [Double], theta: [Double], errors: (Double, Double))? {
        let json = try limitReport(setup, lambda: lambda, tolerance: tolerance).json
        guard let delta = json.numbers("delta_inf"), let theta = json.numbers("theta_inf"),
          let errors = json.object("error_estimate"), let a = errors.number("delta"), let b = errors.number("theta")
        else { return nil }
        return (delta, theta, (a, b))
      }
      guard let truth = try found(1e-11) else { continue }
      for tolerance in [1e-3, 1e-5, 1e-7] {
        guard let limit = try found(tolerance) else { continue }
        let delta = zip(limit.delta, truth.delta).reduce(0) { max($0, abs($1.0 / $1.1 - 1)) }
        let theta = distance(limit.theta, truth.theta)
        #expect(delta <= limit.errors.0 + truth.errors.0, "seed \(seed): Δ at \(tolerance): \(delta), \(limit.errors)")
        #expect(theta <= limit.errors.1 + truth.errors.1, "seed \(seed): θ at \(tolerance): \(theta), \(limit.errors)")
        counts[seed % 5, default: 0] += 1
      }
    }
    #expect((0..<5).allSatisfy { counts[$0, default: 0] >= 30 }, "\(counts)")
  }

  /// What of X is at its own rounding counts as zero, and is named; an exact dependence is not.
  @Test func roundingOfXIsNoRank() throws {
    var rows = (0..<3).map { q in Instances.normals(7, seed: UInt64(40 + q)) }
    rows.append(zip(rows[0], rows[1]).map { (0.1 * $0 + 0.7 * $1) })
    let star = Instances.normals(7, seed: 50)
    func space(_ rows: [[Double]]) throws -> (RowSpace, JSONObject) {
      let design = try DesignMatrix(rows: rows.count, columns: 7, elements: rows.flatMap { $0 })
      let response = rows.map { row in zip(row, star).reduce(0) { $0 + $1.0 * $1.1 } }
      let setup = try Setup(
        problem: RegressionProblem(name: "test", design: design, response: response),
        start: Initialization(alpha: 0.1, features: 7))
      return (try setup.rowSpace, try limitReport(setup, lambda: nil).json)
    }
    let (rounded, note) = try space(rows)
    #expect(rounded.rank == 3)
    #expect(try #require(rounded.neglectedValue) < 1e-15)
    #expect(note["rank_note"] != nil)
    let (exact, none) = try space([rows[0], rows[1], rows[2], rows[1]])
    #expect(exact.rank == 3 && exact.neglectedValue == nil)
    #expect(none["rank_note"] == nil)
  }
}
