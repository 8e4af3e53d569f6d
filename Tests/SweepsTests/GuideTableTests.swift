import Dynamics
import Experiments
import Foundation
import Sweeps
import TestSupport
import Testing

/// Tables of the guide follow from the code: between `<!-- generated: NAME -->` and `<!-- end -->`. After a change on purpose:
/// MGF_RECORD=1 make test, and read the difference.
@Suite(.serialized) struct GuideTableTests {
  private static let tables: [(page: String, name: String, text: @Sendable () throws -> String)] = [
    ("FileFormats", "columns", { columns }), ("StudyFiles", "keys", { keys }), ("StudyFiles", "settings", { settings }),
    ("StudyFiles", "experiment keys", { experimentKeys }), ("Capabilities", "capabilities", { try capabilities() }),
    ("Capabilities", "exclusions", { Exclusion.table }),
  ]

  @Test(arguments: tables.map(\.name))
  func table(_ name: String) throws {
    let table = try #require(Self.tables.first { $0.name == name })
    let path = "\(checkout)Sources/Guide/Guide.docc/\(table.page).md"
    let page = try String(contentsOfFile: path, encoding: .utf8)
    let (start, end) = ("<!-- generated: \(name) -->\n", "<!-- end -->")
    let from = try #require(page.range(of: start))
    let to = try #require(page.range(of: end, range: from.upperBound..<page.endIndex))
    let made = "\n" + (try table.text()) + "\n"
    if ProcessInfo.processInfo.environment["MGF_RECORD"] != nil {
      try page.replacingCharacters(in: from.upperBound..<to.lowerBound, with: made)
        .write(toFile: path, atomically: true, encoding: .utf8)
    } else {
      #expect(page[from.upperBound..<to.lowerBound] == made)
    }
  }

  private static func rows(_ header: [String], _ rows: [[String]]) -> String {
    func line(_ cells: [String]) -> String {
      "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |\n"
    }
    return line(header) + "|" + header.map { _ in "---|" }.joined() + "\n" + rows.map(line).joined()
  }

  private static var columns: String {
    rows(
      ["column", "type", "meaning", "unit"],
      StoreColumn.all.map { column in
        ["`\(column.name)`", "\(column.kind)", column.longName, column.unit ?? ""]
      })
  }

  private static var keys: String {
    StudyFile.keys.map { "`\($0)`" }.joined(separator: ", ") + "\n"
  }

  private static var settings: String {
    rows(
      ["setting", "stands in", "value"],
      Setting.allCases.map { setting in
        let words = setting.complaint(SettingValue(.nan)) ?? ""
        return ["`\(setting.rawValue)`", "`\(setting.room)`", words.replacing("it must be ", with: "")]
      })
  }

  private static var experimentKeys: String {
    rows(
      ["part", "keys"],
      Experiment.keys.entries.map { entry in
        var names: [String] = []
        if case .array(let values) = entry.value {
          names = values.compactMap { if case .string(let name) = $0 { "`\(name)`" } else { nil } }
        }
        return ["`\(entry.key)`", names.joined(separator: ", ")]
      })
  }

  private static let runs: [(name: String, json: String)] = [
    ("`solve`, gradient flow", #""command": "solve", "motion": {"flow": "gf"}, "goal": {"until": 1}"#),
    ("`solve`, momentum gradient flow", #""command": "solve", "motion": {"lambda": 1}, "goal": {"until": 1}"#),
    ("`solve`, to a residual", #""command": "solve", "motion": {"lambda": 1}, "goal": {"residual": 0.1}"#),
    (
      "`solve`, corrected flows",
      #""command": "solve", "motion": {"flow": "corrected2", "lambda": 1, "step": 0.1}, "goal": {"until": 1}"#
    ),
    (
      "`descend`, heavy ball",
      #""command": "descend", "motion": {"gamma": 0.1, "beta": 0.5}, "goal": {"iterations": 9}"#
    ),
    (
      "`descend`, Nesterov",
      #""command": "descend", "motion": {"method": "nesterov", "gamma": 0.1, "beta": 0.5}, "goal": {"iterations": 9}"#
    ),
    (
      "`descend`, minibatches",
      #""command": "descend", "motion": {"gamma": 0.1, "beta": 0.5, "batch": 2}, "goal": {"iterations": 9}"#
    ),
    ("`compare`, order 1", #""command": "compare", "motion": {"lambda": 1, "steps": [0.1]}, "goal": {"until": 1}"#),
    (
      "`compare`, orders 2 to 12",
      #""command": "compare", "motion": {"lambda": 1, "order": 3, "steps": [0.1]}, "goal": {"until": 1}"#
    ),
    (
      "`compare`, minibatches with replacement",
      #""command": "compare", "motion": {"lambda": 1, "batch": 2, "replacement": true, "steps": [0.1]}, "goal": {"until": 1}"#
    ),
    ("`limit`, `certify` of a flow", #""command": "limit", "motion": {"lambda": 1}"#),
    ("`limit`, `certify` of heavy ball or Nesterov", #""command": "limit", "motion": {"gamma": 0.1, "beta": 0.5}"#),
    ("`limit`, `certify` with minibatches", #""command": "limit", "motion": {"gamma": 0.1, "beta": 0.5, "batch": 2}"#),
    ("`thresholds`", #""command": "thresholds""#),
  ]

  private static let settingsOfRuns: [(name: String, json: String, team: Int)] = [
    ("diagonal, square loss", "{}", 1), ("layers or power, depth 2", #"{"network": "layers", "depth": 2}"#, 1),
    ("depth 3 and more", #"{"network": "power", "depth": 3}"#, 1),
    ("logistic, exponential", #"{"loss": "logistic"}"#, 1),
    ("several processes", "{}", 3),
  ]

  private static func capabilities() throws -> String {
    let table = rows(
      ["what"] + settingsOfRuns.map(\.name),
      runs.map { run in
        [run.name]
          + settingsOfRuns.map { setting in
            let text =
              #"{\#(run.json), "problem": {"gaussian": {"samples": 4, "features": 6, "nonzeros": 2}}, "network": \#(setting.json)}"#
            do {
              let value = try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
              let experiment = try Experiment(value)
              try experiment.validate(team: setting.team)
              if setting.team == 1 { _ = try experiment.run() }
              return "yes"
            } catch {
              return "–"
            }
          }
      })
    // A run that nobody could do would be a mistake of this table.
    for line in table.split(separator: "\n").dropFirst(2) { #expect(line.contains("| yes |"), "\(line)") }
    return table
  }
}
