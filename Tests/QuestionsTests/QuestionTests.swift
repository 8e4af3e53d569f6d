import Dynamics
import Experiments
import Files
import Foundation
import Questions
import Sweeps
import TestSupport
import Testing

/// The questions on small grids: what they must find is known from the theory.
@Suite struct QuestionTests {
  private func report(_ question: any Question, seeds: Int = 2, _ overrides: [(String, String)] = []) throws -> Answer {
    var study = try question.studies(seeds: seeds)[0]
    for (index, (setting, value)) in overrides.enumerated() {
      try study.set(setting, value, isLast: index == overrides.count - 1)
    }
    let place = try temporaryFolder()
    let store = try SweepStore(writing: place + "/study.sqlite", study)
    let end = try Sweep(store, workers: 2).run(RunMonitor())
    let count = try study.runCount()
    #expect(end.isComplete && end.done == count)
    return try question.answer([store])
  }

  private func numbers(_ report: Answer, _ key: String) -> [Double] { report.rows.map { $0.number(key) ?? .nan } }

  @Test func ordersAreOneToFive() throws {
    let found = try report(Order(), [("step", "log:0.01,0.04,3")])
    #expect(found.verdict == "holds")
    for order in 1...5 {
      #expect(abs(try #require(found.summary.number("slope_\(order)")) - Double(order)) < 0.05)
    }
    #expect(found.rows.count == 15)
    for row in found.rows {
      let (low, median, high) = (
        row.number("path_error_q1"), row.number("path_error_median"), row.number("path_error_q3")
      )
      let values = [try #require(low), try #require(median), try #require(high)]
      #expect(values == values.sorted())
    }
  }

  /// The distance is of first order; at ε = λ the iteration is unstable.
  @Test func accelerationBreaks() throws {
    let found = try report(Acceleration(), [("step", "0.02,0.04,0.08,4")])
    #expect(abs(try #require(found.summary.number("slope")) - 1) < 0.1)
    #expect(found.summary.number("first_step_that_diverges") == 4)
    let iterations = numbers(found, "iterations")
    #expect(iterations == [5000, 2500, 1250, 25])
  }

  /// λ predicts the outcome, γ does not.
  @Test func lambdaIsIntrinsic() throws {
    let found = try report(
      IntrinsicLambda(), seeds: 1, [("gamma", "log:1e-3,1e-1,12"), ("beta", "complement:0,0.95,12")])
    let shares = numbers(found, "unexplained_delta_ratio_median_median")
    #expect(shares[0] < 0.1 && shares[1] < 0.1 && shares[2] > 0.1, "\(shares)")
    #expect(found.verdict.hasPrefix("holds"))
  }

  /// Below λ_cert every Δ shrinks, and the more the larger λ.
  @Test func smallLambdaShrinksDelta() throws {
    let found = try report(
      Sparsity(), [("samples", "20"), ("nonzeros", "3"), ("alpha", "0.1"), ("lambda", "0.001,0.01,0.1")])
    let ratios = numbers(found, "delta_ratio_median_median")
    #expect(
      ratios[0] > ratios[1] && ratios[1] > ratios[2] && numbers(found, "delta_ratio_max_median").allSatisfy { $0 < 1 })
    #expect(numbers(found, "support_overlap_median").allSatisfy { $0 > 0.9 })
  }

  @Test func momentumHelpsUncentredData() throws {
    let found = try report(Centring(), [("mean", "0,2"), ("lambda", "0.001,0.1,0.2")])
    let gains = numbers(found, "gain_median")
    #expect(gains[0] < 1.1 && gains[1] > 1.5, "\(gains)")
    #expect(numbers(found, "theta_gain_median")[1] > 1.5)
    // What goes with the mean goes with the gain.
    #expect(try #require(found.summary.number("rank_correlation_top_share")) > 0.5)
  }

  /// θ̃₀ grows with λ from nothing.
  @Test func perturbationIsSmallAtSmallLambda() throws {
    let found = try report(
      Perturbation(), [("alpha", "0.1"), ("lambda", "0.001,0.03,0.1"), ("step", "0.001"), ("batch", "1,20")])
    #expect(numbers(found, "batch") == [1, 1, 1, 20, 20, 20])
    let sizes = Array(numbers(found, "perturbation_median")[3...])
    #expect(sizes[0] < 1e-6 && sizes[0] < sizes[1] && sizes[1] < sizes[2] && sizes[2] < 0.01, "\(sizes)")
    #expect(found.verdict.hasPrefix("holds:"))
  }

  @Test func smallBatchesShrinkDelta() throws {
    let found = try report(Minibatches(), [("lambda", "0.1"), ("batch", "1,5,20"), ("delta_tolerance", "1e-2")])
    let ratios = numbers(found, "delta_ratio_median_median")
    #expect(ratios[0] < ratios[1] && ratios[1] < ratios[2] && ratios[2] < 1, "\(ratios)")
    #expect(found.rows.allSatisfy { $0.number("not_converged") == 0 })
  }

  /// The theorem, on two problems: nothing grows below λ_c, for the flow and for heavy ball.
  @Test func nothingGrowsBelowCriticalLambda() throws {
    let found = try report(SmallLambdaTheorem(), [("alpha", "0.1"), ("lambda_ratio", "0.5,0.99,1.01,8")])
    #expect(found.verdict.hasPrefix("holds") && found.rows.count == 8)
    #expect(found.summary.number("runs_below_with_growing_delta") == 0)
    let share = try #require(found.summary.number("certified_share_median"))
    #expect(share > 0.1 && share <= 1)
    // At λ_c itself a Δ∞ vanishes.
    let least = numbers(found, "delta_ratio_min_median")
    #expect(least[1] < 0.1 * least[0] && least[2] < 0.1 * least[0], "\(least)")
  }

  @Test func optimalLambdaOfFlowAndDescent() throws {
    let found = try report(
      BestLambda(), [("nonzeros", "2"), ("mean", "2"), ("lambda_to", "1"), ("lambda_tolerance", "0.05")])
    #expect(found.rows.count == 2)
    for row in found.rows {
      #expect(try #require(row.number("gain_median")) > 1.5)
      let best = try #require(row.number("lambda_optimal_median"))
      #expect(best > 0.03 && best <= 1)
    }
    #expect(abs(try #require(found.summary.number("descent_error_over_flow_error_median")) - 1) < 0.3)
  }

  @Test func nesterovHasTheBiasOfItsLambda() throws {
    let found = try report(
      NesterovMomentum(), [("lambda", "1"), ("step", "0,0.004,0.008"), ("delta_tolerance", "1e-7")])
    #expect(found.verdict.hasPrefix("holds:") && found.rows.count == 4)
    #expect(abs(try #require(found.summary.number("slope_heavy_ball_lambda_1")) - 1) < 0.2)
  }

  /// α = 1e-100: the least ℓ1 norm, after a time ∝ ln(1/α).
  @Test func saddlesEndAtTheSparsest() throws {
    let found = try report(SaddleToSaddle(), [("lambda", "0,0.1"), ("alpha", "1e-100,1e-50")])
    #expect(found.verdict.hasPrefix("holds") && numbers(found, "l1_excess_median").allSatisfy { abs($0) < 1e-4 })
    let times = numbers(found, "time_over_log_median")
    #expect(abs(times[0] / times[1] - 1) < 0.3, "\(times)")
  }

  @Test func deeperIsSparser() throws {
    let found = try report(Depth(), [("depth", "2,4"), ("lambda", "0,0.5"), ("alpha", "0.4")])
    #expect(found.verdict.hasPrefix("holds;") && found.rows.count == 4)
    let errors = numbers(found, "test_error_median")
    #expect(errors[1] < 0.5 * errors[0] && errors[3] < 0.5 * errors[2], "\(errors)")
  }

  /// The parts of a study go into stores of their own, and chosen features have names.
  @Test func realDataHasTwoParts() throws {
    var studies = try RealData().studies(seeds: 1)
    let place = try temporaryFolder()
    #expect(studies.map(\.name) == ["real-data", "gasoline"])
    // The first part on a table small enough for a test.
    let stores = try studies.indices.map { part in
      try studies[part].set("lambda", "0,1")
      studies[part].source = .table(path: try Self.table(place), target: "y", standardize: true)
      return try SweepStore(writing: "\(place)/\(part).sqlite", studies[part])
    }
    for store in stores { _ = try Sweep(store, workers: 1).run(RunMonitor()) }
    let found = try RealData().answer(stores)
    #expect(found.rows.count == 4)
    #expect(found.rows.allSatisfy { $0.number("test_error_median") != nil && $0.number("features_99_median") != nil })
    guard case .string(let names)? = found.rows[0]["in_every_top_ten"] else {
      Issue.record("no names")
      return
    }
    #expect(names.split(separator: " ").count == 10 && names.contains("f"))
  }

  /// A table of 12 samples and 15 features.
  private static func table(_ place: String) throws -> String {
    let path = place + "/t.csv"
    var text = (0..<15).map { "f\($0)" }.joined(separator: ",") + ",y\n"
    for i in 0..<12 {
      let row = (0..<15).map { j in sin(Double(3 * i + 7 * j + i * j)) }
      text += (row + [row[2] - row[5]]).map { "\($0)" }.joined(separator: ",") + "\n"
    }
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  @Test func everyQuestionStatesItself() throws {
    #expect(questions.map(\.number) == Array(1...questions.count) && questions.count >= 13)
    #expect(Set(questions.map(\.name)).count == questions.count)
    for question in questions {
      let studies = try question.studies(seeds: question.defaultSeeds)
      // Their stores have these names.
      #expect(Set(studies.map(\.name)).count == studies.count)
      let study = studies[0]
      #expect(study.name == question.name && !question.claim.isEmpty)
      #expect(try JSONDecoder().decode(Study.self, from: JSONEncoder().encode(study)) == study)
      #expect(throws: InvalidInput.self) { try question.studies(seeds: 0) }
    }
  }
}
