import Dynamics
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What a child process may do: nothing, if it was forked while another thread was within a run, whose locks nobody will open.
enum Forks {
  private static let underWay = Atomic<Int>(0)
  private static let isUnsound = Atomic<Bool>(false)
  private static let watch: Void = {
    _ = pthread_atfork(nil, nil) {
      if Forks.underWay.load(ordering: .relaxed) > 0 { Forks.isUnsound.store(true, ordering: .relaxed) }
      Forks.underWay.store(0, ordering: .relaxed)
    }
  }()

  static func begin() {
    watch
    underWay.add(1, ordering: .relaxed)
  }

  static func end() { underWay.subtract(1, ordering: .relaxed) }

  static func requireSound() throws(InvalidInput) {
    guard !isUnsound.load(ordering: .relaxed) else {
      throw InvalidInput(
        "this process", because: "it was forked while another thread was within a run, and would wait for it for ever",
        remedy: "start processes with spawn or forkserver, or before any run")
    }
  }
}
