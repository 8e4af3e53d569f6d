import Descent
import Dynamics
import Experiments
import Foundation
import Regression
import Testing

/// What experiments give: typed, with reasons, and the same after a journey through JSON.
@Suite struct MeasurementsTests {
  @Test func namesAreUnique() {
    let list = Quantities.list
    #expect(list.count > 150)
    // One name may stand for a number in a row and for a part in a report, and nothing else.
    let twice = Dictionary(grouping: list, by: \.name).filter { $0.value.count > 1 }
    #expect(Set(twice.keys) == ["direction", "perturbation", "regime", "runs", "sign_changes", "theta_error"])
    #expect(twice.values.allSatisfy { $0.count == 2 } && list.allSatisfy { !$0.name.hasSuffix("_reason") })
    #expect(
      list.allSatisfy { !$0.meaning.isEmpty && $0.name.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "_" } })
  }

  @Test func missingValuesHaveReasons() throws {
    var found = Measurements()
    found.set(\.testError, .nan, otherwise: "nothing is held out")
    found.set(\.balancedness, [1, .infinity], otherwise: "it overflows")
    found.set(\.rank, nil, otherwise: "too large")
    found.set(\.energy, .infinity, otherwise: "it grows")
    found.set(\.theta, [.nan], otherwise: "unknown")
    found.set(\.step, 0.25, otherwise: "not said")
    found.take(.string("1"), named: "theta_l1")
    found.loss = 0.5
    #expect(found.testError == nil && found.reason(\.testError) == "nothing is held out")
    #expect(found.balancedness?.count == 2 && found.reason(\.balancedness) == "it overflows")
    #expect(found.rank == nil && found.reason(\.rank) == "too large" && found.reason(\.loss) == nil)
    #expect(found.energy == nil && found.reason(\.energy) == "it grows" && found.reason(\.theta) == "unknown")
    #expect(found.step == 0.25 && found.reason(\.step) == nil)
    // A quantity of another type is not there.
    #expect(found.thetaL1 == nil && found.json["rank"] == .null)
  }

  @Test func outcomesDecide() {
    var found = Measurements()
    #expect(found.isComplete)
    found.end(.maxTime)
    #expect(!found.isComplete && !found.isInterrupted)
    found.end(.interrupted)
    #expect(!found.isComplete && found.isInterrupted)
    found.end(.interrupted, failure: "the memory is full")
    #expect(!found.isComplete && !found.isInterrupted)
    for outcome in Outcome.allCases {
      found.end(outcome)
      #expect(found.isComplete == [.reached, .residual].contains(outcome), "\(outcome)")
    }
    found.end(.reached)
    found.isInterrupted = true
    #expect(!found.isComplete)
    found.end(.reached)
    #expect(found.isComplete && found.failure == nil)
    found.failure = "\(.deltaTolerance, 1e-9) is not met"
    #expect(!found.isComplete && found.worded(.plain).json["failure"] == .string("delta_tolerance: 1e-09 is not met"))
    let shouted = Wording { field, value in "\(field)=\(value ?? "")".uppercased() }
    #expect(found.worded(shouted).json["failure"] != found.json["failure"])
  }

  /// Every goal's measurements, there and back.
  @Test func codable() throws {
    let flow = try FlowSpecification(kind: .mgf, lambda: 0.5, stepper: "auto", relative: 1e-15, absolute: 0)
    let descent = try DescentSettings(lambda: 0.5, step: 0.05)
    let data = ProblemSpecification(
      source: .gaussian(try SyntheticProblem(samples: 5, features: 8, nonzeros: 2, seed: 1)), start: .alpha(0.1),
      seed: 1)
    let goals: [Goal] = [
      .solve(flow, until: .time(10), recording: .summary),
      .descend(descent, until: .count(100), recording: .summary, identity: true),
      .compare(flow, ComparisonCriteria(steps: [0.1, 0.05], until: 2)),
      .limit(.flow(flow), try LimitCriteria(of: .flow(flow)), sensitivity: true),
      .certify(.descent(descent), try LimitCriteria(of: .descent(descent))),
      .thresholds(try ThresholdCriteria(step: nil, tolerance: 1e-3, range: nil)),
    ]
    for goal in goals {
      let found = try Experiment(data, goal).run()
      #expect(found.isComplete, "\(goal.command): \(found.failure?.description ?? "")")
      #expect(found.command == goal.command && found.problem?.n == 5)
      let text = try JSONEncoder().encode(found)
      let back = try JSONDecoder().decode(Measurements.self, from: text)
      // Whole numbers lose their point on the way: compared as texts.
      #expect(back.measured.text() == found.measured.text(), "\(goal.command)")
      #expect(back.outcome == found.outcome && back.loss == found.loss && back.balancedness == found.balancedness)
      #expect(back.wallSeconds == found.wallSeconds && back.errorEstimate?.deltaGap == found.errorEstimate?.deltaGap)
    }
  }

  /// JSON on one line is what the encoder of Foundation writes.
  @Test func jsonAsFoundationWritesIt() throws {
    let numbers = [
      0, -0.0, 0.1, 1, -2.5, 1e16, 1e22, 1e-7, .leastNonzeroMagnitude, 1.7976931348623157e308, .infinity, .nan,
      123456789.125,
    ]
    let texts = ["", "\"\\/", "a\nb\r\t\u{8}\u{c}\u{1}\u{1f}\u{7f}", "Δ∞ ‖θ‖₁ 💥", "é"]
    let whole: [JSONValue] = [
      .integer(.min), .integer(.max), .unsigned(.max), .bool(true), .null, .array([]), .object(JSONObject()),
    ]
    var object = JSONObject()
    for (index, text) in texts.enumerated() { object["\(text)\(index)"] = .string(text) }
    let value = JSONValue.array(numbers.map { .number($0) } + texts.map { .string($0) } + whole + [.object(object)])
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    #expect(value.text() == String(decoding: try encoder.encode(value), as: UTF8.self))
    let again = try JSONDecoder().decode(JSONValue.self, from: Data(value.text().utf8))
    // Whole numbers come back as such.
    #expect(again.text() == value.text().replacing("1e+16", with: "10000000000000000"))
    let seeds = try JSONDecoder().decode(
      [JSONValue].self, from: Data("[1,1.0,-0.5,9007199254740993,18446744073709551615,1e300]".utf8))
    #expect(
      seeds == [
        .integer(1), .integer(1), .number(-0.5), .integer(9_007_199_254_740_993), .unsigned(.max), .number(1e300),
      ])
  }
}
