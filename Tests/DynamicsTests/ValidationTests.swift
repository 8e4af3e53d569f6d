import Dynamics
import TestSupport
import Testing

@Suite struct ValidationTests {
  @Test func tolerances() throws {
    for (relative, absolute) in [(0.0, 0.0), (-1e-9, 0), (.nan, 0), (1e-9, .infinity), (1e-9, -1)] {
      #expect(throws: InvalidInput.self) { try Tolerance(relative: relative, absolute: absolute) }
    }
    let tolerance = try Tolerance(relative: 1e-3, absolute: 1e-6)
    #expect(tolerance.bound(-2) == 1e-6 + 2e-3)
    #expect(try Tolerance(relative: 1e-3).bound(0) > 0)
  }

  @Test func problems() {
    let field = AnalyticField.oscillator()
    #expect(throws: InvalidInput.self) { try InitialValueProblem(field, from: [1]) }
    #expect(throws: InvalidInput.self) { try InitialValueProblem(field, from: [1, .nan]) }
    #expect(throws: InvalidInput.self) { try InitialValueProblem(field, from: [1, 0], at: .infinity) }
  }

  @Test func messagesNameAllParts() {
    let error = InvalidInput("--lambda -1", because: "λ must be positive", remedy: "choose 0.5")
    #expect("\(error)" == "--lambda -1: λ must be positive; choose 0.5")
  }
}
