import Dynamics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

#if Browser
  import NIOCore
  import NIOHTTP1
  import NIOPosix
#endif

/// An HTTP server for the pages of one user: it listens on 127.0.0.1 alone, at an address that holds a secret, and answers no
/// page of another origin.
///
/// Refused before anything else: hosts that are not this machine's names (another name that leads here), other origins,
/// addresses without the token, methods but GET and POST, bodies that are no JSON or too large, malformed requests, readers
/// that dawdle, and more connections than a user has tabs.
public final class LoopbackServer: Sendable {
  /// The most connections at a time.
  static let connections = 256
  /// The seconds that a request may take to come in, and a reader to take what is sent.
  static let patience: Int64 = 30

  /// Where it listens.
  public let port: Int
  /// What only the user knows: 128 random bits.
  public let token: String
  /// The address of the page.
  public var address: String { "http://127.0.0.1:\(port)/\(token)/" }

  #if Browser
    private let channel: any Channel
    private let group: MultiThreadedEventLoopGroup

    /// Begins to listen.
    ///
    /// - Parameters:
    ///   - port: 0 for any that is free.
    ///   - bodyLimit: the most bytes that a request may send along.
    ///   - policy: the content security policy of all answers.
    ///   - answer: takes a request and answers it later, from a thread of its own: it must not wait.
    /// Throws `InvalidInput` when the port is taken.
    public init(
      port: Int, bodyLimit: Int, policy: String, answer: @escaping @Sendable (HTTPRequest, any HTTPReply) -> Void
    ) throws(InvalidInput) {
      var generator = SystemRandomNumberGenerator()
      let token = (0..<2).map { _ in
        let digits = String(generator.next() as UInt64, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
      }.joined()
      let rules = LoopbackRules(token: token, bodyLimit: bodyLimit, policy: policy)
      let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
      let open = ConnectionCount()
      do {
        channel = try ServerBootstrap(group: group)
          .serverChannelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1)
          .childChannelOption(ChannelOptions.tcpOption(.tcp_nodelay), value: 1)
          .serverChannelInitializer { channel in
            channel.eventLoop.makeCompletedFuture { try Self.keepFromChildren(channel) }
          }
          .childChannelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
              try Self.keepFromChildren(channel)
              try channel.pipeline.syncOperations.configureHTTPServerPipeline()
              try channel.pipeline.syncOperations.addHandler(LoopbackHandler(rules, open, answer))
            }
          }
          .bind(host: "127.0.0.1", port: port).wait()
      } catch {
        group.shutdownGracefully { _ in }
        let reason = (error as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "\(error)"
        throw InvalidInput(
          "port \(port)", because: "it cannot be listened on: \(reason)",
          remedy: "choose another, or 0 for any that is free")
      }
      self.group = group
      self.port = channel.localAddress?.port ?? port
      self.token = token
    }

    /// Programs that are started from here do not inherit the socket: a browser would hold the port after our end.
    private static func keepFromChildren(_ channel: any Channel) throws {
      _ = try channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) {
        fcntl($0, F_SETFD, FD_CLOEXEC)
      }
    }

    /// Ends all connections.
    public func close() {
      channel.close(promise: nil)
      try? group.syncShutdownGracefully()
    }
  #else
    /// Throws `InvalidInput`: this build has no server.
    public init(
      port: Int, bodyLimit: Int, policy: String, answer: @escaping @Sendable (HTTPRequest, any HTTPReply) -> Void
    ) throws(InvalidInput) {
      throw InvalidInput(
        "explorer", because: "this binary was built without it",
        remedy: "build with the trait Browser, as make build does")
    }

    /// Ends all connections.
    public func close() {}
  #endif
}
