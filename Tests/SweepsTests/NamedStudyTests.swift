import Dynamics
import Experiments
import Export
import Foundation
import Sweeps
import Testing

/// The studies on small grids: what they must find is known from the theory.
@Suite struct NamedStudyTests {
  private func report(_ name: NamedStudy, seeds: Int = 2, _ overrides: [(String, String)] = []) throws -> StudyReport {
    var study = try name.study(seeds: seeds)
    for (setting, value) in overrides { try study.set(setting, value) }
    let path = FileManager.default.temporaryDirectory.appending(path: "mgf-study-\(UUID().uuidString).sqlite").path()
    let store = try SweepStore(writing: path, study)
    let end = try Sweep(store, workers: 2).run(RunMonitor())
    let count = try study.runCount()
    #expect(end.isComplete && end.done == count)
    return try name.report(store)
  }

  private func numbers(_ report: StudyReport, _ key: String) -> [Double] { report.rows.map { $0.number(key) ?? .nan } }

  @Test func ordersAreOneToFive() throws {
    let found = try report(.order, [("step", "log:0.01,0.04,3")])
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
    let found = try report(.acceleration, [("step", "0.02,0.04,0.08,4")])
    #expect(abs(try #require(found.summary.number("slope")) - 1) < 0.1)
    #expect(found.summary.number("first_step_that_diverges") == 4)
    let iterations = numbers(found, "iterations")
    #expect(iterations == [5000, 2500, 1250, 25])
  }

  /// λ predicts the outcome, γ does not.
  @Test func lambdaIsIntrinsic() throws {
    let found = try report(
      .intrinsicLambda, seeds: 1, [("gamma", "log:1e-3,1e-1,12"), ("beta", "complement:0,0.95,12")])
    let shares = numbers(found, "unexplained_delta_ratio_median_median")
    #expect(shares[0] < 0.1 && shares[1] < 0.1 && shares[2] > 0.1, "\(shares)")
    #expect(found.verdict.hasPrefix("holds"))
  }

  /// Below λ_cert every Δ shrinks, and the more the larger λ.
  @Test func smallLambdaShrinksDelta() throws {
    let found = try report(
      .sparsity, [("samples", "20"), ("nonzeros", "3"), ("alpha", "0.1"), ("lambda", "0.001,0.01,0.1")])
    let ratios = numbers(found, "delta_ratio_median_median")
    #expect(
      ratios[0] > ratios[1] && ratios[1] > ratios[2] && numbers(found, "delta_ratio_max_median").allSatisfy { $0 < 1 })
    #expect(numbers(found, "support_overlap_median").allSatisfy { $0 > 0.9 })
  }

  @Test func momentumHelpsUncentredData() throws {
    let found = try report(.centring, [("mean", "0,2"), ("lambda", "0.001,0.1,0.2")])
    let gains = numbers(found, "gain_median")
    #expect(gains[0] < 1.1 && gains[1] > 1.5, "\(gains)")
    #expect(numbers(found, "theta_gain_median")[1] > 1.5)
    // What goes with the mean goes with the gain.
    #expect(try #require(found.summary.number("rank_correlation_top_share")) > 0.5)
  }

  /// θ̃₀ grows with λ from nothing.
  @Test func perturbationIsSmallAtSmallLambda() throws {
    let found = try report(
      .perturbation, [("alpha", "0.1"), ("lambda", "0.001,0.03,0.1"), ("step", "0.001"), ("batch", "1,20")])
    #expect(numbers(found, "batch") == [1, 1, 1, 20, 20, 20])
    let sizes = Array(numbers(found, "perturbation_median")[3...])
    #expect(sizes[0] < 1e-6 && sizes[0] < sizes[1] && sizes[1] < sizes[2] && sizes[2] < 0.01, "\(sizes)")
    #expect(found.verdict.hasPrefix("holds:"))
  }

  @Test func smallBatchesShrinkDelta() throws {
    let found = try report(.stochastic, [("lambda", "0.1"), ("batch", "1,5,20"), ("delta_tolerance", "1e-2")])
    let ratios = numbers(found, "delta_ratio_median_median")
    #expect(ratios[0] < ratios[1] && ratios[1] < ratios[2] && ratios[2] < 1, "\(ratios)")
    #expect(found.rows.allSatisfy { $0.number("not_converged") == 0 })
  }

  @Test func everyStudyStatesItself() throws {
    for name in NamedStudy.allCases {
      let study = try name.study(seeds: name.defaultSeeds)
      #expect(study.name == name.rawValue && !name.claim.isEmpty)
      #expect(try JSONDecoder().decode(Study.self, from: JSONEncoder().encode(study)) == study)
      #expect(throws: InvalidInput.self) { try name.study(seeds: 0) }
    }
  }
}
