import RealModule

/// Signed limits at rising λ at none of which a weight has changed its sign, and where one may have changed twice between.
package struct SignedLimitPath {
  /// λ and the signed limits there, by λ.
  package private(set) var nodes: [(lambda: Double, limit: SignedLimit)] = []

  /// None yet.
  package init() {}

  /// Adds one.
  package mutating func insert(_ lambda: Double, _ limit: SignedLimit) {
    let k = nodes.firstIndex { $0.lambda >= lambda } ?? nodes.count
    if k < nodes.count, nodes[k].lambda == lambda { return }
    nodes.insert((lambda, limit), at: k)
  }

  /// Drops all above some λ.
  mutating func truncate(above lambda: Double) { nodes.removeAll { $0.lambda > lambda } }

  /// The intervals wider than `resolution` in ln λ on which a signed limit may dip below zero: where the cubic through its
  /// ends has a minimum no higher than its error. That error is taken from the next wider cubic, which leaves out one
  /// node: halving an interval divides it by 16, of which 4 are given away.
  package func doubtful(_ resolution: Double) -> [ClosedRange<Double>] {
    guard nodes.count > 1 else { return [] }
    return (1..<nodes.count).compactMap { k in
      let (a, b) = (nodes[k - 1].lambda, nodes[k].lambda)
      guard Double.log(b / a) > resolution else { return nil }
      let mayDip = nodes[k].limit.values.indices.contains { i in
        let cubic = self.cubic(k - 1, k, i)
        guard let dip = cubic.criticalPoints.map({ cubic.value(at: $0) }).min() else { return false }
        return dip <= 0.25 * max(misfit(at: k - 1, i), misfit(at: k, i))
      }
      return mayDip ? a...b : nil
    }
  }

  /// How far a node lies from the cubic of its neighbours; zero at the ends.
  private func misfit(at k: Int, _ i: Int) -> Double {
    guard k > 0, k + 1 < nodes.count else { return 0 }
    return abs(nodes[k].limit.values[i] - cubic(k - 1, k + 1, i).value(at: nodes[k].lambda))
  }

  private func cubic(_ j: Int, _ k: Int, _ i: Int) -> HermiteCubic {
    HermiteCubic(
      from: nodes[j].lambda, to: nodes[k].lambda, (nodes[j].limit.values[i], nodes[k].limit.values[i]),
      slopes: (slope(at: j, i), slope(at: k, i)))
  }

  /// ∂F/∂λ, for discrete methods from the parabola through a node and its neighbours.
  private func slope(at k: Int, _ i: Int) -> Double {
    if let slopes = nodes[k].limit.slopes { return slopes[i] }
    func secant(_ j: Int) -> Double {
      (nodes[j + 1].limit.values[i] - nodes[j].limit.values[i]) / (nodes[j + 1].lambda - nodes[j].lambda)
    }
    if k == 0 { return secant(0) }
    if k + 1 == nodes.count { return secant(k - 1) }
    let (left, right) = (nodes[k].lambda - nodes[k - 1].lambda, nodes[k + 1].lambda - nodes[k].lambda)
    return (secant(k - 1) * right + secant(k) * left) / (left + right)
  }
}
