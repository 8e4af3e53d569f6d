import CMomentumFlow
import Dynamics
import Experiments
import Files

/// What a run found: `mf_result`.
final class ResultHandle: ArrayHandle, @unchecked Sendable {
  let experiment: Experiment
  let found: Measurements
  let data: ProblemData?
  private let setup: Setup?

  init(_ experiment: Experiment, _ found: Measurements, _ data: ProblemData? = nil, on setup: Setup? = nil) {
    (self.experiment, self.found, self.data, self.setup) = (experiment, found, data, setup)
  }

  override var dataset: ArrayDataset { setup.flatMap { found.record?.dataset($0) } ?? super.dataset }

  /// Where it comes from.
  var provenance: JSONObject {
    var attributes = JSONObject()
    let provenance = Provenance(
      arguments: nil, seed: setup?.seed, reading: setup?.reading ?? [], experiment: experiment)
    for (name, value) in provenance.attributes(title: experiment.title) {
      attributes[name] =
        switch value {
        case .text(let text): .string(text)
        case .number(let number): .number(number)
        case .integer(let number): .integer(number)
        }
    }
    return attributes
  }

  /// The numbers of a state between recorded times.
  var width: Int {
    guard let path = found.path, path.isKept else { return 0 }
    return path.width + path.features
  }
}

@c @implementation public func mf_run(
  _ experiment: UnsafePointer<CChar>!, _ data: OpaquePointer!, _ progress: mf_progress!,
  _ context: UnsafeMutableRawPointer!, _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> OpaquePointer! {
  prepareLibraries()
  Forks.begin()
  defer { Forks.end() }
  let watcher = Watcher(progress, context)
  let made = attempt(error) { () throws(InvalidInput) in
    try Forks.requireSound()
    let experiment = try Experiment(json(experiment, "experiment"))
    try experiment.validate()
    let monitor = watcher.monitor
    let data = try experiment.problem.data(ProblemHandle.of(data)?.data)
    let setup = try experiment.setup(on: data, monitor: monitor)
    if monitor.isInterrupted() { throw InvalidInput("run", because: "it was stopped while setting up") }
    let meter = WorkMeter(try experiment.limit(on: setup))
    let found = try experiment.run(on: setup, keepingPath: true, monitor: monitor.paying(meter))
    return ResultHandle(experiment, found ?? Measurements(), data, on: setup)
  }
  if made == nil, watcher.hasStopped, let fault = ErrorHandle.of(error?.pointee) {
    ErrorHandle.release(error?.pointee)
    error?.pointee = ErrorHandle(fault.error, MF_STOPPED).retained()
  }
  return made
}

@c @implementation public func mf_check(
  _ experiment: UnsafePointer<CChar>!, _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> OpaquePointer! {
  attempt(error) { () throws(InvalidInput) in
    let experiment = try Experiment(json(experiment, "experiment"))
    try experiment.validate()
    return ResultHandle(experiment, Measurements())
  }
}

@c @implementation public func mf_result_json(_ result: OpaquePointer!, _ wording: mf_wording) -> UnsafePointer<CChar>!
{
  text(result, "json \(wording.rawValue)") { (handle: ResultHandle) in
    handle.found.worded(Wording(wording)).measured.text()
  }
}

@c @implementation public func mf_result_experiment(_ result: OpaquePointer!) -> UnsafePointer<CChar>! {
  text(result, "experiment") { (handle: ResultHandle) in JSONValue.object(handle.experiment.json).text() }
}

@c @implementation public func mf_result_shortfall(
  _ result: OpaquePointer!, _ wording: mf_wording
) -> UnsafePointer<CChar>! {
  text(result, "shortfall \(wording.rawValue)") { (handle: ResultHandle) in
    handle.found.shortfall?.text(Wording(wording))
  }
}

@c @implementation public func mf_result_provenance(_ result: OpaquePointer!) -> UnsafePointer<CChar>! {
  text(result, "provenance") { (handle: ResultHandle) in JSONValue.object(handle.provenance).text() }
}

@c @implementation public func mf_result_problem(_ result: OpaquePointer!) -> OpaquePointer! {
  ResultHandle.of(result)?.data.map { ProblemHandle($0).retained() }
}

@c @implementation public func mf_result_count(_ result: OpaquePointer!) -> Int64 { ResultHandle.count(result) }

@c @implementation public func mf_result_array(
  _ result: OpaquePointer!, _ index: Int64, _ array: UnsafeMutablePointer<mf_array>!
) -> CInt { ResultHandle.copy(result, index, to: array) }

@c @implementation public func mf_result_width(_ result: OpaquePointer!) -> Int64 {
  Int64(ResultHandle.of(result)?.width ?? 0)
}

@c @implementation public func mf_result_evaluate(
  _ result: OpaquePointer!, _ times: UnsafePointer<Double>!, _ count: Int64, _ states: UnsafeMutablePointer<Double>!,
  _ error: UnsafeMutablePointer<OpaquePointer?>!
) -> CInt {
  let done = attempt(error) { () throws(InvalidInput) in
    guard let handle = ResultHandle.of(result), let path = handle.found.path else {
      throw InvalidInput("result", because: "it holds no flow between recorded times")
    }
    if let times, let states {
      for k in 0..<Int(max(count, 0)) {
        let state = try path.state(at: times[k])
        (states + k * handle.width).update(from: state + path.theta(state), count: handle.width)
      }
    }
    return handle
  }
  Handle.release(done)
  return done == nil ? -1 : 0
}

@c @implementation public func mf_result_free(_ result: OpaquePointer!) { ResultHandle.release(result) }
