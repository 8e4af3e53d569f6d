import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Ctrl-C and termination as a flag that runs look at after each step; a second signal, more than a second later, ends
/// the process at once. (Wrappers such as `timeout` send the same signal twice within a moment.)
enum Interrupt {
  private static let received = Atomic<CInt>(0)
  private static let firstTime = Atomic<Int>(0)

  /// When the process began to work, once `install` was called.
  static let start = ContinuousClock.now

  /// Starts listening. Writing to a closed pipe, or past a file-size limit, becomes an error instead of a death.
  static func install() {
    _ = start
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { number in
      // Only what is safe within a signal handler: atomics, the clock, _exit.
      var now = timespec()
      clock_gettime(CLOCK_MONOTONIC, &now)
      if Interrupt.received.load(ordering: .relaxed) == 0 {
        Interrupt.firstTime.store(now.tv_sec, ordering: .relaxed)
        Interrupt.received.store(number, ordering: .relaxed)
      } else if now.tv_sec - Interrupt.firstTime.load(ordering: .relaxed) > 1 {
        _exit(128 + number)
      }
    }
    action.sa_flags = SA_RESTART
    sigaction(SIGINT, &action, nil)
    sigaction(SIGTERM, &action, nil)
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
  }

  /// Whether a signal came.
  static var isSet: Bool { received.load(ordering: .relaxed) != 0 }

  /// Ends the process at once, without the clean-up of libraries whose threads may still be computing.
  static func leave(_ code: CInt) -> Never { _exit(code) }

  /// The exit code that belongs to the signal: 130 for Ctrl-C.
  static var exitCode: CInt { 128 + max(received.load(ordering: .relaxed), SIGINT) }
}
