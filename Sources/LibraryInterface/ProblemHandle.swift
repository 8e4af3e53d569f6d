import CMomentumFlow
import Dynamics
import Experiments
import Files
import LinearAlgebra
import Regression

/// Data in memory: `mf_problem`.
final class ProblemHandle: ArrayHandle, @unchecked Sendable {
  let data: ProblemData
  private let isCallers: Bool

  /// Without X among its arrays if that is the caller's own.
  init(_ data: ProblemData, ofCaller isCallers: Bool = false) { (self.data, self.isCallers) = (data, isCallers) }

  override var dataset: ArrayDataset {
    let problem = data.problem
    let (n, d) = (problem.sampleCount, problem.featureCount)
    var arrays = [
      NamedArray("y", ["sample"], .reals(problem.response), longName: "targets y"),
      NamedArray("feature", ["feature"], .strings(problem.featureNames), longName: "name of the feature", units: nil),
    ]
    if !isCallers {
      let design = NamedArray("X", ["sample", "feature"], .reals(problem.design.elements), longName: "design matrix X")
      arrays.insert(design, at: 0)
    }
    if let truth = problem.truth {
      arrays.append(NamedArray("theta_star", ["feature"], .reals(truth), longName: "true coefficients theta*"))
    }
    return ArrayDataset(dimensions: [(name: "sample", count: n), (name: "feature", count: d)], arrays: arrays)
  }
}

/// What keeps the caller's X: it is told when nobody needs it any more.
private final class CallersMemory {
  private let release: mf_release?
  private let owner: UnsafeMutableRawPointer?

  init(_ release: mf_release?, _ owner: UnsafeMutableRawPointer?) { (self.release, self.owner) = (release, owner) }

  deinit { release?(owner) }
}

@c @implementation public func mf_problem_new(
  _ x: UnsafePointer<Double>!, _ samples: Int64, _ features: Int64, _ stride: Int64, _ behind: Int64,
  _ y: UnsafePointer<Double>!,
  _ description: UnsafePointer<CChar>!, _ release: mf_release!, _ owner: UnsafeMutableRawPointer!,
  _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> OpaquePointer! {
  let memory = CallersMemory(release, owner)
  return attempt(error) { () throws(InvalidInput) in
    guard let x, let y, samples > 0, features > 0, stride >= features else {
      throw InvalidInput(
        Field.arrays, because: "\(samples) × \(features) numbers, \(stride) from row to row, are no design matrix",
        remedy: "give at least one sample and one feature")
    }
    let (n, d) = (Int(samples), Int(features))
    var facts = JSONObject()
    if let description, case .object(let object) = try json(description, "description of the arrays") { facts = object }
    let name = facts["name"].flatMap { String(measured: $0) } ?? "arrays"
    let problem = try RegressionProblem(
      name: name,
      design: DesignMatrix(
        rows: n, columns: d, stride: Int(stride), behind: Int(max(behind, 0)), at: x, of: memory, named: name),
      response: Array(UnsafeBufferPointer(start: y, count: n)),
      featureNames: facts["feature_names"].flatMap { [String](measured: $0) },
      truth: facts["truth"].flatMap { [Double](measured: $0) },
      test: facts["truth"] == nil ? .none : .parameters)
    return ProblemHandle(ProblemData(arrays: problem), ofCaller: true)
  }
}

@c @implementation public func mf_problem_load(
  _ problem: UnsafePointer<CChar>!, _ arrays: OpaquePointer!, _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> OpaquePointer! {
  attempt(error) { () throws(InvalidInput) in
    ProblemHandle(try ProblemSpecification(json(problem, "problem")).data(ProblemHandle.of(arrays)?.data))
  }
}

@c @implementation public func mf_problem_count(_ problem: OpaquePointer!) -> Int64 { ProblemHandle.count(problem) }

@c @implementation public func mf_problem_array(
  _ problem: OpaquePointer!, _ index: Int64, _ array: UnsafeMutablePointer<mf_array>!
) -> CInt { ProblemHandle.copy(problem, index, to: array) }

@c @implementation public func mf_problem_free(_ problem: OpaquePointer!) { ProblemHandle.release(problem) }
