/// A request that came in whole, from a page that knows the address.
public struct HTTPRequest: Sendable {
  /// GET, POST, …
  public let method: String
  /// What follows the token in the address, without its slash and without a query; empty for the page itself.
  public let path: String
  /// What was sent along.
  public let body: [UInt8]

  /// A request from its parts.
  public init(method: String, path: String, body: [UInt8] = []) {
    (self.method, self.path, self.body) = (method, path, body)
  }
}
