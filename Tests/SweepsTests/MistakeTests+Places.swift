import Foundation
import Sweeps
import TestSupport
import Testing

/// Mistakes of single values, data files and options.
extension MistakeTests {
  /// What is wrong with an axis is told of the value at fault, what is wrong only in a corner of the grid in its row.
  @Test func singleValuesOfAxes() throws {
    func message(_ text: String) throws -> String? {
      do {
        let study = try Study(yaml: text)
        try study.requireProblem()
        return nil
      } catch {
        return error.description
      }
    }
    let head = "problem: {gaussian: {samples: 6, features: 10, nonzeros: 2}}\nmethod: heavy-ball\n"
    let end = "\nstop: {until: 5}"
    #expect(
      try message(head + "fixed: {lambda: 0.5}\naxes: {step: [0.1, 0.9, 0.2]}" + end)?.hasPrefix(
        "study:4:20: axes.step: 0.9: it is above λ = 0.5") == true)
    #expect(
      try message(head + "fixed: {step: 0.1}\naxes: {lambda: [1, 0.05]}" + end)?.hasPrefix(
        "study:4:20: axes.lambda: step: 0.1: it is above λ = 0.05") == true)
    #expect(
      try message(head + "fixed: {step: 0.7}\naxes: {lambda: [0.1, 0.2]}" + end)?.hasPrefix(
        "study:3:15: fixed.step: 0.7: it is above λ = 0.1") == true)
    #expect(try message(head + "axes: {lambda: [0.01, 1], step: [0.005, 0.1]}" + end) == nil)
    #expect(
      try message(head + "fixed: {gamma: 0.1, beta: 0}\naxes: {features: [4, 1, 9]}\nstop: {iterations: 3}")?.hasPrefix(
        "study:4:22: axes.features: nonzeros: 2: 2 non-zero coefficients do not fit into 1 features") == true)
    #expect(
      try message(
        head + "fixed: {gamma: 0.1, beta: 0}\naxes: {samples: [4, 8], batch: [1, 6, 9]}\nstop: {iterations: 3}")?
        .hasPrefix("study:4:39: axes.batch: 9: a batch must have between 1 and 4 samples") == true)
    let many = head + "axes: {gamma: {log: [1e-3, 1, 10000]}, beta: {linear: [0, 0.9, 10000]}}\nstop: {iterations: 3}"
    #expect(try message(many)?.hasPrefix("study:3:7: axes: the study study has more than 10⁷ runs") == true)
  }

  /// Data files are opened before a store is made; what is wrong with them stands where they are named.
  @Test func dataFiles() throws {
    let folder = try temporaryFolder()
    func put(_ name: String, _ text: String) throws {
      try Data(text.utf8).write(to: URL(filePath: folder + "/" + name))
    }
    try put("d.csv", "x,y\n1,2\n3,5\n4,1\n")
    try put("bad.csv", "x,y\n1,2\n3,five\n")
    let end = "\nmethod: gf\naxes: {alpha: [0.1, 0.2]}\nstop: {until: 1}\n"
    for (problem, message) in [
      ("{data: no.csv, target: y}", ":1:17: problem.data: no.csv: there is no such file"),
      ("{data: d.csv, target: z}", ":1:32: problem.target: z: "),
      ("{data: bad.csv, target: y}", ":1:17: problem.data: "),
      ("{design: d.csv, response: no.csv}", ":1:"),
      ("{data: d.csv, target: y, holdout: 0.9}", ":1:44: problem.holdout: 0.9: it leaves no row of 3"),
    ] {
      try put("s.yaml", "problem: " + problem + end)
      let study = try Study(contentsOf: folder + "/s.yaml")
      do {
        try study.requireProblem()
        Issue.record("\(problem) was accepted")
      } catch {
        #expect(error.description.contains("s.yaml" + message), "\(error.description)")
      }
    }
    try put(
      "s.yaml",
      "problem: {data: d.csv, target: y}\nmethod: heavy-ball\nfixed: {gamma: 0.1, beta: 0}\naxes: {batch: [1, 4]}\n"
        + "stop: {iterations: 3}\n")
    do {
      try Study(contentsOf: folder + "/s.yaml").requireProblem()
      Issue.record("a batch of 4 of 3 rows was accepted")
    } catch {
      #expect(
        error.description.hasSuffix("samples (all training rows)")
          && error.description.contains("s.yaml:4:19: axes.batch: 4: a batch")
      )
    }
  }

  /// What an option did wrong is said of the option.
  @Test func overrides() throws {
    func message(_ name: String, _ value: String) -> String? {
      do {
        var study = try Study(yaml: Base.mgf.text)
        try study.set(name, value)
        return nil
      } catch {
        return error.description
      }
    }
    #expect(message("lambda", "0.5,2") == nil)
    for (name, value, text) in [
      ("nonzeros", "7", "set: nonzeros=7: nonzeros: 7: 7 non-zero"),
      ("lambda", "007", "set: lambda=007: the value is not"),
      ("features", "1", "set: features=1: study:3:49: problem.gaussian.nonzeros: 2: 2 non-zero"),
      ("lambda", "1,x", "set: lambda=1,x: the value is not understood"),
      ("lam", "1", "set: lam=1: there is no setting"),
      ("lambda", "-1", "set: lambda=-1: -1 cannot be used"), ("until", "5,6", nil),
      ("seed", "1.8e19", "set: seed=1.8e19: "),
      ("beta", "0.5", "set: beta=0.5: beta: nothing uses it"),
      ("lambda", "linear:1,2", "set: lambda=linear:1,2: the value"),
    ] as [(String, String, String?)] {
      #expect(
        text.map { message(name, value)?.hasPrefix($0) == true } ?? (message(name, value) == nil),
        "\(message(name, value) ?? "")")
    }
  }
}
