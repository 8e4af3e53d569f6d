/// Integrates from the stepper's time until `end`: the only integration loop of the package.
///
/// - Parameters:
///   - stepper: advanced; it can be handed in again to go on.
///   - end: the last time; must be finite and not before the stepper's time.
///   - recording: which states to keep.
///   - conditions: tested at the start and after each accepted step, in order; the first outcome ends the run.
///   - events: located on each segment and refined by the stepper.
///   - far: follows the weights that are too small for the stepper.
///   - afterEachStep: is shown the stepper after each accepted step.
/// - Returns: the solution; `outcome` is `.reached` at `end`, else that of the condition.
/// - Throws: `IntegrationError` with the partial solution when the stepper fails.
/// - Complexity: one step at a time; no allocation per step beyond what `recording` keeps.
public func integrate(
  _ stepper: any Stepper, until end: Double, recording: Recording = .endpoints,
  stoppingWhen conditions: [StopCondition] = [], locating events: [Event] = [], following far: FarWeights? = nil,
  afterEachStep observe: ((any Stepper) -> Void)? = nil
) throws(IntegrationError) -> Solution {
  let d = stepper.dimension
  var solution = Solution(
    start: stepper.time, state: copy(stepper.state, d), rate: copy(stepper.rate, d))
  var recorder = Recorder(recording, dimension: d)
  var locator = SignChangeLocator(events, dimension: d, state: stepper.state)
  _ = far?.exchange(stepper)
  var outcome = firstOutcome(conditions, stepper)
  recorder.begin(&solution, stepper.time, stepper.state)

  while outcome == nil, stepper.time < end {
    let (isDense, before) = (stepper.hasDenseOutput, stepper.time)
    do throws(StepFailure) {
      var limit = isDense ? end : min(end, recorder.nextTime)
      if let far { limit = min(limit, stepper.time + far.longestStep(stepper)) }
      try stepper.step(notBeyond: limit)
      // A step that adds nothing to the time would be taken for ever.
      guard stepper.time > before else { throw StepFailure.stepTooSmall(time: before, step: 0) }
      far?.advance(overLastStepOf: stepper, into: &solution.occurrences)
      if isDense, recorder.nextTime < stepper.time { try recorder.takeWithin(stepper, far, into: &solution) }
      if recorder.wantsSegments { recorder.take(stepper.segment(), into: &solution) }
      if locator.isWatching && stepper.mayHaveChangedSign(locator.range) {
        locator.locate(onLastStepOf: stepper, except: far, into: &solution.occurrences)
      }
      if let far { for (coordinate, sign) in far.exchange(stepper) { locator.resume(coordinate, sign) } }
    } catch {
      finish(&solution, &recorder, stepper)
      switch error {
      case .nonFinite: solution.outcome = .nonFinite
      case .stepTooSmall, .method: solution.outcome = .stepTooSmall
      }
      throw IntegrationError(cause: error, partial: solution)
    }
    recorder.take(stepper.time, stepper.state, into: &solution)
    observe?(stepper)
    outcome = firstOutcome(conditions, stepper)
  }
  finish(&solution, &recorder, stepper)
  if let far, !far.episodes.isEmpty {
    solution.occurrences.sort { ($0.time, $0.coordinate) < ($1.time, $1.coordinate) }
  }
  solution.outcome = outcome ?? .reached
  return solution
}

private func firstOutcome(_ conditions: [StopCondition], _ stepper: any Stepper) -> Outcome? {
  guard !conditions.isEmpty else { return nil }
  let view = StepView(time: stepper.time, state: stepper.state, statistics: stepper.statistics)
  for condition in conditions {
    if let outcome = condition.test(view) { return outcome }
  }
  return nil
}

private func finish(_ solution: inout Solution, _ recorder: inout Recorder, _ stepper: any Stepper) {
  solution.time = stepper.time
  solution.state = copy(stepper.state, stepper.dimension)
  solution.rate = copy(stepper.rate, stepper.dimension)
  solution.statistics = stepper.statistics
  recorder.end(&solution)
}

func copy(_ pointer: UnsafePointer<Double>, _ count: Int) -> [Double] {
  Array(UnsafeBufferPointer(start: pointer, count: count))
}
