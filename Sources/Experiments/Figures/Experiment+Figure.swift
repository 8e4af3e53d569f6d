import Descent
import Dynamics
import Figures
import Networks
import RealModule

extension Experiment {
  /// The standard picture of what it found: coordinates in time, errors against ε, Δ₀ and Δ∞, the signed limit against λ.
  ///
  /// The flow beside iterates, and the limits beside λ_c, are computed for it. Throws `InvalidInput` when there is nothing to draw.
  public func figure(
    _ found: Measurements, on setup: Setup, monitor: RunMonitor = RunMonitor()
  ) throws(InvalidInput) -> Figure {
    switch goal {
    case .solve(let flow, _, _):
      return try trajectoryFigure(
        found.record.map { found.path?.dense($0, setup, lambda: flow.lambda) ?? $0 }, setup,
        heading: title + (flow.kind.hasMomentum ? ", λ = \(short(flow.lambda))" : ""))
    case .descend(let settings, _, _, _):
      let heading =
        "\(settings.method.rawValue), γ = \(short(settings.gamma)), β = \(short(settings.beta)) (λ = \(short(settings.lambda)), "
        + "ε = \(short(settings.step)))"
      return try trajectoryFigure(
        found.record, setup, heading: heading, beside: flow(beside: settings, found, setup, monitor))
    case .compare:
      return try comparisonFigure(found, setup)
    case .limit, .certify:
      return try limitFigure(found, setup)
    case .thresholds(let criteria):
      return try thresholdsFigure(found, criteria, setup, monitor)
    }
  }

  /// The same recording enough of a trajectory to draw it, where nothing else was asked for.
  public func recordingForFigure() -> Experiment {
    var copy = self
    switch goal {
    case .solve(let flow, let stop, .summary): copy.goal = .solve(flow, until: stop, recording: .every)
    case .descend(let settings, .count(let last), .summary, let identity) where last > 0:
      // Evenly, and evenly in the logarithm.
      let even = (0...200).map { last * $0 / 200 }
      let early = (0...200).map { Int(Double.pow(Double(last), Double($0) / 200)) }
      let all = Set(even + early).filter { $0 <= last }.sorted()
      copy.goal = .descend(
        settings, until: .count(last), recording: .at(all.map { Double($0) }), identity: identity)
    case .descend(let settings, let stop, .summary, let identity):
      copy.goal = .descend(settings, until: stop, recording: .count(401), identity: identity)
    default: break
    }
    return copy
  }

  /// Momentum gradient flow of the same λ up to where iterates ended; nil when it cannot be integrated.
  private func flow(
    beside settings: DescentSettings, _ found: Measurements, _ setup: Setup, _ monitor: RunMonitor
  ) -> TrajectoryRecord? {
    guard let end = found.record?.times.last, end > 0 else { return nil }
    let flow = try? FlowSpecification(kind: .mgf, lambda: settings.lambda, stepper: "auto", relative: 1e-8, absolute: 0)
    return flow.flatMap { flow in
      let path = FlowPath(setup, flow)
      let run = try? FlowRun.run(setup, flow, stop: .time(end), sampling: .summary, path: path, monitor: monitor)
      return run.flatMap { path.dense($0.record, setup, lambda: flow.lambda) }
    }
  }
}

extension FlowPath {
  /// States between those of a record, as many as a curve needs, evenly in time and in its logarithm; nil where none are known.
  func dense(_ record: TrajectoryRecord, _ setup: Setup, lambda: Double) -> TrajectoryRecord? {
    guard isKept, let end = record.times.last, end > 0 else { return nil }
    let even = (0...200).map { end * Double($0) / 200 }
    let early = (0..<200).map { end * Double.pow(10, -4 * Double($0 + 1) / 200) }
    var result = TrajectoryRecord(setup, occurrences: record.occurrences, isDiscrete: false)
    let m = result.width
    let network = setup.network
    for time in Set(even + early).sorted() {
      guard let state = try? state(at: time) else { continue }
      let rates = state.count >= 2 * m ? Array(state[m..<2 * m]) : [Double](repeating: 0, count: m)
      result.append(time: time, weights: Array(state[..<m]), rates: rates, lambda: lambda, network: network)
    }
    return result.count > 1 ? result : nil
  }
}

/// What a figure is of.
func figureTitle(_ setup: Setup, _ text: String) -> String {
  let (n, d) = (setup.problem.sampleCount, setup.problem.featureCount)
  let start = setup.start.alpha.map { ", α = \(short($0))" } ?? ""
  return "\(setup.problem.name) (\(n) × \(d))\(start): \(text)"
}
