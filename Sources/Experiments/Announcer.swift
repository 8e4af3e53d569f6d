import Dynamics

/// Tells whoever waits for a long run how it gets on: after five seconds, and again each time that ten times as long has passed.
final class Announcer {
  private let announce: (@Sendable (String) -> Void)?
  private let began = ContinuousClock.now
  private var next = 5.0

  /// An announcer to a monitor; without a listener it costs nothing.
  init(_ monitor: RunMonitor) { announce = monitor.announce }

  /// Seconds since the start.
  var seconds: Double { (ContinuousClock.now - began).inSeconds }

  /// Tells `text`, given the seconds so far, if it is time to; nil when there is nothing to say yet.
  func tell(_ text: (Double) -> String?) {
    guard let announce else { return }
    let seconds = seconds
    guard seconds >= next else { return }
    guard let text = text(seconds) else {
      next = 2 * seconds
      return
    }
    next = 10 * seconds
    announce(text + "; Ctrl-C ends it with what there is")
  }
}
