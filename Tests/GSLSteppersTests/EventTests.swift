import Dynamics
import Foundation
import GSLSteppers
import TestSupport
import Testing

@Suite struct EventTests {
  private func tolerance(_ r: Double) throws -> StepControl {
    .adaptive(try Tolerance(relative: r, absolute: r))
  }

  /// cos t and −sin t: roots at (k + ½)π and kπ, directions alternating.
  @Test(arguments: GSLScheme.allCases)
  func rootsOfTheOscillator(_ scheme: GSLScheme) throws {
    let stepper = try GSLStepper(
      scheme, InitialValueProblem(AnalyticField.oscillator(), from: [1, 0]), control: tolerance(1e-12))
    let solution = try integrate(stepper, until: 20, locating: [.signChanges(of: 0..<2)])
    let cosine = solution.occurrences.filter { $0.coordinate == 0 }
    let sine = solution.occurrences.filter { $0.coordinate == 1 }
    #expect(cosine.count == 6)
    // The rate starts at exactly zero: leaving zero is no sign change.
    #expect(sine.count == 6)
    let allowed = scheme.isMultistep ? 1e-8 : 1e-10
    for (k, occurrence) in cosine.enumerated() {
      #expect(abs(occurrence.time - (Double(k) + 0.5) * .pi) < allowed)
      #expect(occurrence.direction == (k % 2 == 0 ? -1 : 1))
    }
    for (k, occurrence) in sine.enumerated() {
      #expect(abs(occurrence.time - Double(k + 1) * .pi) < allowed)
      #expect(occurrence.direction == (k % 2 == 0 ? 1 : -1))
    }
    #expect(solution.occurrences.map(\.time) == solution.occurrences.map(\.time).sorted())
  }

  /// y = (t − 1)² − h²: both sign changes lie within one step.
  @Test(arguments: [0.1, 1e-2, 1e-3, 1e-5])
  func twoChangesWithinOneStep(_ half: Double) throws {
    let stepper = try GSLStepper(
      .rk8pd, InitialValueProblem(parabola(), from: [1 - half * half]), control: .fixed(step: 4))
    let solution = try integrate(stepper, until: 4, locating: [.signChanges(of: 0..<1)])
    #expect(solution.statistics.steps == 1)
    #expect(solution.occurrences.map(\.direction) == [-1, 1])
    for (occurrence, root) in zip(solution.occurrences, [1 - half, 1 + half]) {
      // Conditioning: an error of 1e-16 in y moves the root by 1e-16/(2h).
      #expect(abs(occurrence.time - root) < max(1e-10, 1e-15 / half))
    }
  }

  /// A root exactly on a step end is found once.
  @Test func rootOnAStepEnd() throws {
    let field = AnalyticField(dimension: 1, rate: { _, _ in [1] }, jacobian: { _, _ in [[0]] })
    let stepper = try GSLStepper(.rkf45, InitialValueProblem(field, from: [-1]), control: .fixed(step: 0.5))
    let solution = try integrate(stepper, until: 3, locating: [.signChanges(of: 0..<1)])
    #expect(solution.occurrences == [Occurrence(coordinate: 0, time: 1, direction: 1)])
  }

  /// A triple root at the middle of a step is one sign change.
  @Test func tripleRoot() throws {
    let field = AnalyticField(
      dimension: 1, rate: { t, _ in [3 * (t - 1) * (t - 1)] }, jacobian: { _, _ in [[0]] },
      time: { t, _ in [6 * (t - 1)] })
    let stepper = try GSLStepper(.rk8pd, InitialValueProblem(field, from: [-1]), control: .fixed(step: 2))
    let solution = try integrate(stepper, until: 2, locating: [.signChanges(of: 0..<1)])
    #expect(solution.occurrences.count == 1 && solution.occurrences.first?.direction == 1)
    #expect(abs((solution.occurrences.first?.time ?? 0) - 1) < 1e-4)
  }

  /// Touching zero without changing sign is no event.
  @Test func touchingIsNoSignChange() throws {
    let stepper = try GSLStepper(.rk8pd, InitialValueProblem(parabola(), from: [1 + 1e-9]), control: .fixed(step: 3))
    let solution = try integrate(stepper, until: 3, locating: [.signChanges(of: 0..<1)])
    #expect(solution.occurrences.isEmpty)
  }

  private func parabola() -> AnalyticField {
    AnalyticField(
      dimension: 1, rate: { t, _ in [2 * (t - 1)] }, jacobian: { _, _ in [[0]] }, time: { _, _ in [2] })
  }
}
