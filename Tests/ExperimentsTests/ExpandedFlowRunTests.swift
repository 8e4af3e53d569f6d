import Comparison
import Descent
import Dynamics
import Experiments
import Regression
import TestSupport
import Testing

/// Comparisons by the expansion of a motion in ε.
@Suite struct ExpandedFlowRunTests {
  private func setup() throws -> Setup {
    let problem = try SyntheticProblem(samples: 6, features: 10, nonzeros: 2, seed: 1).problem()
    return try Setup(problem: problem, start: Initialization(alpha: 0.1, features: 10))
  }

  private func specification(_ stepper: String = "taylor", rtol: Double = 1e-14) throws -> FlowSpecification {
    try FlowSpecification(kind: .mgf, lambda: 0.5, stepper: stepper, relative: rtol, absolute: 0)
  }

  /// One integration for all ε, orders 4 to 7.
  @Test(arguments: DescentSettings.Method.allCases, [4, 5, 6])
  func orders(_ method: DescentSettings.Method, _ order: Int) throws {
    let report = try compare(
      setup(), specification(), order: order, method: method, steps: [0.04, 0.02, 0.01], until: 10,
      gap: GapCriteria(work: 0))
    let slope = try #require(report.slope)
    #expect(abs(slope - Double(order)) < 0.05, "\(slope)")
  }

  /// GSL's rk8pd on the field equals the series; the second derivative is that of the field.
  @Test func routesAgree() throws {
    let reports = try ["taylor", "rk8pd"].map {
      try compare(
        setup(), specification($0, rtol: 1e-12), order: 4, steps: [0.04], until: 5, gap: GapCriteria(work: 0))
    }
    let errors = try reports.map { report in
      guard case .array(let rows)? = report.json["rows"], case .object(let row)? = rows.first else { return 0.0 }
      return try #require(row.number("max_error"))
    }
    #expect(errors[0] > 0 && abs(errors[0] / errors[1] - 1) < 1e-3, "\(errors)")
  }

  @Test func unusableRequests() throws {
    #expect(throws: InvalidInput.self) {
      try compare(
        setup(), specification("radau", rtol: 1e-9), order: 4, steps: [0.1], until: 5, gap: GapCriteria(work: 0))
    }
  }
}
