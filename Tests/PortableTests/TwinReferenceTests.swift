import Portable
import RealModule
import Regression
import TestSupport
import Testing

/// The twin against solutions in 113-bit arithmetic.
@Suite struct TwinReferenceTests {
  /// Weights at every sample, Δ∞ and θ∞ within their error estimates, and the number of sign changes.
  @Test(arguments: ReferenceCase.flows)
  func flows(_ name: String, _ file: String) throws {
    let reference = try ReferenceCase(name, file)
    let (problem, start) = (TwinSupport.problem(try reference.problem()), try reference.start())
    let lambda = try #require(reference.table.lambda.flatMap { Double($0) })
    let times = reference.table.samples.compactMap { $0.t.flatMap { Double($0) } }
    let run = TwinSupport.solve(
      problem, lambda: lambda, from: start, until: try #require(times.last), recording: .times(times))
    #expect(run.outcome == .reached && run.record.times == times)
    let width = 2 * problem.features
    for (index, sample) in reference.table.samples.enumerated() {
      let w = Array(run.record.weights[index * width..<(index + 1) * width])
      let scale = sample.weights.reduce(0) { max($0, abs($1)) }
      #expect(maximumGap(w, sample.weights) <= 2e-15 * scale, "t = \(times[index])")
    }

    let limit = TwinSupport.limit(problem, .momentum(lambda), from: start)
    let end = try #require(reference.table.final)
    #expect(limit.outcome == .reached)
    #expect(limit.error.delta <= 1e-10)
    #expect(TwinSupport.relativeGap(limit.balance, end.Delta_inf.map(\.value)) <= limit.error.delta)
    // The table's θ is that at its last time, within about 5e-13 of the limit.
    #expect(maximumGap(limit.theta, end.theta_inf.map(\.value)) <= limit.error.theta + 5e-13)
    let crossings = (end.crossings_plus + end.crossings_minus).reduce(0, +)
    #expect(limit.signChanges.count == crossings)
  }

  @Test(arguments: ["mgd_gamma_0.002_beta_0.98", "mgd_gamma_0.01_beta_0.9", "mgd_gamma_0.05_beta_0.5"])
  func iterates(_ file: String) throws {
    let reference = try ReferenceCase("centred-20x30", file)
    let problem = TwinSupport.problem(try reference.problem())
    let method = Twin.DescentMethod(
      gamma: try #require(reference.table.gamma), beta: try #require(reference.table.beta))
    let list = reference.table.samples.compactMap(\.k)
    let run = TwinSupport.descend(
      problem, method, from: try reference.start(), iterations: try #require(list.last), recording: .iterations(list))
    #expect(run.record.iterations == list)
    let width = 2 * problem.features
    for (index, sample) in reference.table.samples.enumerated() {
      #expect(maximumGap(Array(run.record.weights[index * width..<(index + 1) * width]), sample.weights) <= 2e-15)
    }
  }

  /// Limits in 160 to 260 bits: small scales, wide spreads, deficient ranks. Where the twin gives an error estimate it holds, and
  /// what it cannot do it says.
  @Test func hardLimits() throws {
    var (count, known) = (0, 0)
    for reference in try ReferenceLimit.table() where reference.lambda != 0 {
      let problem = try reference.problem()
      let start = try Initialization(alpha: reference.alpha, features: problem.featureCount)
      let run = Twin.LimitRun(
        TwinSupport.problem(problem), reference.lambda.map { .momentum($0) } ?? .gradientFlow, weights: start.weights,
        rates: start.rates, maximumPasses: 20_000)
      while !run.advance(1000) {}
      count += 1
      guard run.outcome == .reached, run.error.theta < .infinity, run.error.delta < .infinity else { continue }
      known += 1
      #expect(
        maximumGap(run.theta, reference.theta) <= run.error.theta + reference.error[0],
        "\(reference): \(maximumGap(run.theta, reference.theta)) above \(run.error.theta)")
      for (delta, digits) in zip(run.balance, reference.log10_delta) where delta >= .leastNormalMagnitude {
        let gap = abs(Double.log(delta) - digits * Double.log(10))
        #expect(gap <= run.error.delta + reference.error[1] + 4e-16 * abs(digits), "\(reference)")
      }
    }
    #expect(known * 10 > count * 9, "\(known) of \(count)")
  }
}

/// The largest |a − b|.
func maximumGap(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) } }
