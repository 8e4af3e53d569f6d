import Synchronization

/// Work that a tab asked for, done in steps.
package final class Job: Sendable {
  /// Which tab asked, and in which of its lanes: the newest of a lane ends those before it.
  let tab, lane: String
  /// Whether it gives way to what the user waits for.
  let isBackground: Bool
  private let step: @Sendable (Job) -> Bool
  private let isGone: @Sendable () -> Bool
  private let reason = Mutex<String?>(nil)

  /// A job from its parts: `step` does a piece and says whether there is more; `isGone` whether nobody waits any longer.
  package init(
    tab: String, lane: String, isBackground: Bool, isGone: @escaping @Sendable () -> Bool,
    step: @escaping @Sendable (Job) -> Bool
  ) {
    (self.tab, self.lane, self.isBackground) = (tab, lane, isBackground)
    (self.isGone, self.step) = (isGone, step)
  }

  /// Why it is to end; nil to go on.
  package var stopReason: String? { reason.withLock { $0 } ?? (isGone() ? "nobody waits for it any longer" : nil) }

  /// Ends it at its next look.
  package func stop(_ why: String) { reason.withLock { $0 = $0 ?? why } }

  /// Does a piece; whether there is more.
  func advance() -> Bool { step(self) }
}
