import Portable
import RealModule
import Regression
import TestSupport
import Testing

/// What the twin keeps, its closed form, and what it does at the edges.
@Suite struct TwinPropertyTests {
  private let problem = Twin.Problem(gaussian: 6, 10, nonzeros: 2, seed: 3)
  private func start(_ alpha: Double = 0.1, _ d: Int = 10) throws -> Initialization {
    try Initialization(alpha: alpha, features: d)
  }

  /// θ̇ = (y − θ)√(4θ² + Δ₀²) with y = 1: t(θ) by Simpson's rule in s, θ = ½Δ₀ sinh s.
  @Test func closedForm() throws {
    let one = Twin.Problem(samples: 1, features: 1, design: [1], response: [1])
    let run = TwinSupport.solve(
      one, lambda: 0, from: try start(0.1, 1), relative: 1e-15, until: 3, recording: .times([1, 2, 3]))
    for (index, time) in run.record.times.enumerated() {
      let (p, m) = (run.record.weights[2 * index], run.record.weights[2 * index + 1])
      let top = Double.asinh(2 * (0.25 * (p * p - m * m)) / 0.02)
      let count = 4000
      let sum = (0...count).reduce(0.0) {
        let weight = $1 == 0 || $1 == count ? 1.0 : ($1 % 2 == 1 ? 4 : 2)
        return $0 + weight * 0.5 / (1 - 0.01 * .sinh(top * Double($1) / Double(count)))
      }
      #expect(abs(sum * top / Double(3 * count) - time) < 1e-11 * time)
    }
  }

  /// Errors fall with the tolerance as the degree follows it.
  @Test func errorFollowsTolerance() throws {
    let reference = TwinSupport.solve(problem, lambda: 0.7, from: try start(), until: 10).weights
    for relative in [1e-4, 1e-6, 1e-8, 1e-10, 1e-12] {
      let found = TwinSupport.solve(problem, lambda: 0.7, from: try start(), relative: relative, until: 10).weights
      #expect(maximumGap(found, reference) < 50 * relative, "\(relative)")
    }
  }

  /// Heavy ball comes to its flow in the order 1 of ε, as does Nesterov's.
  @Test(arguments: [false, true])
  func orderOfIterates(_ isNesterov: Bool) throws {
    let begin = try start()
    let run = Twin.ComparisonRun(
      problem, lambda: 0.5, weights: begin.weights, rates: begin.rates, steps: [0.02, 0.01, 0.005, 0.0025],
      isNesterov: isNesterov, until: 5)
    while !run.advance(1000) {}
    #expect(abs(run.scalars[1] - 1) < 0.05 && abs(run.scalars[2] - 1) < 0.05)
  }

  /// A run in slices is the run in one piece, to the last bit.
  @Test func slices() throws {
    let begin = try start()
    func run(_ slice: Int) -> [[UInt64]] {
      let flow = Twin.Run.flow(
        Twin.FlowRun(
          problem, lambda: 0.5, weights: begin.weights, rates: begin.rates, relative: 1e-10, absolute: 0, until: 30,
          recording: .times([0, 0.1, 17, 30])))
      let compare = Twin.Run.comparison(
        Twin.ComparisonRun(
          problem, lambda: 0.5, weights: begin.weights, rates: begin.rates, steps: [0.1, 0.003], until: 4))
      let limit = Twin.Run.limit(
        Twin.LimitRun(problem, .momentum(0.5), weights: begin.weights, rates: begin.rates))
      return [flow, compare, limit].flatMap { run in
        while !run.advance(slice) {}
        return run.results.map { $0.map(\.bitPattern) }
      }
    }
    #expect(run(1) == run(100_000))
  }

  @Test func ends() throws {
    let begin = try start()
    let residual = TwinSupport.solve(problem, lambda: 0.5, from: begin, until: 1e6, residual: 1e-3)
    #expect(residual.outcome == .residual && residual.scalars[2] <= 1e-3)
    let short = TwinSupport.solve(problem, lambda: 0.5, from: begin, until: 1, residual: 1e-9)
    #expect(short.outcome == .maximumTime && short.time == 1)
    let every = TwinSupport.solve(problem, lambda: 0.5, from: begin, until: 3, recording: .every)
    #expect(Double(every.record.times.count) == every.scalars[4] + 1)
    let few = TwinSupport.solve(problem, lambda: 0.5, from: begin, until: 1e4, recording: .logarithmic(20))
    #expect(few.record.times.count == 20 && few.record.times.first == 0 && few.record.times.last == 1e4)
    let wild = TwinSupport.descend(
      problem, Twin.DescentMethod(gamma: 5, beta: 0.9), from: begin, iterations: 1000, recording: .every)
    #expect(wild.outcome == .diverged && wild.divergedAt == wild.record.iterations.count)
    #expect(wild.weights.allSatisfy { abs($0) <= 1e100 })
    // Weights of 1e-149 fall below what doubles resolve: no error estimate is better than a wrong one.
    let lost = TwinSupport.limit(problem, .momentum(0.5), from: try start(1e-149))
    #expect(lost.outcome == .maximumWork && lost.error.delta == .infinity)
  }

  /// Rank-deficient and tall designs, a zero column, more samples than features.
  @Test func deficientDesigns() throws {
    let x = [1.0, 2, 0, -1, 2, 4, 0, -2, 0.5, 1, 0, 3]
    let deficient = Twin.Problem(samples: 3, features: 4, design: x, response: [1, 2, -1])
    #expect(deficient.facts[0] == 2 && deficient.facts[1] < 1e-15)
    let limit = TwinSupport.limit(deficient, .momentum(0.3), from: try start(0.1, 4))
    #expect(limit.outcome == .reached && limit.certificate.interpolation < 1e-14 && limit.balance[2] > 0)
    let unreachable = Twin.Problem(samples: 3, features: 4, design: x, response: [1, 3, -1])
    #expect(unreachable.facts[1] > 0.1)
  }
}
