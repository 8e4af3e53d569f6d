import Dynamics
import Files
import Foundation
import Sweeps
import Testing

/// How files of text are to be read, in study files.
@Suite struct StudyFormatTests {
  private static func study(_ keys: String) throws -> Study {
    try Study(yaml: "problem: {data: t.csv, target: y\(keys)}\nmethod: gf\nstop: {until: 1}\n")
  }

  @Test func keys() throws {
    let study = try Self.study(
      ", index: id, drop: [a, 'b,c'], delimiter: ';', decimal: comma, missing: drop-rows")
    let format = TableFormat(
      index: "id", drop: ["a", "b,c"], delimiter: .semicolon, decimal: .comma, missing: .dropRows)
    #expect(study.source == .table(path: "t.csv", target: "y", standardize: false, format: format))
    #expect(try Self.study(", drop: a").source != Self.study("").source)
    #expect(try Self.study("").source == .table(path: "t.csv", target: "y", standardize: false))
    // Stores keep it, and those of before it was there are read.
    let data = try JSONEncoder().encode(study)
    #expect(try JSONDecoder().decode(Study.self, from: data) == study)
    let plain = try Self.study("")
    let text = String(decoding: try JSONEncoder().encode(plain), as: UTF8.self)
    #expect(!text.contains("format"))
    #expect(try JSONDecoder().decode(Study.self, from: Data(text.utf8)) == plain)
  }

  @Test(arguments: [
    (
      ", delimiter: x", "study:1:46: problem.delimiter: \"x\" is none; choose one of comma, semicolon, tab, bar, blanks"
    ),
    (", decimal: x", "problem.decimal: \"x\" is none; choose one of point, comma"),
    (", missing: x", "problem.missing: \"x\" is none; choose one of refuse, drop-rows, drop-columns"),
    (", header: false", "problem.header: it goes with design"), (", drop: [[a]]", "problem.drop: a text is needed"),
  ])
  func refused(_ keys: String, _ message: String) {
    do {
      _ = try Self.study(keys)
      Issue.record("accepted")
    } catch {
      #expect("\(error)".contains(message), "\(error)")
    }
  }
}
