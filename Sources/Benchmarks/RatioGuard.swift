import Dynamics
import Experiments
import Files
import Foundation

/// Ratios to rivals of the same run against stored ones: a slow-down shows, whatever else the machine does.
///
/// `Sources/Benchmarks/ratios.csv` holds, for each, the median of three runs. A ratio that falls below it by more than
/// its section's allowance is measured twice more, and the median of the three decides.
package struct RatioGuard {
  /// Ours against a rival: the larger the better.
  package struct Ratio: Equatable {
    let section, name: String
    package let value: Double

    package init(_ section: String, _ name: String, _ value: Double) {
      (self.section, self.name, self.value) = (section, name, value)
    }
  }

  static let path = "Sources/Benchmarks/ratios.csv"
  private static let header = "section,case,ratio"

  /// The comment that says where they were measured.
  private let note: String
  /// What is stored, in order.
  package private(set) var stored: [Ratio]

  /// Reads the text of the file. Throws `ExportError` for a line that is not one of it.
  package init(_ text: String) throws(ExportError) {
    note = text.split(separator: "\n").first { $0.hasPrefix("#") }.map(String.init) ?? ""
    stored = []
    for line in text.split(separator: "\n") where !line.hasPrefix("#") && line != Self.header {
      let parts = line.split(separator: ",", omittingEmptySubsequences: false)
      guard parts.count == 3, let value = Double(parts[2]), value > 0 else {
        throw ExportError(.failed, Self.path, "no ratio: \(line)")
      }
      stored.append(Ratio(String(parts[0]), String(parts[1]), value))
    }
  }

  /// What is wrong with the measured ratios of a section that may be `allowance` times worse than the stored ones, a
  /// sentence each.
  package func complaints(_ measured: [Ratio], allowance: Double) -> [String] {
    measured.compactMap { ratio in
      guard let limit = stored.first(where: { $0.section == ratio.section && $0.name == ratio.name })?.value else {
        return "\(ratio.section): \(ratio.name) is not stored; make bench RECORD=1 SECTIONS=\(ratio.section) does it"
      }
      guard !(ratio.value >= limit / allowance) else { return nil }
      return "\(ratio.section): \(ratio.name) is \(short(ratio.value)), and was \(short(limit)): "
        + "worse by \(short(limit / ratio.value, digits: 3)), more than the \(short(allowance)) allowed"
    }
  }

  /// The medians of several measurements of the same ratios.
  package static func medians(_ runs: [[Ratio]]) -> [Ratio] {
    (runs.first ?? []).indices.map { k in
      let values = runs.map { $0[k].value }.sorted()
      return Ratio(runs[0][k].section, runs[0][k].name, values[values.count / 2])
    }
  }

  /// Measures the sections and compares. Throws the complaints.
  static func check(_ sections: [Section]) throws {
    let known = try RatioGuard(String(contentsOfFile: path, encoding: .utf8))
    if !known.note.hasSuffix(processor) {
      print("The stored ratios are of another processor than this one, \(processor):\n\(known.note)")
    }
    var complaints: [String] = []
    for section in sections {
      var runs = [try section.measured()]
      if !known.complaints(runs[0], allowance: section.allowance).isEmpty {
        runs += [try section.measured(), try section.measured()]
      }
      let medians = Self.medians(runs)
      let found = known.complaints(medians, allowance: section.allowance)
      print("\(section.name): \(medians.count) ratios, \(found.count) worse than stored")
      complaints += found
    }
    guard complaints.isEmpty else { throw Slower(description: complaints.joined(separator: "\n")) }
  }

  /// Measures the sections three times each and stores the medians in place of theirs.
  static func record(_ sections: [Section]) throws {
    var known = try RatioGuard((try? String(contentsOfFile: path, encoding: .utf8)) ?? "")
    for section in sections {
      let runs = try (0..<3).map { _ in try section.measured() }
      known.stored.removeAll { $0.section == section.name }
      known.stored += medians(runs)
      for (k, median) in medians(runs).enumerated() {
        print("\(section.name): \(median.name): \(runs.map { short($0[k].value) }.joined(separator: " "))")
      }
    }
    let lines = known.stored.map { "\($0.section),\($0.name),\(short($0.value))" }
    let note =
      "# Rival's time over ours (descent: ours over dgemm), medians of three runs; make bench RECORD=1 on \(processor)"
    try OutputFile.write(text: ([note, header] + lines).joined(separator: "\n") + "\n", to: path)
  }

  private static var processor: String {
    let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
    return line?.split(separator: ":").last?.trimmingCharacters(in: .whitespaces) ?? "an unknown processor"
  }

  /// Something has become slower.
  struct Slower: Error, CustomStringConvertible {
    let description: String
  }
}

extension Section {
  /// Its ratios, measured now.
  fileprivate func measured() throws -> [RatioGuard.Ratio] {
    try (ratios?(table()) ?? []).map { RatioGuard.Ratio(name, $0.name, $0.value) }
  }
}

extension Table {
  /// Some columns' numbers, each named after the columns `keys` of its row.
  func ratios(_ columns: [String], by keys: [String]) -> [(name: String, value: Double)] {
    rows.flatMap { row in
      columns.compactMap { column in
        number(row, column).map { (name: named(row, keys) + " \(column)", value: $0) }
      }
    }
  }

  /// The quotients of two columns.
  func quotients(_ column: String, over other: String, by keys: [String]) -> [(name: String, value: Double)] {
    rows.compactMap { row in
      guard let a = number(row, column), let b = number(row, other) else { return nil }
      return (named(row, keys), a / b)
    }
  }

  private func named(_ row: [String], _ keys: [String]) -> String {
    keys.map { "\($0) \(row[header.firstIndex(of: $0) ?? 0])" }.joined(separator: " ")
  }

  private func number(_ row: [String], _ column: String) -> Double? {
    header.firstIndex(of: column).flatMap { Double(row[$0]) }
  }
}
