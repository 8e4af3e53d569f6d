import Dynamics
import Foundation
import GSLSteppers
import TestSupport
import Testing

@Suite struct IntegrationTests {
  private func oscillator(_ relative: Double = 1e-12) throws -> GSLStepper {
    try GSLStepper(
      .rk8pd, InitialValueProblem(AnalyticField.oscillator(), from: [1, 0]),
      control: .adaptive(Tolerance(relative: relative, absolute: relative)))
  }

  @Test func requestedTimesAreStepEnds() throws {
    let stepper = try oscillator()
    let times = [0, 0.1, 1.0 / 3, 2, 7.5]
    let solution = try integrate(stepper, until: 8, recording: .times(times))
    #expect(solution.times == times)
    for (index, t) in times.enumerated() {
      #expect(abs(Array(solution.recordedState(index))[0] - cos(t)) < 1e-11)
    }
    #expect(solution.outcome == .reached && solution.time == 8)
  }

  @Test func segmentsCoverTheWholeSpan() throws {
    let stepper = try oscillator(1e-10)
    let solution = try integrate(stepper, until: 10, recording: .segments)
    #expect(solution.span == 0...10)
    for (a, b) in zip(solution.segments, solution.segments.dropFirst()) { #expect(a.end == b.start) }
    var worst = 0.0
    for k in 0...1000 {
      let t = Double(k) / 100
      worst = max(worst, abs(try solution.state(at: t)[0] - cos(t)))
    }
    // Steps near 0.5: h⁶/46080 = 3e-7.
    #expect(worst < 1e-5)
    #expect(throws: InvalidInput.self) { try solution.state(at: 10.1) }
    #expect(throws: InvalidInput.self) { try solution.state(at: .nan) }
  }

  @Test func recordings() throws {
    var stepper = try oscillator()
    let every = try integrate(stepper, until: 50, recording: .everyStep)
    #expect(every.times.count == every.statistics.steps + 1)
    stepper = try oscillator()
    let few = try integrate(stepper, until: 50, recording: .logarithmic(count: 10))
    #expect(few.times.count == 10 && few.times.first == 0 && few.times.last == 50)
    #expect(Set(few.times).isSubset(of: Set(every.times)))
    #expect(few.times == few.times.sorted())
    stepper = try oscillator()
    let ends = try integrate(stepper, until: 50)
    #expect(ends.times == [0, 50])
    // Many more steps than wanted: the thinning on the way must not lose the spread.
    stepper = try oscillator()
    let long = try integrate(stepper, until: 1000, recording: .logarithmic(count: 7))
    let logs = long.times.map { log1p($0) / log1p(1000) }
    for (k, x) in logs.enumerated() { #expect(abs(x - Double(k) / 6) < 0.08) }
  }

  @Test func conditionsStopTheRun() throws {
    let stepper = try oscillator()
    let solution = try integrate(
      stepper, until: 100, stoppingWhen: [StopCondition { $0.state[0] < 0 ? .residual : nil }])
    #expect(solution.outcome == .residual && solution.time < 3)
    // The same stepper goes on from where it was.
    let more = try integrate(stepper, until: 5)
    #expect(abs(more.state[0] - cos(5)) < 1e-11)
  }

  /// ẏ = y² blows up at t = 1: a typed failure that carries the partial solution.
  @Test(arguments: GSLScheme.allCases)
  func blowUpIsATypedFailure(_ scheme: GSLScheme) throws {
    let field = AnalyticField(dimension: 1, rate: { _, y in [y[0] * y[0]] }, jacobian: { _, y in [[2 * y[0]]] })
    let stepper = try GSLStepper(
      scheme, InitialValueProblem(field, from: [1]), control: .adaptive(Tolerance(relative: 1e-8)))
    do {
      let solution = try integrate(stepper, until: 2, recording: .everyStep)
      Issue.record("the run ended with \(solution.outcome) at \(solution.time)")
    } catch {
      #expect(abs(error.time - 1) < 1e-3)
      #expect(error.partial.times.count > 10)
      #expect([.nonFinite, .stepTooSmall].contains(error.partial.outcome))
      #expect("\(error)".contains("t = "))
    }
  }

  /// A right-hand side that turns into not-a-number at t = 1 stops every scheme near there.
  @Test(arguments: GSLScheme.allCases)
  func notANumberStopsTheRun(_ scheme: GSLScheme) throws {
    let field = AnalyticField(dimension: 1, rate: { t, _ in [t > 1 ? .nan : 1] }, jacobian: { _, _ in [[0]] })
    let stepper = try GSLStepper(
      scheme, InitialValueProblem(field, from: [1]), control: .adaptive(Tolerance(relative: 1e-8)))
    do {
      let solution = try integrate(stepper, until: 2)
      Issue.record("the run ended with \(solution.outcome) at \(solution.time)")
    } catch {
      #expect(error.partial.outcome == .nonFinite)
      #expect(error.time <= 1 && error.time > 0.5)
      #expect(error.partial.state.allSatisfy({ $0.isFinite }))
    }
  }

  @Test func startMustBeFinite() throws {
    let field = AnalyticField(dimension: 1, rate: { _, _ in [.nan] }, jacobian: { _, _ in [[0]] })
    #expect(throws: InvalidInput.self) {
      _ = try GSLStepper(.rk8pd, InitialValueProblem(field, from: [1]), control: .fixed(step: 1))
    }
  }
}
