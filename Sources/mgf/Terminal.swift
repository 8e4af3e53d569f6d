import Experiments
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Writes a line to standard error.
func note(_ text: String) {
  writeToStandardError(text + "\n")
}

private func writeToStandardError(_ text: String) {
  var text = text
  text.withUTF8 { bytes in
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = write(STDERR_FILENO, UnsafeBufferPointer(rebasing: rest).baseAddress, rest.count)
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }
}

/// Writes an error message to standard error.
func complain(_ text: String) {
  note("mgf: error: \(text)")
}

/// A bar on standard error, drawn only on a terminal, and only for work that takes more than a second.
final class ProgressBar: Sendable {
  private struct State {
    let start = ContinuousClock.now
    var lastDrawn = ContinuousClock.now
    var isShown = false
  }

  private let isEnabled: Bool
  private let isQuiet: Bool
  private let state = Mutex(State())

  init(quiet: Bool) {
    isQuiet = quiet
    isEnabled = !quiet && isatty(STDERR_FILENO) == 1
  }

  /// What runs report to and ask.
  var monitor: RunMonitor {
    let announce: @Sendable (String) -> Void = { text in
      self.finish()
      note("note: \(text)")
    }
    return RunMonitor(
      progress: { fraction, what in self.draw(fraction, what) },
      isInterrupted: { Interrupt.isSet }, announce: isQuiet ? nil : announce)
  }

  private func draw(_ fraction: Double, _ what: String) {
    guard isEnabled else { return }
    state.withLock { state in
      let now = ContinuousClock.now
      guard now - state.start > .seconds(1), now - state.lastDrawn > .milliseconds(100) else { return }
      state.lastDrawn = now
      state.isShown = true
      let part = fraction.isFinite ? min(max(fraction, 0), 1) : 0
      let filled = Int(part * 30)
      let bar = String(repeating: "█", count: filled) + String(repeating: "·", count: 30 - filled)
      writeToStandardError("\r\u{1B}[K\(bar) \(Int(part * 100)) %  \(what)")
    }
  }

  /// Removes the bar.
  func finish() {
    state.withLock { state in
      if state.isShown { writeToStandardError("\r\u{1B}[K") }
      state.isShown = false
    }
  }
}

/// Progress where there is no terminal: a line every ten seconds.
final class PlainProgress: Sendable {
  private let last = Mutex(ContinuousClock.now)

  func show(_ text: String) {
    last.withLock { last in
      guard ContinuousClock.now - last > .seconds(10) else { return }
      last = .now
      note(text)
    }
  }
}
