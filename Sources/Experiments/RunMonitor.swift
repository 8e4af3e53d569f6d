import Dynamics

/// How a run talks to whoever watches it: it reports progress, asks whether to stop, and pays for its work.
public struct RunMonitor: Sendable {
  /// Called with the fraction done (0 to 1) and what is being done.
  public let progress: @Sendable (Double, String) -> Void
  /// Whether the user asked to stop.
  public let isInterrupted: @Sendable () -> Bool
  /// Called rarely with what whoever waits for a long run should know; nil when nobody listens.
  public let announce: (@Sendable (String) -> Void)?
  /// What is spent of what the run may cost.
  public let meter: WorkMeter

  /// A monitor from its functions.
  public init(
    progress: @escaping @Sendable (Double, String) -> Void = { _, _ in },
    isInterrupted: @escaping @Sendable () -> Bool = { false },
    announce: (@Sendable (String) -> Void)? = nil, meter: WorkMeter = WorkMeter()
  ) {
    self.progress = progress
    self.isInterrupted = isInterrupted
    self.announce = announce
    self.meter = meter
  }

  /// Why everything is to stop: the user, or a spent budget; nil to go on.
  public var stopReason: Outcome? { isInterrupted() ? .interrupted : meter.verdict }

  /// Pays for some passes; then as `stopReason`.
  public func spend(_ passes: Int) -> Outcome? {
    meter.charge(passes)
    return stopReason
  }

  /// The same with another meter: for one of many runs.
  public func paying(_ meter: WorkMeter) -> RunMonitor {
    RunMonitor(progress: progress, isInterrupted: isInterrupted, announce: announce, meter: meter)
  }

  /// The same for one of several stages: `progress` is called in place of this monitor's.
  public func reporting(_ progress: @escaping @Sendable (Double, String) -> Void) -> RunMonitor {
    RunMonitor(progress: progress, isInterrupted: isInterrupted, announce: announce, meter: meter)
  }

  /// The same for work that is paid for, and reported, by its caller.
  public var silent: RunMonitor { RunMonitor(isInterrupted: { self.stopReason != nil }) }

  /// `stopReason` for processes that share a run: all stop alike when one of them is to.
  func stop(together reduction: (any Reduction)?) -> () -> Outcome? {
    guard let reduction else { return { stopReason } }
    let order: [Outcome] = [.maxSeconds, .maxWork, .interrupted]
    return {
      let own = stopReason.flatMap { order.firstIndex(of: $0) }.map { Double($0 + 1) } ?? 0
      let all = Int(reduction.largest(own))
      return all > 0 ? order[all - 1] : nil
    }
  }
}
