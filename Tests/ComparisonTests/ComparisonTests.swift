import Comparison
import Descent
import Dynamics
import Foundation
import GSLSteppers
import Networks
import Regression
import TestSupport
import Testing

@Suite struct ComparisonTests {
  @Test func order() {
    let steps = [0.1, 0.05, 0.025]
    #expect(abs((convergenceOrder(steps: steps, errors: steps.map { 3 * $0 * $0 }) ?? 0) - 2) < 1e-12)
    #expect(convergenceOrder(steps: [0.1], errors: [1]) == nil)
    #expect(convergenceOrder(steps: steps, errors: [0, .infinity, .nan]) == nil)
    #expect(convergenceOrder(steps: [0.1, 0.1], errors: [1, 2]) == nil)
  }

  @Test func trajectoryErrorCountsNotANumberAsInfinite() {
    var error = TrajectoryError()
    error.add(count: 2) { [3, -4][$0] }
    #expect(error.maximum == 4 && error.final == 4 && abs(error.rootMeanSquare - 12.5.squareRoot()) < 1e-15)
    error.add(count: 2) { _ in 1 }
    #expect(error.maximum == 4 && error.final == 1)
    error.add(count: 1) { _ in .nan }
    #expect(error.maximum == .infinity)
  }

  private func setup(_ name: String) throws -> (RegressionProblem, Initialization) {
    let reference = try ReferenceCase(name, name == "tiny-3x5" ? "mgf_lambda_0.3" : "mgf_lambda_0.5")
    return (try reference.problem(), try reference.start())
  }

  private func stepper(_ problem: RegressionProblem, _ start: Initialization, _ lambda: Double) throws -> GSLStepper {
    let d = problem.featureCount
    return try GSLStepper(
      .rk8pd,
      InitialValueProblem(
        MomentumGradientFlow(DiagonalNetwork(problem), lambda: lambda),
        from: start.weights + [Double](repeating: 0, count: 4 * d + 1)),
      control: .adaptive(Tolerance(relative: 1e-11)))
  }

  /// The first-order flow: error ∝ ε, slope 1.00 ± 0.05 at λ = 0.5 on every instance.
  @Test(arguments: ["tiny-3x5", "centred-20x30", "uncentred-20x30"])
  func slopeIsOne(_ name: String) throws {
    let (problem, start) = try setup(name)
    let settings = try [0.008, 0.004, 0.002, 0.001].map { try DescentSettings(lambda: 0.5, step: $0) }
    let flow = try stepper(problem, start, 0.5)
    let report = try FlowComparison.run(problem, from: start, flow: flow, until: 10, settings: settings)
    #expect(abs((report.slope ?? 0) - 1) < 0.05, "\(report.slope ?? .nan)")
    #expect(abs((report.thetaSlope ?? 0) - 1) < 0.05)
    for row in report.rows {
      #expect(row.iterations == Int((10 / row.settings.step).rounded()))
      #expect(row.weights.final <= row.weights.maximum && row.weights.rootMeanSquare <= row.weights.maximum)
    }
  }

  /// The streaming comparison against the plain one: flow at requested times, iterates recorded.
  @Test func equalsThePlainComparison() throws {
    let (problem, start) = try setup("tiny-3x5")
    let settings = try DescentSettings(lambda: 0.5, step: 0.04)
    let flow = try stepper(problem, start, 0.5)
    let row = try FlowComparison.run(problem, from: start, flow: flow, until: 3, settings: [settings]).rows[0]
    let iterates = try Descent(DiagonalNetwork(problem), settings, from: start).run(iterations: 75, recording: .every)
      .iterates
    #expect(row.iterations == 75)
    let plain = try stepper(problem, start, 0.5)
    let solution = try integrate(plain, until: 3.01, recording: .times(iterates.times))
    var (worst, last, squares) = (0.0, 0.0, 0.0)
    for index in 1...75 {
      let state = Array(solution.recordedState(index).prefix(10))
      last = distance(state, iterates.weights[index])
      worst = max(worst, last)
      squares += zip(state, iterates.weights[index]).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    }
    #expect(abs(row.weights.maximum - worst) < 1e-10)
    #expect(abs(row.weights.final - last) < 1e-10)
    #expect(abs(row.weights.rootMeanSquare - (squares / 760).squareRoot()) < 1e-10)
  }

  /// Long steps of an extrapolation method do not blur what is measured.
  @Test(arguments: [GSLScheme.rkf45, .bsimp, .msadams])
  func everySchemeMeasuresTheSame(_ scheme: GSLScheme) throws {
    let (problem, start) = try setup("centred-20x30")
    let settings = try [0.04, 0.01].map { try DescentSettings(lambda: 0.5, step: $0) }
    func rows(_ scheme: GSLScheme) throws -> [FlowComparison.Row] {
      let flow = try GSLStepper(
        scheme,
        InitialValueProblem(
          MomentumGradientFlow(DiagonalNetwork(problem), lambda: 0.5),
          from: start.weights + [Double](repeating: 0, count: 4 * problem.featureCount + 1)),
        control: .adaptive(Tolerance(relative: 1e-10)))
      return try FlowComparison.run(problem, from: start, flow: flow, until: 5, settings: settings).rows
    }
    for (a, b) in zip(try rows(scheme), try rows(.rk8pd)) {
      #expect(abs(a.weights.maximum / b.weights.maximum - 1) < 1e-5)
      #expect(abs(a.theta.maximum / b.theta.maximum - 1) < 1e-5)
    }
  }

  @Test func divergenceOfOneStepLeavesTheOthers() throws {
    let problem = try SyntheticProblem(samples: 5, features: 8, nonzeros: 2, mean: 5, seed: 1).problem()
    let start = try Initialization(alpha: 0.5, features: 8)
    let settings = try [1.0, 0.001].map { try DescentSettings(lambda: 1, step: $0) }
    let flow = try stepper(problem, start, 1)
    let report = try FlowComparison.run(problem, from: start, flow: flow, until: 20, settings: settings)
    #expect(report.rows[0].divergedAt != nil)
    #expect(report.rows[1].divergedAt == nil && report.rows[1].weights.maximum < 1)
    #expect(report.slope == nil)
  }
}
