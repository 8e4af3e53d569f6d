import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Ctrl-C and termination as a flag that runs look at after each step; a second signal ends the process at once.
enum Interrupt {
  private static let received = Atomic<CInt>(0)

  /// Starts listening. Writing to a closed pipe, or past a file-size limit, becomes an error instead of a death.
  static func install() {
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { Interrupt.received.store($0, ordering: .relaxed) }
    action.sa_flags = CInt(bitPattern: UInt32(SA_RESETHAND))
    sigaction(SIGINT, &action, nil)
    sigaction(SIGTERM, &action, nil)
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
  }

  /// Whether a signal came.
  static var isSet: Bool { received.load(ordering: .relaxed) != 0 }

  /// The exit code that belongs to the signal: 130 for Ctrl-C.
  static var exitCode: CInt { 128 + max(received.load(ordering: .relaxed), SIGINT) }
}
