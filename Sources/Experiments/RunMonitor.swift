import Dynamics

/// How a run talks to whoever watches it: it reports progress and asks whether to stop.
public struct RunMonitor: Sendable {
  /// Called with the fraction done (0 to 1) and what is being done.
  public let progress: @Sendable (Double, String) -> Void
  /// Whether the user asked to stop.
  public let isInterrupted: @Sendable () -> Bool

  /// A monitor from its two functions.
  public init(
    progress: @escaping @Sendable (Double, String) -> Void = { _, _ in },
    isInterrupted: @escaping @Sendable () -> Bool = { false }
  ) {
    self.progress = progress
    self.isInterrupted = isInterrupted
  }

  /// The same for processes that share a run: all stop when one of them is asked to.
  func isInterrupted(together reduction: (any Reduction)?) -> () -> Bool {
    guard let reduction else { return isInterrupted }
    return { reduction.largest(isInterrupted() ? 1 : 0) > 0 }
  }
}
