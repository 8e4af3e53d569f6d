import Dynamics

extension WorkLimit {
  /// Multiply-adds that a pass over X costs, about: n·d, and the state's own arithmetic beside it.
  package static func work(samples n: Int, features d: Int) -> Double {
    Double(n) * Double(d) + 50 * Double(d) + 500
  }

  /// The multiply-adds allowed where nobody says otherwise: half an hour to an hour on one core where data stay in cache (10
  /// to 20 thousand million a second), some hours where every pass reads a large X from memory. 7.7·10⁹ passes at (20, 30),
  /// 1.3·10⁸ at (100, 1000), 5.6·10⁷ at (128, 2000), 2·10⁴ for X of 8 GB.
  package static let standardWork = 2e13

  /// The most passes over X of n × d where nobody says otherwise.
  package static func standardPasses(samples n: Int, features d: Int) -> Int {
    max(1000, Int(standardWork / work(samples: n, features: d)))
  }
}
