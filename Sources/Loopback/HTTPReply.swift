/// The answer to a request: all at once, or piece by piece while it is being found out.
///
/// Its functions may be called from any thread but those of the server; they wait until the reader has taken what is sent.
public protocol HTTPReply: Sendable {
  /// Whether the reader has gone away: nobody wants the rest.
  var isGone: Bool { get }
  /// Answers all at once.
  func send(_ status: Int, type: String, _ bytes: [UInt8])
  /// Begins an answer with status 200 whose length is not known yet.
  func begin(type: String)
  /// Adds a piece.
  func write(_ bytes: [UInt8])
  /// Ends an answer that was begun.
  func end()
}
