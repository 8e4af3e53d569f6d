import Dynamics
import Sweeps
import Testing

@Suite struct StudyTests {
  static let map = """
    name: gamma-beta-map
    problem: {gaussian: {samples: 6, features: 10, nonzeros: 2, mean: 0, seed: 1}}
    initialisation: {alpha: 0.1}
    method: heavy-ball
    axes:
      gamma: {log: [1e-3, 1e-2, 3]}
      beta: {linear: [0, 0.9, 4]}
    stop: {delta_tolerance: 1e-8, max_iterations: 2000000}
    """

  @Test func minimalForm() throws {
    let study = try Study(yaml: Self.map)
    #expect(study.name == "gamma-beta-map" && study.method == .heavyBall && study.shape == [3, 4])
    #expect(try study.runCount() == 12)
    // The last axis varies fastest; the ends of a range are exact.
    #expect(study.settings(0)[.gamma] == 1e-3 && study.settings(0)[.beta] == 0)
    #expect(study.settings(3)[.gamma] == 1e-3 && study.settings(3)[.beta] == 0.9)
    #expect(study.settings(11)[.gamma] == 1e-2 && study.settings(11)[.beta] == 0.9)
    let middle = study.settings(5)
    #expect(abs((middle[.gamma] ?? 0) / 10.0.squareRoot() * 1e3 - 1) < 1e-14 && middle[.samples] == 6)
    #expect((0..<12).allSatisfy { study.position($0) == [$0 / 4, $0 % 4] })
  }

  @Test func momentaNearOne() throws {
    let study = try Study(yaml: Self.map.replacing("linear: [0, 0.9, 4]", with: "complement: [0, 0.999, 4]"))
    for (k, beta) in [0, 0.9, 0.99, 0.999].enumerated() {
      #expect(abs((study.settings(k)[.beta] ?? 2) - beta) < 1e-15)
    }
  }

  /// A preset's own γ and β serve where none are given.
  @Test func presetsMayStateTheMethod() throws {
    let study = try Study(
      yaml: "problem: {preset: lyu-2025}\nmethod: heavy-ball\naxes: {seed: [1, 2]}\nstop: {iterations: 3}")
    #expect(try study.runCount() == 2)
    #expect(throws: InvalidInput.self) {
      try Study(
        yaml: "problem: {preset: even-2023-centred}\nmethod: heavy-ball\naxes: {seed: [1]}\nstop: {iterations: 3}")
    }
    #expect(throws: InvalidInput.self) {
      try Study(yaml: "problem: {preset: nobody-1900}\nmethod: heavy-ball\naxes: {seed: [1]}\nstop: {iterations: 3}")
    }
  }

  @Test func zippedAxesAdvanceTogether() throws {
    let text = Self.map.replacing(
      "{linear: [0, 0.9, 4]}", with: "[0.5, 0.7, 0.9]\n  seed: [1, 2]\nzip: [[gamma, beta]]")
    let study = try Study(yaml: text)
    #expect(study.shape == [3, 2])
    #expect(study.settings(4)[.beta] == 0.9 && study.settings(4)[.gamma] == 1e-2 && study.settings(5)[.seed] == 2)
  }

  @Test func overridesFromTheCommandLine() throws {
    var study = try Study(yaml: Self.map)
    try study.set("gamma", "0.01")
    #expect(study.shape == [1, 4])
    try study.set("alpha", "0.1,0.2")
    #expect(study.shape == [1, 4, 2] && study.settings(1)[.alpha] == 0.2)
    try study.set("beta", "linear:0,0.5,2")
    #expect(study.shape == [1, 2, 2])
    for (name, value) in [
      ("gama", "1"), ("gamma", "x"), ("gamma", "-1"), ("beta", "1"), ("beta", "log:0,1,3"), ("seed", "0.5"),
      ("gamma", "1,1"), ("rtol", "1e-9"), ("alpha", "linear:1,2"),
    ] {
      #expect(throws: InvalidInput.self, "\(name)=\(value)") {
        var copy = study
        try copy.set(name, value)
      }
    }
  }

  /// What is wrong, where, and what would be right: (part of the study, what takes its place, what the message says).
  @Test(arguments: [
    ("method: heavy-ball", "method: heavyball", "study:4:9: method: \"heavyball\" is none; choose one of heavy-ball"),
    ("gamma:", "gama:", "study:6:3: axes: the key gama is unknown here; choose among"),
    ("log: [1e-3, 1e-2, 3]", "log: [1e-3, 1e-2]", "study:6:10: axes.gamma: a range is"),
    ("log: [1e-3", "log: [0", "study:6:17: axes.gamma: 0 cannot be used: it must be positive"),
    ("[0, 0.9, 4]", "[0, 1, 4]", "study:7:22: axes.beta: 1 cannot be used: it must be at least 0 and less"),
    ("alpha: 0.1", "alpha: yes", "study:3:25: initialisation.alpha: a finite number is needed"),
    ("alpha: 0.1", "alpha: -1", "initialisation.alpha: -1 cannot be used: it must be positive"),
    ("alpha: 0.1", "alfa: 0.1", "study:3:18: initialisation: the key alfa is unknown here"),
    ("samples: 6", "samples: 6.5", "problem.gaussian.samples: 6.5 cannot be used: it must be a whole number"),
    ("samples: 6, ", "", "study:2:21: problem.gaussian: samples is missing"),
    ("gaussian: {samples", "gauss: {samples", "study:2:11: problem: the key gauss is unknown here"),
    ("stop: {delta_tolerance: 1e-8, max", "stop: {max", "stop: exactly one end is needed, and none given"),
    ("delta_tolerance: 1e-8", "delta_tolerance: 1e-8, iterations: 3", "and several given"),
    ("method: heavy-ball", "method: mgf", "study:4:9: method: mgf: lambda is missing"),
    ("max_iterations: 2000000", "max_time: 3", "stop.maxTime"),
    ("name: gamma-beta-map", "title: x", "study:1:1: the study: the key title is unknown here"),
    (
      "stop:", "fixed: {lambda: 1}\nstop:", "it needs gamma and beta, lambda and step, or lambda and beta; given: gamma"
    ),
    ("stop:", "fixed: {rtol: 1e-9}\nstop:", "nothing uses it"),
    ("stop:", "zip: [[gamma, beta]]\nstop:", "equally many"),
    ("stop:", "zip: [[gamma, alpha]]\nstop:", "alpha is no axis"),
    ("axes:", "axes:\n  gamma: [1]", "the key gamma occurs twice"),
    ("beta: {", "beta: [", "it is not YAML: did not find"),
    ("{linear: [0, 0.9, 4]}", "[]", "it has no values"), ("{linear: [0, 0.9, 4]}", "[0.1, 0.1]", "occurs twice"),
    ("{linear: [0, 0.9, 4]}", "0.5", "a list of values"),
    ("linear: [0, 0.9, 4]", "complement: [0, 1, 4]", "1 cannot be used: it must be at least 0 and less than 1"),
  ])
  func complaints(_ part: String, _ replacement: String, _ message: String) throws {
    let text = Self.map.replacing(part, with: replacement)
    #expect(text != Self.map)
    do {
      _ = try Study(yaml: text)
      Issue.record("\(replacement) was accepted")
    } catch {
      let found = "\(error)"
      #expect(found.contains(message == "stop.maxTime" ? "max_time: nothing uses it" : message), "\(found)")
    }
  }

  @Test func emptyAndUnreadableFiles() {
    #expect(throws: InvalidInput.self) { try Study(yaml: "") }
    #expect(throws: InvalidInput.self) { try Study(yaml: "- 1") }
    #expect(throws: InvalidInput.self) { try Study(contentsOf: "/nowhere.yaml") }
    #expect(throws: InvalidInput.self) { try Study(contentsOf: "/") }
  }
}
