import Synchronization

/// Counts what is spent of a `WorkLimit`; several runs, on several threads, may share one.
public final class WorkMeter: Sendable {
  /// What may be spent.
  public let limit: WorkLimit
  private let spent = Atomic<Int>(0)
  private let began: ContinuousClock.Instant

  /// A meter at zero, its clock at `began`.
  public init(_ limit: WorkLimit = .unlimited, since began: ContinuousClock.Instant = .now) {
    self.limit = limit
    self.began = began
  }

  /// Adds passes over X.
  public func charge(_ passes: Int) {
    spent.wrappingAdd(max(0, passes), ordering: .relaxed)
  }

  /// The passes spent.
  public var passes: Int { spent.load(ordering: .relaxed) }

  /// The passes left.
  public var remaining: Int { limit.passes.map { max(0, $0 - passes) } ?? .max }

  /// The seconds since the clock was started.
  public var seconds: Double { (ContinuousClock.now - began).inSeconds }

  /// `maxWork` or `maxSeconds` when that is spent, else nil.
  public var verdict: Outcome? {
    if remaining == 0 { return .maxWork }
    if let most = limit.seconds, seconds >= most { return .maxSeconds }
    return nil
  }
}

extension Duration {
  /// The duration in seconds.
  package var inSeconds: Double { Double(components.seconds) + 1e-18 * Double(components.attoseconds) }
}
