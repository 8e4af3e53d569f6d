import Dynamics
import Testing

@Suite struct GaussRuleTests {
  @Test("n nodes integrate x^k exactly up to k = 2n − 1, and no further", arguments: [1, 2, 3, 7, 16])
  func exactness(_ count: Int) {
    let rule = GaussRule(count)
    #expect(rule.nodes == rule.nodes.sorted() && rule.nodes.allSatisfy { $0 > 0 && $0 < 1 })
    func error(_ k: Int) -> Double {
      let sum = zip(rule.nodes, rule.weights).reduce(0) { total, node in
        total + node.1 * (0..<k).reduce(1) { power, _ in power * node.0 }
      }
      return abs(sum * Double(k + 1) - 1)
    }
    for k in 0..<2 * count { #expect(error(k) < 1e-14, "x^\(k)") }
    // What is left of x^2n is (n!)⁴/((2n)!)²: it shows while doubles can tell.
    if count <= 7 { #expect(error(2 * count) > 1e-9) }
  }
}
