import Loopback
import Testing

struct LoopbackRulesTests {
  private let rules = LoopbackRules(token: "secret", bodyLimit: 100, policy: "")

  private func status(
    _ target: String = "/secret/", method: String = "GET", hosts: [String] = ["127.0.0.1:8000"], origins: [String] = [],
    types: [String] = [], length: Int? = nil
  ) -> Int? {
    rules.objection(
      method: method, target: target, hosts: hosts, origins: origins, types: types, length: length)?.status
  }

  @Test func theAddressIsEnough() {
    #expect(status() == nil)
    #expect(status("/secret/start?x=1") == nil)
    #expect(LoopbackRules.parts("/secret/start?x=1")?.path == "start")
  }

  @Test(arguments: ["127.0.0.1", "127.0.0.1:1", "localhost:65535", "localhost", "[::1]:80"])
  func namesOfThisMachine(_ host: String) { #expect(status(hosts: [host]) == nil) }

  @Test(arguments: [
    "evil.com", "127.0.0.1.evil.com", "localhost.evil.com:80", "127.0.0.1:", "127.0.0.1:123456", "localhost:8a", "",
    "localhost@evil.com", "127.0.0.1:80:80",
  ])
  func otherNames(_ host: String) { #expect(status(hosts: [host]) == 403) }

  @Test func oneHost() {
    #expect(status(hosts: []) == 403)
    #expect(status(hosts: ["localhost", "localhost"]) == 403)
  }

  @Test func origins() {
    #expect(status(origins: ["http://127.0.0.1:8000"]) == nil)
    for other in ["http://127.0.0.1:8001", "https://127.0.0.1:8000", "null", "http://evil.com", ""] {
      #expect(status(origins: [other]) == 403)
    }
    #expect(status(origins: ["http://127.0.0.1:8000", "http://evil.com"]) == 403)
  }

  @Test(arguments: [
    "/", "/secret", "/Secret/", "/secre/", "/secrets/", "//secret/", "secret/", "", "/..%2fsecret/", "*",
  ])
  func tokens(_ target: String) { #expect(status(target) == 404) }

  @Test func methodsAndBodies() {
    #expect(status(method: "PUT") == 405)
    #expect(status(method: "OPTIONS") == 405)
    #expect(status(method: "POST") == 415)
    #expect(status(method: "POST", types: ["text/plain"]) == 415)
    #expect(status(method: "POST", types: ["application/json; charset=utf-8"], length: 100) == nil)
    #expect(status(method: "POST", types: ["application/json"], length: 101) == 413)
  }
}
