import Dispatch
import Dynamics
import LinearAlgebra
import Synchronization

extension RunMonitor {
  /// Multiply-adds up to which nobody waits: a tenth of a second or less.
  private static let short = 3e8
  /// Multiply-adds a second of dense linear algebra on one core, about; for forecasts only.
  private static let speed = 2e10

  /// Does what cannot be asked to stop, such as a decomposition, on a thread of its own, so that the caller can: nil when a
  /// stop was asked for, and what is under way is left to itself.
  ///
  /// - Parameters:
  ///   - what: what is done, for people.
  ///   - work: multiply-adds, where they are known: little work is done on the spot, even when the budget is spent.
  /// Throws what `body` throws.
  public func perform<T: Sendable>(
    _ what: String, work: Double? = nil, _ body: @escaping @Sendable () throws(InvalidInput) -> T
  ) throws(InvalidInput) -> T? {
    if let work, work <= Self.short { return try body() }
    guard stopReason == nil else { return nil }
    if Parallelism.isForked { return try body() }
    let box = Mailbox<T>()
    let done = DispatchSemaphore(value: 0)
    DispatchQueue.global().async {
      // What nobody waits for any more when its turn comes is not begun.
      guard stopReason == nil else {
        done.signal()
        return
      }
      let result = Result { () throws(InvalidInput) in try body() }
      box.content.withLock { $0 = result }
      done.signal()
    }
    let expected = work.map { $0 / Self.speed }
    let clock = ContinuousClock()
    let began = clock.now
    var nextNote = 3.0
    // What is quick is not to wait for the next look.
    var pause = 1
    while done.wait(timeout: .now() + .milliseconds(pause)) == .timedOut {
      pause = min(2 * pause, 50)
      let seconds = (clock.now - began).inSeconds
      progress(expected.map { min(0.99, seconds / $0) } ?? 0, "\(what), \(Int(seconds)) s")
      if stopReason != nil { return nil }
      if let announce, seconds >= nextNote {
        let whole = expected.map { $0 > seconds ? ", about \(duration($0)) in all" : "" } ?? ""
        announce("\(what): \(Int(seconds)) s so far\(whole); Ctrl-C ends it")
        nextNote *= 10
      }
    }
    return try box.content.withLock { $0 }?.get()
  }

  private final class Mailbox<T: Sendable>: Sendable {
    let content = Mutex<Result<T, InvalidInput>?>(nil)
  }
}
