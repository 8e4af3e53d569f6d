import Descent
import Dynamics
import Networks
import Regression
import TestSupport
import Testing

/// Runs side by side are those of `Descent`, in any company.
@Suite struct DescentBatchTests {
  private struct End: Equatable {
    let weights: [UInt64]
    let increments: [UInt64]
    let iteration: Int
    let outcome: Outcome

    init(_ standing: DescentBatch<Int>.Standing, _ outcome: Outcome) {
      weights = standing.weights.map(\.bitPattern)
      increments = standing.increments.map(\.bitPattern)
      iteration = standing.iteration
      self.outcome = outcome
    }
  }

  private func jobs(
    _ count: Int, _ features: Int, _ method: DescentSettings.Method
  ) throws -> [DescentBatch<Int>.Job] {
    try (0..<count).map { k -> DescentBatch<Int>.Job in
      let (gamma, beta, alpha) = (1e-3 * Double(1 + k % 5), 0.19 * Double(k % 6), 0.1 + 0.03 * Double(k % 3))
      return DescentBatch<Int>.Job(
        k, settings: try DescentSettings(gamma: gamma, beta: beta, method: method),
        start: try Initialization(alpha: alpha, features: features), maximum: 40 + 37 * (k % 4))
    }
  }

  private func ends(
    _ problem: RegressionProblem, _ jobs: [DescentBatch<Int>.Job], _ method: DescentSettings.Method, interval: Int = 16
  ) -> [Int: End] {
    var rest = jobs[...]
    var found: [Int: End] = [:]
    DescentBatch<Int>(problem, method).run(
      .every(interval), next: { rest.popFirst() },
      judge: { $0.job.tag % 7 == 3 && $0.iteration >= 32 ? .residual : nil },
      finished: { found[$0.job.tag] = End($0, $1) })
    return found
  }

  @Test(arguments: Instances.shapes, [DescentSettings.Method.heavyBall, .nesterov])
  func equalsSingleRuns(_ shape: (Int, Int), _ method: DescentSettings.Method) throws {
    let problem = try Instances.problem(shape.0, shape.1, seed: 71)
    let jobs = try jobs(21, shape.1, method)
    var rest = jobs[...]
    var count = 0
    DescentBatch<Int>(problem, method).run(
      .every(8), next: { rest.popFirst() }, judge: { _ in nil },
      finished: { standing, outcome in
        count += 1
        #expect(outcome == .maxIterations && standing.iteration == standing.job.maximum)
        guard let single = try? Descent(DiagonalNetwork(problem), standing.job.settings, from: standing.job.start)
        else {
          Issue.record("no run")
          return
        }
        while single.iteration < standing.iteration { single.advance() }
        let scale = largest(single.weightArray)
        #expect(distance(single.weightArray, standing.weights) < 1e-12 * scale)
        #expect(distance(single.incrementArray, standing.increments) < 1e-12 * scale)
        #expect(distance(single.gradientIntegral, standing.gradientIntegral) < 1e-12)
        #expect(abs(single.loss() - standing.loss) < 1e-12 * max(1, single.loss()))
        #expect(abs(single.residualMax() - standing.residualMax) < 1e-12 * max(1, single.residualMax()))
        let squares = single.incrementArray.reduce(0) { $0 + $1 * $1 }
        #expect(abs(squares - standing.incrementSquares) < 1e-12 * max(squares, 1e-12))
      })
    #expect(count == jobs.count)
  }

  /// Minibatches of their own in each lane, with and without replacement, beside runs of the full gradient.
  @Test(arguments: [DescentSettings.Method.heavyBall, .nesterov])
  func minibatchesEqualSingleRuns(_ method: DescentSettings.Method) throws {
    let problem = try Instances.problem(7, 9, seed: 74)
    var rest = try (0..<20).map { k -> DescentBatch<Int>.Job in
      let batches =
        k % 5 == 4 ? nil : try DescentSettings.Batches(size: 2 + k % 4, of: 7, replacement: k % 2 == 0, seed: UInt64(k))
      return DescentBatch<Int>.Job(
        k, settings: try DescentSettings(gamma: 1e-3, beta: 0.04 * Double(k), method: method, batches: batches),
        start: try Initialization(alpha: 0.2, features: 9), maximum: 50 + 7 * k)
    }[...]
    var count = 0
    DescentBatch<Int>(problem, method).run(
      .every(8), next: { rest.popFirst() }, judge: { _ in nil },
      finished: { standing, _ in
        count += 1
        guard let single = try? Descent(DiagonalNetwork(problem), standing.job.settings, from: standing.job.start)
        else {
          Issue.record("no run")
          return
        }
        while single.iteration < standing.iteration { single.advance() }
        #expect(distance(single.weightArray, standing.weights) < 1e-12 * largest(single.weightArray))
      })
    #expect(count == 20)
  }

  /// The same bits whatever runs beside, in whatever order, however often looked at.
  @Test func companyDoesNotShow() throws {
    let problem = try Instances.problem(9, 14, seed: 72)
    let jobs = try jobs(25, 14, .heavyBall)
    let together = ends(problem, jobs, .heavyBall)
    #expect(together.count == 25)
    #expect(ends(problem, jobs.reversed(), .heavyBall) == together)
    for job in jobs { #expect(ends(problem, [job], .heavyBall)[job.tag] == together[job.tag]) }
  }

  /// A run that overflows ends alone.
  @Test func divergenceStaysInItsLane() throws {
    let problem = try Instances.problem(5, 8, seed: 73)
    var list = try jobs(10, 8, .heavyBall)
    let calm = ends(problem, list, .heavyBall)
    list.insert(
      DescentBatch<Int>.Job(
        100, settings: try DescentSettings(gamma: 50, beta: 0.9), start: try Initialization(alpha: 1, features: 8),
        maximum: 10_000), at: 3)
    var found = ends(problem, list, .heavyBall)
    #expect(found.removeValue(forKey: 100)?.outcome == .diverged)
    #expect(found == calm)
  }
}
