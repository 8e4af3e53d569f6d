import Dynamics
import Experiments
import Foundation
import ImplicitBias
import LinearAlgebra
import Networks
import Regression
import TestSupport
import Testing

/// Losses with exponential tails: margins against linear and quadratic programmes, directions over decades of time.
@Suite struct MarginTests {
  private func problem(_ n: Int = 8, _ d: Int = 12, seed: UInt64 = 3) throws -> RegressionProblem {
    try Instances.problem(n, d, seed: seed).labelled(takingSigns: true, option: "test")
  }

  private func setup(
    _ shape: Parametrization, _ problem: RegressionProblem, _ loss: Loss = .logistic, alpha: Double = 0.1
  ) throws -> Setup {
    let model = NetworkModel(shape, loss)
    let start = try model.start(
      alpha: shape.depth == 1 ? nil : alpha, fallback: alpha, features: problem.featureCount)
    return try Setup(problem: problem, model: model, start: start)
  }

  private func flow(_ lambda: Double?) throws -> FlowSpecification {
    try FlowSpecification(
      kind: lambda == nil ? .gf : .mgf, lambda: lambda, stepper: "auto", relative: 1e-11, absolute: 0)
  }

  private func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }

  /// The quadratic programme min ½‖θ‖² : Aθ ≥ 1 by ascent in one dual variable after the other, another method than the one
  /// tested: ‖θ‖ and θ.
  private func supportVectors(_ problem: RegressionProblem) -> [Double] {
    let rows = (0..<problem.sampleCount).map { q in
      (0..<problem.featureCount).map { problem.response[q] * problem.design[q, $0] }
    }
    var theta = [Double](repeating: 0, count: problem.featureCount)
    var u = [Double](repeating: 0, count: rows.count)
    for _ in 0..<100_000 {
      for (q, row) in rows.enumerated() {
        let next = max(0, u[q] + (1 - dot(row, theta)) / dot(row, row))
        for i in theta.indices { theta[i] += (next - u[q]) * row[i] }
        u[q] = next
      }
    }
    return theta
  }

  /// The largest ℓ2 margin is that of the quadratic programme.
  @Test(arguments: [(8, 12, 3), (20, 30, 4), (12, 3, 5), (6, 40, 6)] as [(Int, Int, UInt64)])
  func quadraticProgramme(_ instance: (n: Int, d: Int, seed: UInt64)) throws {
    var problem = try problem(instance.n, instance.d, seed: instance.seed)
    if instance.n > instance.d {
      // Separable by a θ of its own.
      let signs = problem.design.times([1, -0.5, 2])
      problem = try RegressionProblem(name: "t", design: problem.design, response: signs)
        .labelled(takingSigns: true, option: "test")
    }
    let found = try #require(LargestMargin.l2(problem))
    let theta = supportVectors(problem)
    let norm = dot(theta, theta).squareRoot()
    #expect(abs(found.margin * norm - 1) < 1e-7)
    #expect(distance(found.theta, theta.map { $0 / norm }) < 1e-6)
    #expect(abs(dot(found.theta, found.theta) - 1) < 1e-13)
    #expect(abs(problem.leastMargin(found.theta) - found.margin) < 1e-13)
  }

  /// The largest ℓ1 margin: on its support vectors the sparsest solution of Aθ = 1 has norm 1/margin, and no θ beats it.
  @Test(arguments: [(8, 12, 3), (20, 30, 4), (6, 40, 6)] as [(Int, Int, UInt64)])
  func linearProgramme(_ instance: (n: Int, d: Int, seed: UInt64)) throws {
    let problem = try problem(instance.n, instance.d, seed: instance.seed)
    let found = try #require(LargestMargin.l1(problem))
    #expect(abs(found.theta.reduce(0) { $0 + abs($1) } - 1) < 1e-10)
    #expect(abs(problem.leastMargin(found.theta) - found.margin) < 1e-10)
    let tight = (0..<instance.n).filter { q in
      let row = (0..<instance.d).map { problem.response[q] * problem.design[q, $0] }
      return dot(row, found.theta) < found.margin + 1e-8
    }
    let rows = tight.flatMap { q in (0..<instance.d).map { problem.response[q] * problem.design[q, $0] } }
    let active = try RegressionProblem(
      name: "a", design: DesignMatrix(rows: tight.count, columns: instance.d, elements: rows),
      response: tight.map { _ in 1 })
    #expect(abs(try #require(SparsestInterpolator(active)).norm * found.margin - 1) < 1e-8)
    for k in 0..<50 {
      let moved = zip(found.theta, Instances.normals(instance.d, seed: UInt64(300 + k))).map { $0 + 1e-3 * $1 }
      let norm = moved.reduce(0) { $0 + abs($1) }
      #expect(problem.leastMargin(moved) / norm <= found.margin + 1e-12)
    }
    // ‖θ‖₂ ≤ ‖θ‖₁: the ℓ2 ball holds the other.
    #expect(try #require(LargestMargin.l2(problem)).margin >= found.margin)
  }

  /// XOR cannot be separated.
  @Test func inseparable() throws {
    let problem = try RegressionProblem(
      name: "xor", design: DesignMatrix(rows: 4, columns: 2, elements: [1, 1, -1, -1, 1, -1, -1, 1]),
      response: [1, 1, -1, -1])
    #expect(LargestMargin.l1(problem) == nil && LargestMargin.l2(problem) == nil)
  }

  /// A linear model: θ = θ̂ ln t + O(1), θ̂ the solution of the quadratic programme with margin 1 (Soudry et al. 2018), so
  /// that what a decade adds tends to θ̂ ln 10, and the margin to the largest one like 1/ln t.
  @Test(arguments: [nil, 1.0], [Loss.logistic, .exponential])
  func linearModel(_ lambda: Double?, _ loss: Loss) throws {
    let problem = try problem()
    let report = try solve(
      setup(.layers(depth: 1), problem, loss), flow(lambda), stop: .time(1e40),
      sampling: .times([1e10, 1e20, 1e30, 1e40]))
    #expect(report.isComplete)
    let record = try #require(report.record)
    let best = try #require(LargestMargin.l2(problem))
    let limit = supportVectors(problem)
    let added = zip(record.theta(at: 3), record.theta(at: 2)).map { ($0 - $1) / (10 * log(10)) }
    #expect(distance(added, limit) < 1e-6 * largest(limit))
    // The gap times ln t tends to a constant.
    let gaps = zip(record.margins, record.times).map { (best.margin - $0.l2) * log($1) }
    #expect(gaps.allSatisfy { $0 > 0 } && abs(gaps[3] / gaps[2] - 1) < 0.02)
    #expect(try #require(report.largestMarginL2) == best.margin)
    #expect(try #require(report.marginL2) > 0.98 * best.margin)
    // L = (1/n) Σ e^{−m} ∝ 1/t, and steps as long as t: a dozen a decade.
    #expect(abs(record.loss[3] / record.loss[2] * 1e10 - 1) < 1e-3)
    let steps = report.json.number("steps") ?? .infinity
    #expect(steps < (lambda == nil ? 800 : 2000), "\(steps)")
  }

  /// u⊙v tends to the largest ℓ1 margin, far from that of the ℓ2 solution: slowly, in powers of 1/ln t at best.
  @Test(arguments: [nil, 1.0])
  func diagonalNetworkIsSparse(_ lambda: Double?) throws {
    let problem = try SyntheticProblem(samples: 20, features: 30, nonzeros: 3, seed: 1).problem()
      .labelled(takingSigns: true, option: "test")
    let report = try solve(
      setup(.diagonal, problem), flow(lambda), stop: .time(1e100),
      sampling: .times([1e12, 1e25, 1e50, 1e100]))
    let record = try #require(report.record)
    let margins = record.margins.map(\.l1)
    let (l1, l2) = try (#require(LargestMargin.l1(problem)), #require(LargestMargin.l2(problem)))
    #expect(margins == margins.sorted() && margins[3] < l1.margin && margins[3] > 0.98 * l1.margin)
    let other = problem.leastMargin(l2.theta) / l2.theta.reduce(0) { $0 + abs($1) }
    #expect(other < 0.8 * l1.margin)
    func direction(_ theta: [Double]) -> [Double] {
      let norm = theta.reduce(0) { $0 + abs($1) }
      return theta.map { $0 / norm }
    }
    let distances = (0..<4).map { distance(direction(record.theta(at: $0)), l1.theta) }
    #expect(distances == distances.sorted(by: >) && distances[3] < 0.04, "\(distances)")
    // Directions settle: each decade changes less.
    guard case .array(let rows)? = report.json["decades"] else {
      Issue.record("no decades")
      return
    }
    let changes = rows.compactMap { if case .object(let row) = $0 { row.number("direction_change") } else { nil } }
    #expect(changes.count == rows.count - 1 && rows.count == 101)
    for k in [20, 40, 60, 80] { #expect(changes[k + 19] < changes[k]) }
    #expect(report.directionChange == changes.last)
    #expect(try #require(changes.last) < 1e-3)
  }

  /// Data that no θ separates: the flow ends where the gradient of the loss vanishes.
  @Test(arguments: [nil, 1.0])
  func finiteMinimiser(_ lambda: Double?) throws {
    let problem = try problem(40, 2, seed: 9)
    #expect(LargestMargin.l1(problem) == nil)
    let report = try solve(
      setup(.layers(depth: 1), problem), flow(lambda), stop: .time(1e4),
      sampling: .endpoints)
    #expect(report.json["separated"] == .bool(false) && report.json["largest_margin_l2"] == .null)
    let theta = try #require(report.record).theta(at: 1)
    // Newton's method on the loss itself.
    var other = [0.0, 0.0]
    for _ in 0..<50 {
      var (g, h) = ([0.0, 0.0], [0.0, 0.0, 0.0])
      for q in 0..<40 {
        let x = [problem.design[q, 0], problem.design[q, 1]]
        let p = 1 / (1 + exp(problem.response[q] * dot(x, other)))
        for i in 0..<2 { g[i] -= problem.response[q] * p * x[i] }
        let c = p * (1 - p)
        h = [h[0] + c * x[0] * x[0], h[1] + c * x[0] * x[1], h[2] + c * x[1] * x[1]]
      }
      let det = h[0] * h[2] - h[1] * h[1]
      other[0] -= (h[2] * g[0] - h[1] * g[1]) / det
      other[1] -= (h[0] * g[1] - h[1] * g[0]) / det
    }
    #expect(distance(theta, other) < 1e-9)
  }
}
