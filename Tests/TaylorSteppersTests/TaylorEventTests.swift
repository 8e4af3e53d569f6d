import Dynamics
import Foundation
import GSLSteppers
import Networks
import TaylorSteppers
import TestSupport
import Testing

/// Sign changes from the series itself: all of a step, order and direction right, to 1e-12.
@Suite struct TaylorEventTests {
  private func occurrences(
    _ field: SeriesTestField, from y: [Double], until end: Double, _ control: StepControl, degree: Int? = nil
  ) throws -> Solution {
    let stepper = try TaylorStepper(InitialValueProblem(field, from: y), control: control, degree: degree)
    return try integrate(stepper, until: end, locating: [.signChanges(of: 0..<y.count)])
  }

  @Test func rootsOfTheOscillator() throws {
    let solution = try occurrences(
      .oscillator(), from: [1, 0], until: 20, .adaptive(Tolerance(relative: 1e-15, absolute: 1e-15)))
    for coordinate in 0..<2 {
      let found = solution.occurrences.filter { $0.coordinate == coordinate }
      #expect(found.count == 6)
      for (k, occurrence) in found.enumerated() {
        #expect(abs(occurrence.time - (Double(k) + (coordinate == 0 ? 0.5 : 1)) * .pi) < 1e-12)
        #expect(occurrence.direction == ((k + coordinate) % 2 == 0 ? -1 : 1))
      }
    }
    #expect(solution.occurrences.map(\.time) == solution.occurrences.map(\.time).sorted())
  }

  /// Five roots of one polynomial within one step; one of them on its end.
  @Test func allRootsOfAStep() throws {
    let roots = [0.1, 0.35, 0.36, 0.9, 2]
    var a = [1.0]
    for root in roots {
      a = (0...a.count).map { ($0 > 0 ? a[$0 - 1] : 0) - ($0 < a.count ? root * a[$0] : 0) }
    }
    let solution = try occurrences(.polynomial(a), from: [a[0]], until: 2, .fixed(step: 2), degree: 8)
    #expect(solution.statistics.steps == 1)
    #expect(solution.occurrences.map(\.direction) == Array([1, -1, 1, -1, 1].prefix(solution.occurrences.count)))
    #expect(solution.occurrences.count >= 4)
    for (occurrence, root) in zip(solution.occurrences, roots) { #expect(abs(occurrence.time - root) < 1e-12) }
  }

  @Test(arguments: [0.1, 1e-3, 1e-5])
  func twoChangesWithinOneStep(_ half: Double) throws {
    let solution = try occurrences(
      .polynomial([1 - half * half, -2, 1]), from: [1 - half * half], until: 4, .fixed(step: 4), degree: 4)
    #expect(solution.occurrences.map(\.direction) == [-1, 1])
    for (occurrence, root) in zip(solution.occurrences, [1 - half, 1 + half]) {
      // Conditioning: an error of 1e-16 in y moves the root by 1e-16/(2h).
      #expect(abs(occurrence.time - root) < max(1e-12, 1e-15 / half))
    }
  }

  @Test func multipleRoots() throws {
    let triple = try occurrences(.polynomial([-1, 3, -3, 1]), from: [-1], until: 2.2, .fixed(step: 2.2), degree: 4)
    #expect(triple.occurrences.count == 1 && triple.occurrences.first?.direction == 1)
    #expect(abs((triple.occurrences.first?.time ?? 0) - 1) < 1e-4)
    let double = try occurrences(
      .polynomial([1 + 1e-9, -2, 1]), from: [1 + 1e-9], until: 3, .fixed(step: 3), degree: 4)
    #expect(double.occurrences.isEmpty)
  }

  /// Network events: GSL's independent solution has opposite signs just before and just after each time found, and no
  /// change is missed.
  @Test(arguments: ["centred-20x30", "tiny-3x5"])
  func networkEvents(_ name: String) throws {
    let tiny = name == "tiny-3x5"
    let reference = try ReferenceCase(name, tiny ? "mgf_lambda_2" : "mgf_lambda_5")
    let (problem, start) = (try reference.problem(), try reference.start())
    let (m, end) = (2 * problem.featureCount, 60.0)
    func initial() throws -> InitialValueProblem {
      try InitialValueProblem(
        MomentumGradientFlow(DiagonalNetwork(problem), lambda: tiny ? 2 : 5, carryingIntegrals: false),
        from: start.weights + start.rates)
    }
    let taylor = try TaylorStepper(initial(), control: .adaptive(Tolerance(relative: 1e-15)))
    let found = try integrate(taylor, until: end, locating: [.signChanges(of: 0..<m)]).occurrences
    #expect(found.count >= (tiny ? 2 : 10))
    let margin = 1e-12
    let times = Set(found.flatMap { [$0.time - margin * max(1, $0.time), $0.time + margin * max(1, $0.time)] }).sorted()
    let gsl = try GSLStepper(.rk8pd, initial(), control: .adaptive(Tolerance(relative: 1e-14)))
    let solution = try integrate(
      gsl, until: end, recording: .times(times), locating: [.signChanges(of: 0..<m)])
    for occurrence in found {
      let scale = margin * max(1, occurrence.time)
      guard let before = times.firstIndex(of: occurrence.time - scale),
        let after = times.firstIndex(of: occurrence.time + scale)
      else { continue }
      let (a, b) = (
        Array(solution.recordedState(before))[occurrence.coordinate],
        Array(solution.recordedState(after))[occurrence.coordinate]
      )
      #expect(a * Double(occurrence.direction) < 0 && b * Double(occurrence.direction) > 0)
    }
    // The same changes in the same order by GSL's own location.
    #expect(solution.occurrences.map(\.coordinate) == found.map(\.coordinate))
    #expect(solution.occurrences.map(\.direction) == found.map(\.direction))
  }
}
