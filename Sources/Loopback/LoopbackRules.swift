/// Whom the server answers.
package struct LoopbackRules: Sendable {
  /// The secret in the address.
  let token: String
  /// The most bytes that a request may send along.
  let bodyLimit: Int
  /// The content security policy.
  let policy: String

  /// Rules from their parts.
  package init(token: String, bodyLimit: Int, policy: String) {
    (self.token, self.bodyLimit, self.policy) = (token, bodyLimit, policy)
  }

  /// What is wrong with the head of a request: a status and a sentence; nil when nothing is.
  ///
  /// A page of another site can send requests here but cannot choose their Host and Origin, nor know the token: the first keeps
  /// out names that were made to lead here (DNS rebinding), the second other sites, the third other users of this machine.
  package func objection(
    method: String, target: String, hosts: [String], origins: [String], types: [String], length: Int?
  ) -> (status: Int, reason: String)? {
    guard hosts.count == 1, let host = hosts.first, Self.isLocal(host) else {
      return (403, "this server answers to localhost and 127.0.0.1 only")
    }
    guard origins.allSatisfy({ $0 == "http://" + host }) else {
      return (403, "another site's page has no business here")
    }
    guard let first = Self.parts(target)?.token, Self.areEqual(first, token) else {
      return (404, "the address lacks its token: open the one that mgf explore has printed")
    }
    guard ["GET", "POST"].contains(method) else { return (405, "\(method) is not answered; GET and POST are") }
    if method == "POST" {
      guard types.contains(where: { $0.hasPrefix("application/json") }) else { return (415, "a body is JSON") }
      guard length ?? 0 <= bodyLimit else { return (413, tooLarge) }
    }
    return nil
  }

  /// Why a body is refused that is too large.
  var tooLarge: String { "a request is at most \(bodyLimit) bytes long" }

  /// The token and the path of an address `/TOKEN/PATH?QUERY`; nil for others.
  package static func parts(_ target: String) -> (token: String, path: String)? {
    guard target.hasPrefix("/") else { return nil }
    let path = target.dropFirst().prefix { $0 != "?" && $0 != "#" }
    guard let slash = path.firstIndex(of: "/") else { return nil }
    return (String(path[..<slash]), String(path[path.index(after: slash)...]))
  }

  /// Whether a Host is a name of this machine for itself, with any port: tunnels have their own.
  private static func isLocal(_ host: String) -> Bool {
    ["127.0.0.1", "localhost", "[::1]"].contains { name in
      guard host.hasPrefix(name) else { return false }
      let rest = host.dropFirst(name.count)
      return rest.isEmpty
        || rest.first == ":" && (2...6).contains(rest.count) && rest.dropFirst().allSatisfy { ("0"..."9").contains($0) }
    }
  }

  /// Compares in a time that does not tell where two texts begin to differ.
  private static func areEqual(_ a: String, _ b: String) -> Bool {
    a.utf8.count == b.utf8.count && zip(a.utf8, b.utf8).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
  }
}
