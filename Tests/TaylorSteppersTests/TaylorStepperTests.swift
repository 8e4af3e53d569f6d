import Dynamics
import Foundation
import GSLSteppers
import Networks
import Regression
import TaylorSteppers
import TestSupport
import Testing

@Suite struct TaylorStepperTests {
  private func network() throws -> (RegressionProblem, Initialization) {
    let problem = try SyntheticProblem(samples: 4, features: 6, nonzeros: 2, seed: 5).problem()
    return (problem, try Initialization(alpha: 0.4, features: 6))
  }

  private func end(
    _ problem: RegressionProblem, _ start: Initialization, lambda: Double, _ control: StepControl, degree: Int?,
    until time: Double = 2
  ) throws -> Solution {
    let stepper = try TaylorStepper(
      Instances.flow(problem, start, lambda: lambda), control: control, degree: degree)
    if let degree { #expect(stepper.degree >= degree) }
    return try integrate(stepper, until: time)
  }

  /// A series of degree N is a method of order N.
  @Test(arguments: [0, 0.5], [2, 4, 6, 8])
  func fixedStepOrder(_ lambda: Double, _ degree: Int) throws {
    let (problem, start) = try network()
    let truth = try end(problem, start, lambda: lambda, .fixed(step: 0.02), degree: 20).state
    let steps = degree < 8 ? [0.05, 0.025] : [0.07, 0.035]
    let errors = try steps.map {
      distance(try end(problem, start, lambda: lambda, .fixed(step: $0), degree: degree).state, truth)
    }
    let order = log2(errors[0] / errors[1])
    #expect(abs(order - Double(degree)) < 0.2, "observed \(order)")
  }

  /// Degree N integrates tᴺ exactly, and not one degree more.
  @Test(arguments: [2, 5, 9, 20])
  func exactness(_ degree: Int) throws {
    func miss(_ power: Int) throws -> Double {
      let field = SeriesTestField.polynomial([Double](repeating: 0, count: power) + [1])
      let stepper = try TaylorStepper(
        InitialValueProblem(field, from: [0]), control: .fixed(step: 0.5), degree: degree)
      return abs(try integrate(stepper, until: 1).state[0] - 1)
    }
    #expect(try miss(degree) < 1e-14)
    #expect(try miss(degree + 1) > 1e-9)
  }

  @Test(arguments: [1e-4, 1e-8, 1e-12, 1e-15])
  func errorFollowsTolerance(_ relative: Double) throws {
    let stepper = try TaylorStepper(
      InitialValueProblem(SeriesTestField.oscillator(), from: [1, 0]),
      control: .adaptive(Tolerance(relative: relative, absolute: relative)))
    let solution = try integrate(stepper, until: 10)
    #expect(hypot(solution.state[0] - cos(10), solution.state[1] + sin(10)) < max(20 * relative, 1e-14))
    #expect(solution.statistics.localError <= 1 + 1e-9 && solution.statistics.rejectedSteps == 0)
  }

  /// Taylor = rk8pd on random instances, both flows.
  @Test(arguments: [0, 0.05, 1, 20], [UInt64(1), 2, 3])
  func equalsRungeKutta(_ lambda: Double, _ seed: UInt64) throws {
    let problem = try SyntheticProblem(samples: 5, features: 9, nonzeros: 2, mean: Double(seed - 1), seed: seed)
      .problem()
    let start = try Initialization(alpha: 0.1, features: 9)
    let taylor = try end(problem, start, lambda: lambda, .adaptive(Tolerance(relative: 1e-15)), degree: nil, until: 8)
    let network = DiagonalNetwork(problem)
    let field: any SeriesField =
      lambda > 0
      ? try MomentumGradientFlow(network, lambda: lambda, carryingIntegrals: false)
      : GradientFlow(network, carryingIntegrals: false)
    let rungeKutta = try GSLStepper(
      .rk8pd, InitialValueProblem(field, from: lambda > 0 ? start.weights + start.rates : start.weights),
      control: .adaptive(Tolerance(relative: 1e-14)))
    #expect(distance(taylor.state, try integrate(rungeKutta, until: 8).state) < 1e-12)
  }

  /// Requested times come from the series, as accurate as step ends, and do not shorten the steps.
  @Test func denseOutput() throws {
    func run(_ recording: Recording) throws -> Solution {
      let stepper = try TaylorStepper(
        InitialValueProblem(SeriesTestField.oscillator(), from: [1, 0]),
        control: .adaptive(Tolerance(relative: 1e-15, absolute: 1e-15)))
      return try integrate(stepper, until: 10, recording: recording)
    }
    let times = (0...1000).map { Double($0) / 100 }
    let solution = try run(.times(times))
    #expect(solution.times == times)
    for (index, time) in times.enumerated() {
      #expect(abs((solution.recordedState(index).first ?? .nan) - cos(time)) < 2e-15 * (1 + time))
    }
    let plain = try run(.segments)
    #expect(solution.statistics.steps == plain.statistics.steps && solution.state == plain.state)
    for time in times { #expect(abs(try plain.state(at: time)[0] - cos(time)) < 2e-15 * (1 + time)) }
  }

  /// A million steps' rounding is carried, not lost: n = d = 1 against the closed form θ̇ = (y − θ)√(4θ² + Δ₀²) at rest.
  @Test func carriedRounding() throws {
    // θ = y: nothing moves, and 10⁶ increments of the drift y(1 − 2⁻⁵³…) must not add up.
    let field = SeriesTestField(dimension: 1) { _, y, degree in
      [y, [0x1p-60]] + [[Double]](repeating: [0], count: degree - 1)
    }
    let stepper = try TaylorStepper(InitialValueProblem(field, from: [1]), control: .fixed(step: 1), degree: 2)
    let solution = try integrate(stepper, until: 1_000_000)
    #expect(abs((solution.state[0] - 1) / (1e6 * 0x1p-60) - 1) < 1e-3)
  }

  @Test func unusableRequests() throws {
    let series = try InitialValueProblem(SeriesTestField.oscillator(), from: [1, 0])
    let plain = try InitialValueProblem(AnalyticField.oscillator(), from: [1, 0])
    let adaptive = StepControl.adaptive(try Tolerance(relative: 1e-9))
    #expect(throws: InvalidInput.self) { _ = try TaylorStepper(plain, control: adaptive) }
    #expect(throws: InvalidInput.self) { _ = try TaylorStepper(series, control: .fixed(step: 0.1)) }
    #expect(throws: InvalidInput.self) { _ = try TaylorStepper(series, control: .fixed(step: -1), degree: 4) }
    for degree in [-1, 0, 1, 61] {
      #expect(throws: InvalidInput.self) { _ = try TaylorStepper(series, control: adaptive, degree: degree) }
    }
    let pole = SeriesTestField(dimension: 1) { _, y, degree in
      (0...degree).map { [Foundation.pow(y[0], Double($0 + 1))] }
    }
    // ẏ = y²: the step shrinks towards the pole at t = 1, and a named failure ends it.
    let stepper = try TaylorStepper(InitialValueProblem(pole, from: [1]), control: adaptive)
    do {
      _ = try integrate(stepper, until: 2)
      Issue.record("passed a pole")
    } catch {
      #expect(abs(error.time - 1) < 1e-3)
    }
  }
}
