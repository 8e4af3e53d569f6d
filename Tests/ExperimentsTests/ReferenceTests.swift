import Descent
import DiagonalNetworks
import Dynamics
import Experiments
import Foundation
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

  @Test(arguments: ReferenceCase.flows)
  func trajectories(_ name: String, _ file: String) throws {
    let reference = try ReferenceCase(name, file)
    let times = try reference.table.samples.map { try #require(Double($0.t ?? "")) }
    let run = try FlowRun.run(
      setup(reference), flow(try #require(reference.table.lambda)), stop: .time(times[times.count - 1]),
      sampling: .times(times))
    #expect(run.record.times == times)
    for (index, sample) in reference.table.samples.enumerated() {
      let scale = max(1, largest(sample.weights))
      #expect(distance(run.record.weights(at: index), sample.weights) < 1e-11 * scale)
    }
    #expect(run.energyDrift < 1e-11)
    #expect(run.balanceCheck < 1e-11)
  }

  /// Every scheme reaches the table within what its tolerance promises: GSL's six are routes of their own.
  @Test(arguments: ["rkf45", "rkck", "rk8pd", "msadams", "msbdf", "bsimp"])
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

  @Test(arguments: ReferenceCase.flows)
  func limits(_ name: String, _ file: String) throws {
    let reference = try ReferenceCase(name, file)
    let final = try #require(reference.table.final)
    let report = try limit(
      setup(reference), of: .flow(flow(try #require(reference.table.lambda))),
      LimitCriteria(deltaTolerance: 1e-8, residualTolerance: 1e-9, maximumTime: 2e4))
    #expect(report.isComplete)
    let json = report.json
    let delta = try numbers(json["delta_inf"])
    let deltaError = zip(delta, final.Delta_inf).reduce(0) { max($0, abs($1.0 / $1.1.value - 1)) }
    let thetaError = distance(try numbers(json["theta_inf"]), final.theta_inf.map(\.value))
    #expect(deltaError < 1e-8)
    // The estimates are never below the true errors, and within a factor of ten for θ.
    guard case .object(let estimate)? = json["error_estimate"] else { return }
    let (estimatedDelta, estimatedTheta) = (try number(estimate["delta"]), try number(estimate["theta"]))
    #expect(deltaError <= estimatedDelta, "\(deltaError) > \(estimatedDelta)")
    #expect(thetaError - 5e-13 <= estimatedTheta && estimatedTheta < 10 * thetaError)
    guard case .object(let certificate)? = json["certificate"] else { return }
    #expect(try number(certificate["interpolation"]) <= 1.01e-9)
    #expect(try number(certificate["row_space"]) < 1e-10)
    #expect(certificate["distance"] == .null && certificate["distance_reason"] != nil)

    let d = final.Delta_inf.count
    var (plus, minus) = ([Int](repeating: 0, count: d), [Int](repeating: 0, count: d))
    for occurrence in report.record?.occurrences ?? [] {
      if occurrence.coordinate < d { plus[occurrence.coordinate] += 1 } else { minus[occurrence.coordinate - d] += 1 }
    }
    _ = json["sign_changes"]
    let changes = try objects(json["sign_changes"])
    for change in changes {
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
      LimitCriteria(deltaTolerance: tolerance, residualTolerance: 10, maximumTime: 2e4))
    #expect(report.isComplete)
    let delta = try numbers(report.json["delta_inf"])
    let error = zip(delta, final.Delta_inf).reduce(0) { max($0, abs($1.0 / $1.1.value - 1)) }
    #expect(error <= tolerance)
    #expect(try number(report.json["residual_at_projection"]) > 1e-9)
    // The same for the discrete method, against a run that goes much further.
    let settings = try DescentSettings(gamma: 0.05, beta: 0.9)
    func limits(_ delta: Double, _ residual: Double) throws -> [Double] {
      let criteria = try LimitCriteria(deltaTolerance: delta, residualTolerance: residual, maximumTime: 1e6)
      let report = try limit(setup(reference), of: .descent(settings), criteria)
      #expect(report.isComplete)
      return try numbers(report.json["delta_inf"])
    }
    let (near, far) = (try limits(tolerance, 10), try limits(1e-13, 1e-11))
    #expect(zip(near, far).allSatisfy { abs($0 / $1 - 1) <= tolerance })
  }

  /// The estimate does not know the scale: from α = 0.1 to 1e-10 the limit is delivered and its error is not understated.
  @Test(arguments: [0.1, 1e-4, 1e-7, 1e-10])
  func estimatesAtAnyScale(_ alpha: Double) throws {
    let problem = try SyntheticProblem(samples: 5, features: 8, nonzeros: 2, seed: 1).problem()
    let setup = try Setup(problem: problem, start: Initialization(alpha: alpha, features: 8))
    func run(_ subject: LimitSubject, _ delta: Double, _ residual: Double) throws -> ([Double], Double) {
      let report = try limit(
        setup, of: subject, LimitCriteria(deltaTolerance: delta, residualTolerance: residual, maximumTime: 1e5))
      #expect(report.isComplete, "\(report.failure ?? "")")
      guard case .object(let estimate)? = report.json["error_estimate"] else { return ([], 0) }
      return (try numbers(report.json["delta_inf"]), try number(estimate["delta"]))
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
    let gaps = try objects(report.json["limit_gap"]).map { (try number($0["delta"]), try number($0["theta"])) }
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
      LimitCriteria(deltaTolerance: 1e-8, residualTolerance: 1e-9, maximumTime: 2e4))
    #expect(report.isComplete)
    let (before, after) = (try numbers(report.json["delta_0"]), try numbers(report.json["delta_inf"]))
    #expect(zip(before, after).allSatisfy { abs($1 / $0 - 1) < 1e-10 })
    // θ̃₀ = θ₀ = 0 for gradient flow.
    #expect(largest(try numbers(report.json["theta_tilde_0"])) < 1e-10)
  }

  private func number(_ value: JSONValue?) throws -> Double {
    guard case .number(let x)? = value else {
      throw InvalidInput("json", because: "no number: \(String(describing: value))")
    }
    return x
  }

  private func numbers(_ value: JSONValue?) throws -> [Double] {
    guard case .array(let items)? = value else { throw InvalidInput("json", because: "no list") }
    return try items.map { try number($0) }
  }

  private func objects(_ value: JSONValue?) throws -> [JSONObject] {
    guard case .array(let items)? = value else { throw InvalidInput("json", because: "no list") }
    return items.compactMap { if case .object(let object) = $0 { object } else { nil } }
  }
}
