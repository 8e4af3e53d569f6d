import CMomentumFlow
import Dynamics
import Experiments
import Synchronization

/// Asks the caller's function some fifty times a second whether to go on, and tells it how far the run is.
final class Watcher: @unchecked Sendable {
  private struct State {
    var fraction = 0.0
    var what = ""
    var next = ContinuousClock.now
    var isStopped = false
  }

  private let progress: mf_progress?
  private let context: UnsafeMutableRawPointer?
  private let state = Mutex(State())

  init(_ progress: mf_progress?, _ context: UnsafeMutableRawPointer?) {
    (self.progress, self.context) = (progress, context)
  }

  /// Whether the caller has said to stop.
  var hasStopped: Bool { state.withLock { $0.isStopped } }

  /// What runs report to and ask.
  var monitor: RunMonitor {
    guard progress != nil else { return RunMonitor() }
    return RunMonitor(
      progress: { fraction, what in
        self.state.withLock { ($0.fraction, $0.what) = (fraction, what) }
        _ = self.ask()
      }, isInterrupted: { self.ask() })
  }

  private func ask() -> Bool {
    let now = ContinuousClock.now
    let due = state.withLock { state -> (fraction: Double, what: String)? in
      guard !state.isStopped, now >= state.next else { return nil }
      state.next = now + .milliseconds(20)
      return (state.fraction, state.what)
    }
    if let due, let progress, progress(context, due.fraction.isFinite ? due.fraction : 0, due.what) != 0 {
      state.withLock { $0.isStopped = true }
    }
    return hasStopped
  }
}
