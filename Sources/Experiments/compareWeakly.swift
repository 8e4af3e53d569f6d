import Comparison
import Descent
import Dynamics
import Files
import Networks

/// Minibatch descent against its stochastic-differential model, and against the flow without noise, in expectation over many
/// paths: the command `compare --batch`.
///
/// For each step the largest difference over the features of E θ and E D (D = w₊w₋), and that of the loss, at the last
/// iterate k = ⌊T/ε⌋, beside the standard error that it is known with.
/// Throws `InvalidInput` for settings that cannot be used.
package func compareWeakly(
  _ setup: Setup, _ specification: FlowSpecification, order: Int, steps: [Double], batches: DescentSettings.Batches,
  paths: Int, until end: Double, monitor: RunMonitor = RunMonitor()
) throws(InvalidInput) -> Measurements {
  guard paths >= 2 else {
    throw InvalidInput("\(.paths, paths)", because: "a standard error needs at least 2", remedy: "for example 10000")
  }
  let settings = try ComparisonRun.settings(
    specification.lambda, steps: steps, until: end, method: .heavyBall, batches: batches)
  let clock = ContinuousClock()
  let began = clock.now
  var rows: [Measurements] = []
  var errors: [(step: Double, error: Double)] = []
  var outcome = Outcome.reached
  var failure: Message?
  let isInterrupted: @Sendable () -> Bool = { monitor.stopReason != nil }
  let (blocks, numbers) = (Double(paths) / 64 + 1, 2 * (2 * Double(setup.problem.featureCount) + 1))
  try requireMemory(8 * blocks * numbers, for: "\(.paths, paths)", remedy: "choose fewer paths")
  // What each step costs is known before.
  let costs = try settings.map { own throws(InvalidInput) in
    Double(paths) * Double(try own.iterations(until: end)) * (1 + 2 * Double(order))
  }
  for (index, own) in settings.enumerated() {
    monitor.progress(Double(index) / Double(settings.count), "ε = \(short(own.step))")
    guard costs[index] <= Double(monitor.meter.remaining) else {
      outcome = .maxWork
      failure =
        "\(.maximumWork, monitor.meter.limit.passes ?? 0) does not suffice for ε = \(short(own.step)): "
        + "\(short(costs[index])) passes, \(paths) paths of \(try own.iterations(until: end)) iterations and their flow; choose "
        + "fewer paths, longer steps or a shorter time, or raise \(.maximumWork)"
      break
    }
    let flow =
      order == 1
      ? specification : try specification.corrected(order: 2, step: own.step, method: .heavyBall)
    let started = try flow.starting(setup)
    let iterations = try own.iterations(until: end)
    guard
      let weak = try WeakComparison.run(
        setup.problem, from: setup.start, flowStart: started.start, own, order: order, substeps: 2 * order,
        iterations: iterations, paths: paths, isInterrupted: isInterrupted)
    else {
      outcome = monitor.stopReason ?? .interrupted
      if outcome == .maxSeconds {
        failure =
          "\(BudgetEnd.spent(.maxSeconds, monitor)) at ε = \(short(own.step)); all steps make \(short(costs.reduce(0, +))) passes: "
          + "choose fewer paths or longer steps, or raise \(.maximumSeconds)"
      }
      break
    }
    monitor.meter.charge(Int(costs[index]))
    let run = try FlowRun.run(
      started, flow, stop: .time(Double(iterations) * own.step), sampling: .endpoints, monitor: monitor.silent)
    let plain = WeakComparison.observables(run.weights, DiagonalNetwork(setup.problem))
    let d = setup.problem.featureCount
    var row = Measurements()
    row.step = own.step
    row.gamma = own.gamma
    row.beta = own.beta
    row.iterations = iterations
    let reason = "the iterates or the flow diverged"
    func take(
      _ range: Range<Int>, _ bias: KeyPath<Quantities, Quantity<Double>>,
      _ standardError: KeyPath<Quantities, Quantity<Double>>, _ plainBias: KeyPath<Quantities, Quantity<Double>>
    ) -> Double {
      func largest(_ value: (Int) -> Double) -> Double { range.map(value).maximumMagnitude }
      let error = largest { weak.flow.mean[$0] - weak.iterates.mean[$0] }
      row.set(bias, error, otherwise: reason)
      row.set(
        standardError,
        largest {
          (weak.flow.standardError[$0] * weak.flow.standardError[$0]
            + weak.iterates.standardError[$0] * weak.iterates.standardError[$0]).squareRoot()
        }, otherwise: reason)
      row.set(plainBias, largest { plain[$0] - weak.iterates.mean[$0] }, otherwise: reason)
      return error
    }
    _ = take(0..<d, \.thetaBias, \.thetaStandardError, \.thetaPlainBias)
    errors.append(
      (own.step, take(d..<2 * d, \.balancednessBias, \.balancednessStandardError, \.balancednessPlainBias)))
    _ = take(2 * d..<2 * d + 1, \.lossBias, \.lossStandardError, \.lossPlainBias)
    rows.append(row)
    if weak.iterates.hasDiverged {
      failure = "iterates with step \(own.step) diverged on some paths; choose smaller steps or larger batches"
    }
  }
  var result = Measurements("compare", setup, outcome: outcome, failure: failure)
  result.flow = "stochastic"
  result.order = order
  result.method = DescentSettings.Method.heavyBall.rawValue
  result.lambda = specification.lambda
  result.until = end
  result.batch = batches.size
  result.paths = paths
  result.rows = rows
  result.set(
    \.slope, convergenceOrder(steps: errors.map(\.step), errors: errors.map(\.error)),
    otherwise: "fewer than two steps have a finite error")
  result.wallSeconds = (clock.now - began).inSeconds
  return result
}
