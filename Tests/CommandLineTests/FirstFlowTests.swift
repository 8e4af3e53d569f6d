import Foundation
import TestSupport
import Testing

/// The first program for Swift users: the one that is shown is the one that runs.
@Suite struct FirstFlowTests {
  @Test(arguments: ["Sources/Experiments/Experiments.docc/FirstFlow.md"])
  func shown(_ page: String) throws {
    let text = try String(contentsOfFile: checkout + page, encoding: .utf8)
    let code = try String(contentsOfFile: "\(checkout)Sources/FirstFlow/main.swift", encoding: .utf8)
    let shown = text.components(separatedBy: "```swift\n").dropFirst().first?.components(separatedBy: "```").first
    #expect(shown == code)
    let statements = code.split(separator: "\n").filter { !$0.hasPrefix("//") && !$0.hasPrefix("import") }
    #expect(statements.count <= 20)
  }

  /// The loss at t = 100 and the limit, which the command line finds as well.
  @Test func runs() throws {
    let place = try Tool.folder()
    let result = try Tool.shell("first-flow", in: place)
    #expect(result.code == 0, "\(result.err)")
    let numbers = result.out.split(separator: "\n").compactMap { line in
      line.split(separator: " ").last.flatMap { Double($0) }
    }
    try #require(numbers.count == 2)
    let solved = try Tool.run(
      "solve --gaussian 20,30,3 --lambda 1 --until 100 --rtol 1e-12 --atol 0 --json --quiet".words, in: place)
    let limit = try Tool.run(
      "limit --gaussian 20,30,3 --lambda 1 --delta-tolerance 1e-9 --json --quiet".words, in: place)
    for (found, expected) in zip(numbers, [solved.json["loss"], limit.json["test_error"]]) {
      let expected = try #require(expected as? Double)
      #expect(abs(found / expected - 1) < 1e-6, "\(found), \(expected)")
    }
    #expect(try String(contentsOfFile: place + "/loss.svg", encoding: .utf8).contains("A first flow"))
  }
}
