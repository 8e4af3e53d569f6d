#if Browser
  import NIOCore
  import NIOHTTP1
  import Synchronization

  /// The answer to one request over a connection.
  final class Exchange: HTTPReply, Sendable {
    private let channel: any Channel
    private let keepAlive: Bool
    private let rules: LoopbackRules
    private let hasLeft = Atomic<Bool>(false)
    /// Whether the end was sent; asked and set on the event loop alone.
    private let hasEnded = Atomic<Bool>(false)
    private let done: EventLoopPromise<Void>

    init(_ channel: any Channel, keepAlive: Bool, _ rules: LoopbackRules) {
      (self.channel, self.keepAlive, self.rules) = (channel, keepAlive, rules)
      done = channel.eventLoop.makePromise()
    }

    var isGone: Bool { hasLeft.load(ordering: .relaxed) }

    /// Notes that the reader has gone away.
    func leave() {
      if !hasLeft.exchange(true, ordering: .relaxed) { done.succeed() }
    }

    /// Calls `body`, on the event loop, when the answer is complete.
    func whenDone(_ body: @escaping @Sendable () -> Void) { done.futureResult.whenSuccess { body() } }

    func send(_ status: Int, type: String, _ bytes: [UInt8]) {
      put(head(status, type, length: bytes.count), bytes, isLast: true)
    }

    func begin(type: String) { put(head(200, type, length: nil), []) }

    func write(_ bytes: [UInt8]) { put(nil, bytes) }

    func end() { put(nil, [], isLast: true) }

    /// Answers on the event loop, without waiting; the connection is left to the caller.
    func refuse(_ status: Int, _ reason: String) {
      let text = Array("{\"fault\":{\"message\":\"\(reason)\"}}".utf8)
      done.succeed()
      channel.write(HTTPServerResponsePart.head(head(status, "application/json", length: text.count)), promise: nil)
      channel.write(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: text))), promise: nil)
      channel.writeAndFlush(HTTPServerResponsePart.end(nil), promise: nil)
    }

    private func head(_ status: Int, _ type: String, length: Int?) -> HTTPResponseHead {
      var headers = HTTPHeaders([
        ("Content-Type", type), ("Cache-Control", "no-store"), ("Content-Security-Policy", rules.policy),
        ("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"), ("Referrer-Policy", "no-referrer"),
        ("Cross-Origin-Resource-Policy", "same-origin"), ("Cross-Origin-Opener-Policy", "same-origin"),
      ])
      if let length { headers.add(name: "Content-Length", value: "\(length)") }
      if !keepAlive { headers.add(name: "Connection", value: "close") }
      return HTTPResponseHead(version: .http1_1, status: HTTPResponseStatus(statusCode: status), headers: headers)
    }

    /// The most bytes that are sent at a time.
    private static let portion = 1 << 18

    /// Sends portion by portion and waits until each is taken; a reader that takes too long for one is left.
    private func put(_ head: HTTPResponseHead?, _ bytes: [UInt8], isLast: Bool = false) {
      guard bytes.count > Self.portion else { return send(head, bytes[...], isLast: isLast) }
      for start in stride(from: 0, to: bytes.count, by: Self.portion) {
        let end = min(start + Self.portion, bytes.count)
        send(start == 0 ? head : nil, bytes[start..<end], isLast: isLast && end == bytes.count)
      }
    }

    private func send(_ head: HTTPResponseHead?, _ bytes: ArraySlice<UInt8>, isLast: Bool) {
      guard !isGone else { return }
      let (channel, loop) = (channel, channel.eventLoop)
      let late = loop.scheduleTask(in: .seconds(LoopbackServer.patience)) { channel.close(promise: nil) }
      let sent = loop.flatSubmit { self.put(channel, head, bytes, isLast: isLast) }
      do { try sent.wait() } catch { leave() }
      late.cancel()
    }

    private func put(
      _ channel: any Channel, _ head: HTTPResponseHead?, _ bytes: ArraySlice<UInt8>, isLast: Bool
    ) -> EventLoopFuture<Void> {
      // What was given up may still report: it comes too late.
      guard !hasEnded.load(ordering: .relaxed) else { return channel.eventLoop.makeSucceededVoidFuture() }
      if isLast { hasEnded.store(true, ordering: .relaxed) }
      if let head { channel.write(HTTPServerResponsePart.head(head), promise: nil) }
      if !bytes.isEmpty {
        channel.write(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: bytes))), promise: nil)
      }
      guard isLast else { return channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer()))) }
      let (keepAlive, done) = (keepAlive, done)
      return channel.writeAndFlush(HTTPServerResponsePart.end(nil)).always { _ in
        done.succeed()
        if !keepAlive { channel.close(promise: nil) }
      }
    }
  }
#endif
