import Dynamics
import Foundation
import GSLSteppers
import TestSupport
import Testing

@Suite struct OrderTests {
  private func error(_ scheme: GSLScheme, step: Double) throws -> Double {
    let stepper = try GSLStepper(
      scheme, InitialValueProblem(AnalyticField.exponentialOfSine(), from: [1]), control: .fixed(step: step))
    let solution = try integrate(stepper, until: 2)
    return abs(solution.state[0] - exp(sin(2)))
  }

  /// One row a scheme: its order and steps at which truncation dominates rounding.
  @Test(arguments: [
    (GSLScheme.rkf45, 5.0, 0.05), (.rkck, 5.0, 0.05), (.rk8pd, 8.0, 0.25),
  ])
  func fixedStepOrder(_ scheme: GSLScheme, _ order: Double, _ step: Double) throws {
    let coarse = try error(scheme, step: step)
    let fine = try error(scheme, step: step / 2)
    #expect(abs(log2(coarse / fine) - order) < 0.2, "observed \(log2(coarse / fine))")
  }

  /// The extrapolation of bsimp has order 12: its error meets rounding within two halvings, so the slope is taken over
  /// the whole usable range, 2 to 5 steps to t = 10.
  @Test func implicitExtrapolationOrder() throws {
    func error(_ steps: Int) throws -> Double {
      let stepper = try GSLStepper(
        .bsimp, InitialValueProblem(AnalyticField.oscillator(), from: [1, 0]), control: .fixed(step: 10 / Double(steps))
      )
      return abs(try integrate(stepper, until: 10).state[0] - cos(10))
    }
    let order = log(try error(2) / error(5)) / log(2.5)
    #expect(abs(order - 12) < 0.2, "observed \(order)")
  }

  /// A method of order p integrates ẏ = p·tᵖ⁻¹ exactly, and not one degree more.
  @Test(arguments: [(GSLScheme.rkf45, 5), (.rkck, 5), (.rk8pd, 8)])
  func exactness(_ scheme: GSLScheme, _ order: Int) throws {
    func miss(_ degree: Int) throws -> Double {
      let stepper = try GSLStepper(
        scheme, InitialValueProblem(AnalyticField.polynomial(degree: degree), from: [0]), control: .fixed(step: 1))
      return abs(try integrate(stepper, until: 1).state[0] - 1)
    }
    #expect(try miss(order) < 1e-13)
    #expect(try miss(order + 2) > 1e-9)
  }

  /// Adaptive error falls with the tolerance for every scheme, the variable-order ones included.
  @Test(arguments: GSLScheme.allCases)
  func adaptiveErrorFollowsTolerance(_ scheme: GSLScheme) throws {
    var last = Double.infinity
    for tolerance in [1e-4, 1e-7, 1e-10] {
      let stepper = try GSLStepper(
        scheme, InitialValueProblem(AnalyticField.oscillator(), from: [1, 0]),
        control: .adaptive(Tolerance(relative: tolerance, absolute: tolerance)))
      let solution = try integrate(stepper, until: 10)
      let error = hypot(solution.state[0] - cos(10), solution.state[1] + sin(10))
      #expect(error < 2000 * tolerance, "\(scheme) at \(tolerance): \(error)")
      #expect(error < last)
      last = error
      #expect(solution.statistics.steps > 0 && solution.statistics.passes > solution.statistics.steps)
      #expect(solution.statistics.localError <= 1.1)
    }
  }

  @Test func fixedStepIsRefusedWhereItHasNoMeaning() throws {
    let problem = try InitialValueProblem(AnalyticField.oscillator(), from: [1, 0])
    #expect(throws: InvalidInput.self) { _ = try GSLStepper(.msadams, problem, control: .fixed(step: 0.1)) }
    #expect(throws: InvalidInput.self) { _ = try GSLStepper(.rk8pd, problem, control: .fixed(step: 0)) }
  }
}
