import Descent
import Dynamics
import Foundation
import GSLSteppers
import ImplicitSteppers
import LinearAlgebra
import Networks
import Regression
import TaylorSteppers
import TestSupport
import Testing

@Suite struct RadauTests {
  private func run(
    _ stages: Int, _ problem: RegressionProblem, _ start: Initialization, _ lambda: Double, _ control: StepControl,
    until end: Double, recording: Recording = .endpoints, events: [Event] = []
  ) throws -> Solution {
    let stepper = try RadauStepper(
      Instances.flow(problem, start, lambda: lambda), control: control, method: RadauMethod(stages: stages))
    return try integrate(stepper, until: end, recording: recording, locating: events)
  }

  private func truth(
    _ problem: RegressionProblem, _ start: Initialization, _ lambda: Double, until end: Double
  ) throws -> [Double] {
    let stepper = try TaylorStepper(
      Instances.flow(problem, start, lambda: lambda),
      control: .adaptive(Tolerance(relative: 1e-15)))
    return try integrate(stepper, until: end).state
  }

  private func instance() throws -> (RegressionProblem, Initialization) {
    (
      try SyntheticProblem(samples: 4, features: 6, nonzeros: 2, seed: 5).problem(),
      try Initialization(alpha: 0.4, features: 6)
    )
  }

  /// Known coefficients: c of three stages, and the real eigenvalue of A⁻¹ that RADAU5 uses.
  @Test func coefficients() throws {
    let radau5 = try RadauMethod(stages: 3)
    let root = 6.0.squareRoot()
    #expect(distance(radau5.nodes, [(4 - root) / 10, (4 + root) / 10, 1]) < 1e-15)
    let cubes = 3 + pow(3, 2.0 / 3) - pow(3, 1.0 / 3)
    #expect(abs(radau5.realShift - cubes) < 1e-12, "\(radau5.realShift) against \(cubes)")
    for stages in [3, 5, 7] {
      let method = try RadauMethod(stages: stages)
      #expect(method.order == 2 * stages - 1 && method.nodes.last == 1 && method.complexShifts.count == stages / 2)
      // The collocation polynomial reproduces its own values.
      for (i, c) in method.nodes.enumerated() {
        for j in 0..<stages {
          let value = (0..<stages).reduce(0) { $0 + method.dense[$1 * stages + j] * pow(c, Double($1 + 1)) }
          #expect(abs(value - (i == j ? 1 : 0)) < 1e-10)
        }
      }
    }
    for stages in [0, 1, 2, 4, 9] { #expect(throws: InvalidInput.self) { try RadauMethod(stages: stages) } }
  }

  /// Order 2s − 1 of each scheme, both flows. The error of order 13 meets rounding before its slope settles.
  @Test(arguments: [(3, 64, 0.2), (5, 16, 0.2), (7, 6, 1.3)], [0, 0.5])
  func fixedStepOrder(_ scheme: (stages: Int, steps: Int, margin: Double), _ lambda: Double) throws {
    let (problem, start) = try instance()
    let exact = try truth(problem, start, lambda, until: 6)
    let errors = try [scheme.steps, 2 * scheme.steps].map {
      distance(try run(scheme.stages, problem, start, lambda, .fixed(step: 6 / Double($0)), until: 6).state, exact)
    }
    let order = log2(errors[0] / errors[1])
    #expect(abs(order - Double(2 * scheme.stages - 1)) < scheme.margin, "observed \(order) from \(errors)")
  }

  /// Radau = Taylor at several tolerances, error control included.
  @Test(arguments: [3, 5, 7], [0, 0.02, 1, 20])
  func equalsTaylor(_ stages: Int, _ lambda: Double) throws {
    let problem = try SyntheticProblem(samples: 5, features: 9, nonzeros: 2, mean: 1, seed: 3).problem()
    let start = try Initialization(alpha: 0.1, features: 9)
    let exact = try truth(problem, start, lambda, until: 8)
    var last = Double.infinity
    for relative in [1e-5, 1e-8, 1e-11] {
      let solution = try run(
        stages, problem, start, lambda, .adaptive(Tolerance(relative: relative)), until: 8)
      let error = distance(solution.state, exact)
      #expect(error < 100 * relative * max(1, largest(exact)), "\(error) at \(relative)")
      #expect(error < last || error < 1e-12)
      last = error
      #expect(solution.statistics.localError <= 1)
    }
  }

  /// Every reference table, at the tightest tolerance that makes sense; dense output at the times asked for.
  @Test(arguments: ReferenceCase.flows, [5, 7])
  func referenceTables(_ table: (String, String), _ stages: Int) throws {
    let reference = try ReferenceCase(table.0, table.1)
    let times = try reference.table.samples.map { try #require(Double($0.t ?? "")) }
    let lambda = try #require(Double(reference.table.lambda ?? ""))
    let solution = try run(
      stages, reference.problem(), reference.start(), lambda, .adaptive(Tolerance(relative: 1e-11)),
      until: times[times.count - 1], recording: .times(times))
    for (index, sample) in reference.table.samples.enumerated() {
      let scale = max(1, largest(sample.weights))
      let error = distance(solution.recordedState(index).prefix(sample.weights.count), sample.weights) / scale
      #expect(error < 2e-9, "\(error) at t = \(times[index])")
    }
  }

  /// Sign changes are those of the Taylor series.
  @Test(arguments: [5, 7])
  func events(_ stages: Int) throws {
    let reference = try ReferenceCase("centred-20x30", "mgf_lambda_5")
    let (problem, start) = (try reference.problem(), try reference.start())
    let watched = [Event.signChanges(of: 0..<2 * problem.featureCount)]
    let found = try run(
      stages, problem, start, 5, .adaptive(Tolerance(relative: 1e-11)), until: 100, events: watched
    ).occurrences
    let taylor = try TaylorStepper(
      Instances.flow(problem, start, lambda: 5), control: .adaptive(Tolerance(relative: 1e-15)))
    let expected = try integrate(taylor, until: 100, locating: watched).occurrences
    #expect(found.count == expected.count && found.count > 10)
    for (a, b) in zip(found, expected) {
      #expect(
        a.coordinate == b.coordinate && a.direction == b.direction && abs(a.time - b.time) < 1e-7 * max(1, b.time))
    }
  }

  /// The long tail and small λ, in a bounded number of passes: to t = 10⁷, where explicit methods need 10⁶ and more.
  @Test(arguments: [(1e-3, 1e-4), (1e-3, 1.0), (1e-6, 1.0), (1e-120, 0.1)])
  func longTails(_ alpha: Double, _ lambda: Double) throws {
    let problem = try SyntheticProblem(samples: 20, features: 30, nonzeros: 3, seed: 1).problem()
    let start = try Initialization(alpha: alpha, features: 30)
    let solution = try run(7, problem, start, lambda, .adaptive(Tolerance(relative: 1e-9)), until: 1e7)
    #expect(solution.outcome == .reached && solution.statistics.passes < 60_000, "\(solution.statistics)")
    let w = solution.state[0..<60]
    let theta = NetworkQuantities.theta(w)
    let residual = zip(problem.design.times(theta), problem.response).map { $0 - $1 }
    #expect(largest(residual) < (alpha == 1e-3 ? 1e-12 : 1e-4), "\(largest(residual))")
    // From 1e-6 down the limit is the sparse θ*.
    if alpha < 1e-3 { #expect(distance(theta, try #require(problem.truth)) < 1e-4) }
  }

  /// Tight tolerances in the long tail: rounding must not be taken for error.
  @Test(arguments: [(1e-6, 0.1), (1e-10, 1.0), (1e-40, 1.0)])
  func tightTolerances(_ alpha: Double, _ lambda: Double) throws {
    let problem = try SyntheticProblem(samples: 20, features: 30, nonzeros: 3, seed: 1).problem()
    let start = try Initialization(alpha: alpha, features: 30)
    let solution = try run(7, problem, start, lambda, .adaptive(Tolerance(relative: 1e-12)), until: 1e9)
    let work = solution.statistics
    #expect(solution.outcome == .reached && work.rejectedSteps * 20 < work.steps, "\(work)")
  }

  /// α = 1e-120 against 60-digit arithmetic (Taylor series of order 40 with mpmath, two step sizes agreeing to 22 digits):
  /// n = d = 1, x = y = 1, λ = ½; w₊ grows from 1e-120 to 2 and w₋ falls to 1e-283, each with its own relative accuracy.
  @Test func extremeScale() throws {
    let problem = try RegressionProblem(
      name: "1", design: DesignMatrix(rows: 1, columns: 1, elements: [1]), response: [1])
    let start = try Initialization(alpha: 1e-120, features: 1)
    let solution = try run(
      7, problem, start, 0.5, .adaptive(Tolerance(relative: 1e-12)), until: 400, recording: .times([375, 400]))
    let expected = [
      [0.1855595847064063433325, -2.587296826820065660246e-283],
      [1.999999999863563129969, 8.387633856134062538177e-285],
    ]
    for (index, weights) in expected.enumerated() {
      let found = Array(solution.recordedState(index))
      #expect(abs(found[0] / weights[0] - 1) < 1e-8, "\(found[0])")
      // Past its oscillations w₋ is the small remainder of a sum.
      #expect(abs(found[1] - weights[1]) < 1e-6 * abs(expected[0][1]), "\(found[1])")
    }
  }

  @Test func unusableRequests() throws {
    let plain = try InitialValueProblem(AnalyticField.oscillator(), from: [1, 0])
    #expect(throws: InvalidInput.self) {
      _ = try RadauStepper(
        plain, control: .adaptive(Tolerance(relative: 1e-9)), method: RadauMethod(stages: 3))
    }
    let (problem, start) = try instance()
    #expect(throws: InvalidInput.self) {
      _ = try RadauStepper(
        Instances.flow(problem, start, lambda: 1), control: .fixed(step: 0), method: RadauMethod(stages: 3))
    }
  }

  /// Collocation of the recursion against the iterates themselves: weights, increments and ε Σ g over the tail from t = 100
  /// to 200, where momentum gradient flow of the same λ is off by far more.
  @Test(arguments: [(0.02, 0.8, 0.8), (0.02, 0.8, 0), (0.05, 0, 0), (0.004, 0.95, 0.95)])
  func recursions(_ gamma: Double, _ beta: Double, _ lookahead: Double) throws {
    let (problem, _) = try instance()
    let settings = try DescentSettings(gamma: gamma, beta: beta, method: lookahead > 0 ? .nesterov : .heavyBall)
    let descent = try Descent(
      DiagonalNetwork(problem), settings, from: Initialization(alpha: 0.003, features: 6))
    let start = Int((100 / settings.step).rounded())
    while descent.iteration < start { descent.advance(atMost: start - descent.iteration) }
    let field = try MomentumGradientFlow(DiagonalNetwork(problem), lambda: settings.lambda)
    var state = descent.weightArray + descent.rateArray
    state += [Double](repeating: 0, count: 6) + descent.gradientIntegral + [0]
    func followed(_ recursion: Recursion?) throws -> [Double] {
      let stepper = try RadauStepper(
        InitialValueProblem(field, from: state), control: .adaptive(Tolerance(relative: 1e-12)),
        method: RadauMethod(stages: 7), recursion: recursion)
      // Steps shorter than ε make no sense of the recursion.
      #expect(recursion == nil || stepper.tryStep(16 * settings.step))
      return try integrate(stepper, until: Double(start) * settings.step).state
    }
    let end = try followed(Recursion(step: settings.step, lookahead: lookahead * settings.step))
    let flow = try followed(nil)
    while descent.iteration < 2 * start { descent.advance(atMost: 2 * start - descent.iteration) }
    let weights = descent.weightArray
    func error(_ state: [Double]) -> Double { zip(state, weights).reduce(0) { max($0, abs($1.0 / $1.1 - 1)) } }
    #expect(error(end) < 1e-9, "\(error(end))")
    #expect(error(flow) > 100 * error(end), "\(error(flow))")
    let rates = distance(end[12..<24], descent.rateArray) / largest(descent.rateArray)
    #expect(rates < 1e-5, "\(rates)")
    let sums = distance(end[30..<36], descent.gradientIntegral)
    #expect(sums < 1e-9, "\(sums)")
  }
}
