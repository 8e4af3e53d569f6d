import Dynamics
import Foundation
import RandomStreams
import Sweeps

/// Study files. What is accepted has runs whose settings are numbers.
package struct StudyTarget: FuzzTarget {
  package static let name = "yaml"
  package static let fileName = "s.yaml"

  package init(tool: String?) {}

  package func input(_ random: inout RandomStream) -> [UInt8] {
    var lines = random.choice(Self.studies).split(separator: "\n").map(String.init)
    for _ in 0..<random.integer(0...3) {
      let k = random.integer(below: lines.count)
      switch random.integer(below: 7) {
      case 0: lines.remove(at: k)
      case 1: lines.insert(lines[k], at: random.integer(below: lines.count))
      case 2: lines[k] = " " + lines[k]
      case 3: lines.append(random.choice(Self.lines))
      default:
        // Another value in the place of a number or word behind ": ", "[" or ", ".
        let starts = lines[k].indices.filter { ":[,{ ".contains(lines[k][$0]) }
        guard !starts.isEmpty else { break }
        let start = lines[k].index(after: random.choice(starts))
        let end = lines[k][start...].firstIndex { ",]}".contains($0) } ?? lines[k].endIndex
        let value = random.once(in: 2) ? random.numeral() : random.choice(Self.values)
        lines[k].replaceSubrange(start..<end, with: " " + value)
      }
      if lines.isEmpty { lines = ["problem:"] }
    }
    let bytes = Array(lines.joined(separator: "\n").utf8)
    return random.mutate(bytes, times: random.once(in: 2) ? 0 : random.integer(1...3), tokens: Self.tokens)
  }

  private static let studies = [
    """
    name: map
    problem: {gaussian: {samples: 8, features: 12, nonzeros: 2, seed: 3}}
    method: heavy-ball
    axes:
      gamma: {log: [1e-3, 1e-1, 5]}
      beta: {complement: [0, 0.95, 4]}
    stop: {delta_tolerance: 1e-6, max_iterations: 1000}
    """,
    """
    problem:
      gaussian:
        samples: 6
        features: 10
        nonzeros: 2
    method: mgf
    stepper: auto
    initialisation: {alpha: 0.1}
    fixed: {rtol: 1e-9}
    axes: {seed: [1, 2, 3], lambda: {log: [0.1, 1, 5]}}
    zip: [[seed, lambda]]
    record: {samples: 5}
    stop: {until: 10}
    """,
    """
    problem: {preset: even-2023-uncentred, holdout: 0.1}
    method: nesterov
    fixed: {lambda: 1, batch: 2, replacement: true}
    axes:
      step: [0.1, 0.05]
    stop: {iterations: 100}
    """,
    """
    problem: {data: t.csv, target: y, standardize: true}
    method: gf
    axes: {alpha: [1, 0.1, 1e-2]}
    stop: {residual: 1e-6, max_time: 100}
    """,
  ]

  private static let lines = [
    "axes: {}", "fixed: {batch: 3}", "zip: [[gamma, beta], [gamma, beta]]", "a: &a [*a]", "? [a]", "--- ", "...",
    "%YAML 1.1",
    "<<: *x", "record: {samples: 1e9}", "stop: {until: 1, iterations: 5}", "&x name: y", "!!binary name: aGk=", "- 1",
    "stepper: taylor", "name: \"\\u0000\"", "method: !!str mgf", "zip: []", "zip: [[]]", "axes: []",
    "fixed: {depth: 3}",
    "fixed: {lambda_ratio: 0.5}", "fixed: {nesterov: 1, order: 2}", "problem: {design: X.csv, response: y.csv}",
  ]

  private static let values = [
    "[]", "{}", "[[1]]", "[1, 2, 3]", "{log: [0, 1, 3]}", "{linear: [0, 1, 1e7]}", "{linear: [0, 1, 1e300]}",
    "{log: [1, 1, 1]}",
    "{complement: [0, 1, 3]}", "{linear: [-1e308, 1e308, 3]}", "*a", "&a 1", "!!int 3", "'1'", "mgf", "gf",
    "heavy-ball", "rk4",
    "radau", "true", "0o17", "1:30", "2026-01-01", "{linear: [1, 5, -3]}", "{linear: [1, 5, 0]}", "[1, 1]", "@", "`",
    "| x", "> y",
  ]

  private static let tokens = [
    "\n", ": ", "- ", "[", "]", "{", "}", ",", "&a ", "*a", "!!", "|", ">", "#", "\t", "'", "\"", "\u{85}", "---",
  ]
  .map { Array($0.utf8) }

  package func judge(_ input: [UInt8], in folder: String) throws -> Bool {
    let path = folder + "/" + Self.fileName
    try Data(input).write(to: URL(filePath: path))
    guard let study = try refusing({ () throws(InvalidInput) in try Study(contentsOf: path) }) else { return false }
    guard let runs = try refusing({ () throws(InvalidInput) in try study.runCount() }) else { return false }
    guard runs > 0 else { throw Finding("a study of no run is accepted") }
    for run in [0, runs / 2, runs - 1] {
      for (setting, value) in study.settings(run).entries where !value.double.isFinite {
        throw Finding("\(setting.rawValue) is \(value) in run \(run)")
      }
    }
    // Stores keep studies as JSON.
    let copy = try JSONDecoder().decode(Study.self, from: JSONEncoder().encode(study))
    guard copy == study else { throw Finding("the study changes on its way through a store") }
    _ = try refusing { () throws(InvalidInput) in
      var changed = study
      try changed.set("lambda", "log:0.1,1,3")
      try changed.set("seed", "1")
    }
    return true
  }
}
