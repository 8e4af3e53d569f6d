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
    let error = InvalidInput("\(.lambda, -1)", because: "λ must be positive", remedy: "choose \(.lambda, 0.5)")
    #expect("\(error)" == "lambda: -1: λ must be positive; choose lambda: 0.5")
    #expect(error.field == .lambda)
  }

  /// Names and cells of files may hold anything; terminals show it and do nothing else.
  @Test func messagesAreOnePrintableLine() {
    let cell = "\u{1B}[2Jα\nb\u{7F}\u{0}é\u{202E}"
    let error = InvalidInput("\(cell)", because: "\(.lambda, cell)", remedy: "plain: ok")
    let shown = #"\u{1B}[2Jα\nb\u{7F}\0é\u{202E}"#
    #expect("\(error)" == "\(shown): lambda: \(shown); plain: ok")
  }

  /// Each front end says fields in its own words, wherever in the message they stand.
  @Test func fieldsAreWordedByTheFrontEnd() {
    let option = Wording { field, value in "--\(field.name)" + (value.map { " \($0)" } ?? "") }
    let error = InvalidInput("\(.step, 2)", because: "it is above \(.lambda)" + " = 1", remedy: "or \(.flow, "gf")")
    #expect(error.text(option) == "--step 2: it is above --lambda = 1; or --flow gf")
    #expect(error.of("file.yaml:3:4: \(error.subject)").text(.plain).hasPrefix("file.yaml:3:4: step: 2: it is"))
    #expect(InvalidInput("file.csv", because: "it is empty").field == nil)
  }
}
