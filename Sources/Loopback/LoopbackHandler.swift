#if Browser
  import NIOCore
  import NIOHTTP1
  import Synchronization

  /// How many connections there are.
  final class ConnectionCount: Sendable {
    let value = Atomic<Int>(0)
  }

  /// One connection: collects requests, checks them, hands them on and takes the answers.
  ///
  /// It lives on its event loop alone, but for what `Exchange` does.
  final class LoopbackHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let rules: LoopbackRules
    private let open: ConnectionCount
    private let answer: @Sendable (HTTPRequest, any HTTPReply) -> Void
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []
    private var isRefused = false
    private var exchange: Exchange?
    /// Ends a connection on which no request is complete in time.
    private var deadline: Scheduled<Void>?

    init(
      _ rules: LoopbackRules, _ open: ConnectionCount,
      _ answer: @escaping @Sendable (HTTPRequest, any HTTPReply) -> Void
    ) {
      (self.rules, self.open, self.answer) = (rules, open, answer)
    }

    func channelActive(context: ChannelHandlerContext) {
      if open.value.add(1, ordering: .relaxed).newValue > LoopbackServer.connections { context.close(promise: nil) }
      wait(context)
    }

    func channelInactive(context: ChannelHandlerContext) {
      open.value.subtract(1, ordering: .relaxed)
      deadline?.cancel()
      exchange?.leave()
      exchange = nil
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      switch unwrapInboundIn(data) {
      case .head(let head):
        (self.head, body, isRefused) = (head, [], false)
        wait(context)
        let length = head.headers["Content-Length"].first.flatMap { Int($0) }
        let objection = rules.objection(
          method: head.method.rawValue, target: head.uri, hosts: head.headers["Host"], origins: head.headers["Origin"],
          types: head.headers["Content-Type"], length: length)
        if let objection { refuse(context, objection) }
      case .body(var buffer):
        guard !isRefused else { return }
        guard body.count + buffer.readableBytes <= rules.bodyLimit else {
          return refuse(context, (413, rules.tooLarge))
        }
        body += buffer.readBytes(length: buffer.readableBytes) ?? []
      case .end:
        if isRefused { return context.close(promise: nil) }
        guard let head, let path = LoopbackRules.parts(head.uri)?.path else { return }
        deadline?.cancel()
        let exchange = Exchange(context.channel, keepAlive: head.isKeepAlive, rules)
        self.exchange = exchange
        let request = HTTPRequest(method: head.method.rawValue, path: path, body: body)
        body = []
        self.head = nil
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        exchange.whenDone { bound.value.0.wait(bound.value.1) }
        answer(request, exchange)
      }
    }

    /// Gives the next request its time to come in.
    private func wait(_ context: ChannelHandlerContext) {
      guard context.channel.isActive else { return }
      deadline?.cancel()
      let channel = context.channel
      deadline = context.eventLoop.scheduleTask(in: .seconds(LoopbackServer.patience)) { channel.close(promise: nil) }
    }

    /// Answers a request that is not to be heard; what comes of it still is thrown away, for a moment, since a connection that
    /// ends with something unread takes the answer with it.
    private func refuse(_ context: ChannelHandlerContext, _ objection: (status: Int, reason: String)) {
      isRefused = true
      deadline?.cancel()
      let channel = context.channel
      deadline = context.eventLoop.scheduleTask(in: .seconds(2)) { channel.close(promise: nil) }
      Exchange(channel, keepAlive: false, rules).refuse(objection.status, objection.reason)
    }
  }
#endif
