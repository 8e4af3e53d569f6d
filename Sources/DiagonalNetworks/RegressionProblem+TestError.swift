extension RegressionProblem {
  /// The test error E is quadratic: E(θ + t) = E(θ) + slope + square, exactly; nil where there is none.
  ///
  /// - Parameters:
  ///   - theta, t: θ and a direction, d numbers each.
  /// Complexity: O(d), with held-out rows O(rows·d).
  public func testErrorTerms(_ theta: [Double], along t: [Double]) -> (slope: Double, square: Double)? {
    func terms(_ pairs: some Sequence<(Double, Double)>) -> (slope: Double, square: Double) {
      pairs.reduce((0, 0)) { ($0.0 + 2 * $1.0 * $1.1, $0.1 + $1.1 * $1.1) }
    }
    func distance(_ truth: [Double]) -> [Double] { zip(theta, truth).map { $0 - $1 } }
    switch test {
    case .heldOut(let x, let y):
      let residual = zip(x.times(theta), y).map { $0 - $1 }
      let found = terms(zip(residual, x.times(t)))
      return (found.slope / Double(y.count), found.square / Double(y.count))
    case .gaussian(let mean):
      guard let truth else { return nil }
      let delta = distance(truth)
      let (own, sums) = (terms(zip(delta, t)), (delta.reduce(0, +), t.reduce(0, +)))
      return (own.slope + 2 * mean * mean * sums.0 * sums.1, own.square + mean * mean * sums.1 * sums.1)
    case .parameters:
      guard let truth else { return nil }
      return terms(zip(distance(truth), t))
    case .none:
      return nil
    }
  }
}
