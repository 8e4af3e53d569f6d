import Dispatch
import Dynamics
import Synchronization

/// Shares the machine among tabs: each has at most a few threads, its newest request of a lane ends the older ones, long lists
/// go on piece by piece behind what a user waits for, and where there are more jobs than threads the tabs take turns.
package final class Workbench: Sendable {
  /// Threads in all; the system divides the cores among them.
  private static let threads = 16
  /// Jobs of a tab at a time: those that a user waits for, and those that go on behind them.
  private static let foreground = 2, background = 1
  /// Jobs of a tab, and in all, that may wait.
  private static let waitingOfTab = 64, waitingInAll = 1024

  private struct State {
    var waiting: [Job] = []
    var running: [Job] = []
    /// Tabs in the order in which they last got a thread.
    var turns: [String] = []
    var idle = Array(0..<Workbench.threads)
    var isClosed = false
  }

  private let state = Mutex(State())
  /// Serial queues have threads of their own.
  private let queues = (0..<threads).map { DispatchQueue(label: "explorer \($0)") }

  /// A bench with nothing on it.
  package init() {}

  /// How many jobs run and wait.
  package var counts: (running: Int, waiting: Int) { state.withLock { ($0.running.count, $0.waiting.count) } }

  /// Takes a job; the older ones of its lane end. Throws `InvalidInput` where too many wait.
  package func add(_ job: Job) throws(InvalidInput) {
    let isTaken = state.withLock { state in
      func isOlder(_ other: Job) -> Bool { other.tab == job.tab && other.lane == job.lane }
      let others = state.waiting.filter { !isOlder($0) }
      let own = others.count { $0.tab == job.tab }
      guard own < Self.waitingOfTab, others.count < Self.waitingInAll, !state.isClosed else { return false }
      for older in state.running + state.waiting where isOlder(older) { older.stop("a newer request took its place") }
      state.waiting.append(job)
      return true
    }
    guard isTaken else {
      throw InvalidInput(
        "request", because: "too many are waiting", remedy: "wait for some to end, or close other tabs")
    }
    distribute()
  }

  /// Ends everything.
  package func close() {
    state.withLock { state in
      state.isClosed = true
      for job in state.running + state.waiting { job.stop("the explorer is closing") }
    }
  }

  /// Gives threads that are idle to jobs that wait.
  private func distribute() {
    while let (job, thread) = state.withLock({ Self.next(&$0) }) {
      queues[thread].async {
        let isUnfinished = job.advance()
        self.state.withLock { state in
          state.running.removeAll { $0 === job }
          state.idle.append(thread)
          if isUnfinished { state.waiting.append(job) }
        }
        self.distribute()
      }
    }
  }

  private static func next(_ state: inout State) -> (job: Job, thread: Int)? {
    guard let thread = state.idle.last else { return nil }
    func mayRun(_ job: Job) -> Bool {
      // What was stopped only has to say so.
      if job.stopReason != nil { return true }
      let busy = state.running.count { $0.tab == job.tab && $0.isBackground == job.isBackground }
      return busy < (job.isBackground ? background : foreground)
    }
    let able = state.waiting.indices.filter { mayRun(state.waiting[$0]) }
    func turn(_ index: Int) -> Int { state.turns.firstIndex(of: state.waiting[index].tab) ?? -1 }
    let best = able.min { a, b in
      let (first, second) = (state.waiting[a], state.waiting[b])
      return (first.isBackground ? 1 : 0, turn(a), a) < (second.isBackground ? 1 : 0, turn(b), b)
    }
    guard let best else { return nil }
    let job = state.waiting.remove(at: best)
    state.turns.removeAll { $0 == job.tab }
    state.turns.append(job.tab)
    if state.turns.count > 2 * waitingInAll { state.turns.removeFirst(waitingInAll) }
    state.running.append(job)
    state.idle.removeLast()
    return (job, thread)
  }
}
