import Synchronization

/// What another thread is at.
final class Stage: Sendable {
  private let content = Mutex<String?>(nil)

  /// For people; nil before anything was said.
  var text: String? {
    get { content.withLock { $0 } }
    set { content.withLock { $0 = newValue } }
  }
}
