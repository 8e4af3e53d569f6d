import Descent
import Dynamics
import Experiments
import Foundation
import Regression
import TestSupport
import Testing

/// The whole path from a specification to numbers, against tables computed in 113-bit arithmetic.
@Suite struct ReferenceTests {
  private func setup(_ reference: ReferenceCase) throws -> Setup {
    try Setup(problem: reference.problem(), start: reference.start())
  }

  private func flow(_ lambda: String, _ stepper: String = "rk8pd", _ relative: Double = 1e-13) throws
    -> FlowSpecification
  {
    try FlowSpecification(kind: .mgf, lambda: Double(lambda), stepper: stepper, relative: relative, absolute: 0)
  }

  /// Two routes to every state of every table, Taylor at the accuracy of doubles.
  @Test(arguments: ReferenceCase.flows, [("rk8pd", 1e-13, 1e-11), ("taylor", 1e-15, 2e-14)])
  func trajectories(_ table: (String, String), _ route: (stepper: String, relative: Double, bound: Double)) throws {
    let reference = try ReferenceCase(table.0, table.1)
    let times = try reference.table.samples.map { try #require(Double($0.t ?? "")) }
    let run = try FlowRun.run(
      setup(reference), flow(try #require(reference.table.lambda), route.stepper, route.relative),
      stop: .time(times[times.count - 1]), sampling: .times(times))
    #expect(run.record.times == times)
    for (index, sample) in reference.table.samples.enumerated() {
      let scale = max(1, largest(sample.weights))
      let error = distance(run.record.weights(at: index), sample.weights) / scale
      #expect(error < route.bound, "\(error) at t = \(times[index])")
    }
    // Their quadratures are not under error control.
    #expect(run.energyDrift < 1e-11)
    #expect(run.balanceCheck < 1e-11)
  }

  /// Every scheme reaches the table within what its tolerance promises: Taylor and GSL's six are routes of their own.
  @Test(arguments: ["auto", "taylor", "radau", "radau9", "rkf45", "rkck", "rk8pd", "msadams", "msbdf", "bsimp"])
  func everyScheme(_ stepper: String) throws {
    let reference = try ReferenceCase("tiny-3x5", "mgf_lambda_0.3")
    let relative = stepper == "msbdf" ? 1e-8 : 1e-10
    let run = try FlowRun.run(
      setup(reference), flow("0.3", stepper, relative), stop: .time(50), sampling: .times([0.5, 2, 10, 50]))
    for (index, sample) in reference.table.samples.enumerated() {
      #expect(distance(run.record.weights(at: index), sample.weights) < 300 * relative)
    }
    #expect(run.balanceCheck < 300 * relative)
  }

  /// Both routes to the limit of every table: projection with its defaults, plain integration by rk8pd.
  @Test(arguments: ReferenceCase.flows, LimitRoute.allCases)
  func limits(_ table: (String, String), _ route: LimitRoute) throws {
    let reference = try ReferenceCase(table.0, table.1)
    let final = try #require(reference.table.final)
    let projects = route == .project
    let lambda = try #require(reference.table.lambda)
    let report = try limit(
      setup(reference), of: .flow(projects ? flow(lambda, "taylor", 1e-15) : flow(lambda)),
      LimitCriteria(
        route: route, deltaTolerance: projects ? 1e-10 : 1e-8, residualTolerance: 1e-9, maximumTime: 2e4))
    #expect(report.isComplete)
    let json = report.json
    let delta = try #require(json.numbers("delta_inf"))
    let deltaError = zip(delta, final.Delta_inf).reduce(0) { max($0, abs($1.0 / $1.1.value - 1)) }
    let thetaError = distance(try #require(json.numbers("theta_inf")), final.theta_inf.map(\.value))
    #expect(deltaError < (projects ? 1e-10 : 1e-8))
    // The estimates are never below the true errors (the table's θ is within 5e-13 of the limit), nor far above.
    let estimate = try #require(json.object("error_estimate"))
    let (estimatedDelta, estimatedTheta) = (
      try #require(estimate.number("delta")), try #require(estimate.number("theta"))
    )
    #expect(deltaError <= estimatedDelta, "\(deltaError) > \(estimatedDelta)")
    #expect(thetaError - 5e-13 <= estimatedTheta, "\(thetaError) > \(estimatedTheta)")
    let certificate = try #require(json.object("certificate"))
    #expect(try #require(certificate.number("row_space")) < 1e-10)
    if projects {
      #expect(thetaError < 1e-11 && estimatedTheta < 1e-10)
      #expect(try #require(certificate.number("interpolation")) < 1e-13)
      #expect(try #require(json.number("residual_at_projection")) > 1e-7)
    } else {
      #expect(estimatedTheta < 10 * thetaError)
      #expect(try #require(certificate.number("interpolation")) <= 1.01e-9)
    }
    #expect(try #require(certificate.number("distance")) < (projects ? 1e-11 : 1e-6))

    let d = final.Delta_inf.count
    var (plus, minus) = ([Int](repeating: 0, count: d), [Int](repeating: 0, count: d))
    for occurrence in report.record?.occurrences ?? [] {
      if occurrence.coordinate < d { plus[occurrence.coordinate] += 1 } else { minus[occurrence.coordinate - d] += 1 }
    }
    for change in try objects(json["sign_changes"]) {
      guard case .integer(let feature)? = change["feature"] else { continue }
      if change["coordinate"] == .string("plus") { plus[feature] += 1 } else { minus[feature] += 1 }
    }
    #expect(plus == final.crossings_plus && minus == final.crossings_minus)
  }

  /// However loose the residual, the run goes on until the bound on what Δ still changes by is met.
  @Test(arguments: [1e-3, 1e-6, 1e-9])
  func deltaToleranceIsMet(_ tolerance: Double) throws {
    let reference = try ReferenceCase("centred-20x30", "mgf_lambda_5")
    let final = try #require(reference.table.final)
    let report = try limit(
      setup(reference), of: .flow(flow("5")),
      LimitCriteria(route: .integrate, deltaTolerance: tolerance, residualTolerance: 10, maximumTime: 2e4))
    #expect(report.isComplete)
    let delta = try #require(report.balancedness)
    let error = zip(delta, final.Delta_inf).reduce(0) { max($0, abs($1.0 / $1.1.value - 1)) }
    #expect(error <= tolerance)
    #expect(try #require(report.residualAtProjection) > 1e-9)
    // The same for the discrete method, against a run that goes much further.
    let settings = try DescentSettings(gamma: 0.05, beta: 0.9)
    func limits(_ delta: Double, _ residual: Double) throws -> [Double] {
      let criteria = try LimitCriteria(
        route: .integrate, deltaTolerance: delta, residualTolerance: residual, maximumTime: 1e6)
      let report = try limit(setup(reference), of: .descent(settings), criteria)
      #expect(report.isComplete)
      return try #require(report.balancedness)
    }
    let (near, far) = (try limits(tolerance, 10), try limits(1e-12, 1e-11))
    #expect(zip(near, far).allSatisfy { abs($0 / $1 - 1) <= tolerance })
  }

  /// The estimate does not know the scale: from α = 0.1 to 1e-10 the limit is delivered and its error is not understated.
  @Test(arguments: [0.1, 1e-4, 1e-7, 1e-10])
  func estimatesAtAnyScale(_ alpha: Double) throws {
    let problem = try SyntheticProblem(samples: 5, features: 8, nonzeros: 2, seed: 1).problem()
    let setup = try Setup(problem: problem, start: Initialization(alpha: alpha, features: 8))
    func run(_ subject: LimitSubject, _ delta: Double, _ residual: Double) throws -> ([Double], Double) {
      let report = try limit(
        setup, of: subject,
        LimitCriteria(route: .integrate, deltaTolerance: delta, residualTolerance: residual, maximumTime: 1e5))
      #expect(report.isComplete, "\(report.failure ?? "")")
      return (
        try #require(report.balancedness),
        try #require(report.errorEstimate?.deltaGap)
      )
    }
    let subjects: [LimitSubject] = [
      .flow(try flow("1")), .descent(try DescentSettings(gamma: 0.01, beta: 0.9)),
      .descent(try DescentSettings(gamma: 0.05, beta: 0)),
    ]
    for subject in subjects {
      let far = try run(subject, 1e-7, 1e-12).0
      for residual in [1e-2, 1e-4] {
        let (near, estimate) = try run(subject, 1, residual)
        let error = zip(near, far).reduce(0) { max($0, abs($1.0 / $1.1 - 1)) }
        #expect(error <= estimate + 1e-8, "\(error) > \(estimate) at residual \(residual)")
      }
    }
  }

  /// Flow and iterates of matched λ approach each other's limits linearly in ε.
  @Test func limitGapsShrink() throws {
    let reference = try ReferenceCase("tiny-3x5", "mgf_lambda_0.3")
    let report = try compare(
      setup(reference), flow("0.3"), steps: [0.01, 0.005, 0.0025], until: 5, gap: GapCriteria(work: 1e9))
    let gaps = try objects(report.json["limit_gap"]).map {
      (try #require($0.number("delta")), try #require($0.number("theta")))
    }
    #expect(gaps.count == 3)
    for (a, b) in zip(gaps, gaps.dropFirst()) {
      #expect(abs(a.0 / b.0 - 2) < 0.1 && abs(a.1 / b.1 - 2) < 0.1)
    }
    let starved = try compare(setup(reference), flow("0.3"), steps: [0.01], until: 5, gap: GapCriteria(work: 100))
    #expect(starved.json["limit_gap"] == .null && starved.json["limit_gap_reason"] != nil && starved.isComplete)
  }

  @Test func gradientFlowKeepsItsBalance() throws {
    let reference = try ReferenceCase("centred-20x30", "mgf_lambda_0.5")
    let gf = try FlowSpecification(kind: .gf, lambda: nil, stepper: "rk8pd", relative: 1e-12, absolute: 0)
    let report = try limit(
      setup(reference), of: .flow(gf),
      LimitCriteria(route: .integrate, deltaTolerance: 1e-8, residualTolerance: 1e-9, maximumTime: 2e4))
    #expect(report.isComplete)
    let (before, after) = (try #require(report.initialBalancedness), try #require(report.balancedness))
    #expect(zip(before, after).allSatisfy { abs($1 / $0 - 1) < 1e-10 })
    // θ̃₀ = θ₀ = 0 for gradient flow.
    #expect(largest(try #require(report.perturbedStart)) < 1e-10)
  }

  private func objects(_ value: JSONValue?) throws -> [JSONObject] {
    guard case .array(let items)? = value else { throw InvalidInput("json", because: "no list") }
    return items.compactMap { if case .object(let object) = $0 { object } else { nil } }
  }
}
