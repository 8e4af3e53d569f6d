import Dynamics
import Experiments
import LinearAlgebra
import Networks
import Regression
import TestSupport
import Testing

/// Forecasts, what bounds steps, and what is noted of columns.
@Suite struct BudgetTests {
  /// Positions that grow linearly, by a power and geometrically: the forecast is the number of steps that the whole takes.
  @Test(arguments: [(0, 1e5, 5e4), (1, 1e5, 31622.8), (2, 1e30, 6907.8)])
  func forecast(_ kind: Int, _ end: Double, _ steps: Double) throws {
    let pace = Pace("t", until: end, RunMonitor())
    for k in 1...1000 {
      let n = Double(k)
      // 2n, n²/10⁴, e^{n/100}.
      pace.observe([2 * n, n * n * 1e-4, exponential(0.01 * n)][kind], steps: k)
    }
    let found = try #require(pace.forecastSteps)
    #expect(abs(found / steps - 1) < 0.02, "\(found)")
  }

  private func exponential(_ x: Double) -> Double {
    var (sum, term) = (1.0, 1.0)
    for k in 1...200 {
      term *= x / Double(k)
      sum += term
    }
    return sum
  }

  @Test func nothingReachedIsNoForecast() {
    let pace = Pace("t", until: 1, RunMonitor())
    pace.observe(0, steps: 10)
    #expect(pace.forecastSteps == nil && pace.forecastSeconds == nil)
  }

  /// The steepest mode against all eigenvalues, and at sizes where squares overflow.
  @Test func steepestMode() throws {
    let problem = try gaussian(12, 20)
    let w = (0..<40).map { 0.1 + 0.01 * Double($0) }
    let mode = try #require(SteepestMode(problem, at: w))
    let h = try Curvature.largest(problem, at: w)
    #expect(mode.curvature <= h * (1 + 1e-12) && mode.curvature > 0.9 * h)
    // One column of 10¹⁶⁰ and weights of 10⁻⁸⁰: h = Σx²w²/n, though x² overflows.
    let single = try RegressionProblem(
      name: "one", design: DesignMatrix(rows: 2, columns: 2, elements: [1e160, 1, -2e160, 1]), response: [1, 1])
    let large = try #require(SteepestMode(single, at: [1e-80, 1e-80, 1e-80, 1e-80]))
    #expect(large.feature == 0 && abs(large.curvature / 2.5e160 - 1) < 1e-10)
  }

  private func gaussian(_ n: Int, _ d: Int) throws -> RegressionProblem {
    try SyntheticProblem(samples: n, features: d, nonzeros: 2, mean: 0, seed: 3).problem()
  }

  @Test func columnNotes() throws {
    let design = try DesignMatrix(
      rows: 3, columns: 5, elements: [1e7, 1, 0, 5, 2e-3, -2e7, 1, 0, 5, 1, 3e6, 2, 0, 5, -1])
    let sizes = ColumnSizes(design)
    #expect(sizes.largest == [2e7, 2, 0, 5, 1] && sizes.constant == [2, 3])
    let extremes = try #require(sizes.extremes)
    #expect(extremes.large == 0 && extremes.small == 4)
    let notes = sizes.notes(["a", "b", "c", "d", "e"], remedy: "scale").map(\.description)
    #expect(notes.count == 3)
    #expect(notes[0].contains("2e+07 in \"a\"") && notes[0].contains("1 in \"e\"") && notes[0].hasSuffix(": scale"))
    #expect(notes[1].hasSuffix(": \"c\"") && notes[2].hasSuffix(": \"d\""))
    let tame = try gaussian(5, 8)
    #expect(ColumnSizes(tame.design).notes(tame.featureNames, remedy: "").isEmpty)
  }

  /// A meter counts what all who share it spend; seconds are the user's.
  @Test func meter() throws {
    let meter = WorkMeter(try WorkLimit(passes: 100))
    meter.charge(60)
    #expect(meter.verdict == nil && meter.remaining == 40)
    meter.charge(40)
    #expect(meter.verdict == .maxWork && meter.remaining == 0)
    let late = WorkMeter(try WorkLimit(passes: nil, seconds: 1), since: .now - .seconds(2))
    #expect(late.verdict == .maxSeconds && late.remaining == .max)
    #expect(throws: InvalidInput.self) { try WorkLimit(passes: 0) }
    #expect(throws: InvalidInput.self) { try WorkLimit(passes: nil, seconds: .infinity) }
    // 10⁷ passes and more are allowed at every size that fits into memory for as long as anybody may wait.
    #expect(WorkLimit.standardPasses(samples: 128, features: 2000) > 50_000_000)
    #expect(WorkLimit.standardPasses(samples: 20, features: 30) > 1_000_000_000)
  }

  /// What cannot be asked to stop is left behind; what is little is done all the same.
  @Test func perform() throws {
    let stopped = RunMonitor(isInterrupted: { true })
    #expect(try stopped.perform("nothing") { () throws(InvalidInput) in 1 } == nil)
    #expect(try stopped.perform("little", work: 10) { () throws(InvalidInput) in 2 } == 2)
    #expect(try RunMonitor().perform("much", work: 1e12) { () throws(InvalidInput) in 3 } == 3)
    #expect(throws: InvalidInput.self) {
      _ = try RunMonitor().perform("fails", work: 1e12) { () throws(InvalidInput) -> Int in
        throw InvalidInput("x", because: "y")
      }
    }
  }
}
