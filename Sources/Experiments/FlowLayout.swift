import Networks

/// Where the parts of a flow's state stand: w (m) | ẇ (m, momentum only) | the network's integrals (q) | dissipation.
struct FlowLayout: Sendable {
  let weights: Range<Int>
  /// Empty for gradient flow, whose rate is a function of w.
  let rates: Range<Int>
  /// What balances the additive identity.
  let balanceIntegral: Range<Int>
  /// ∫g; empty for networks that do not carry it.
  let gradientIntegral: Range<Int>
  let dissipation: Int

  init(_ kind: FlowSpecification.Kind, _ network: any Network) {
    let m = network.dimension
    let dynamic = kind.hasMomentum ? 2 * m : m
    func place(_ range: Range<Int>) -> Range<Int> { dynamic + range.lowerBound..<dynamic + range.upperBound }
    weights = 0..<m
    rates = m..<dynamic
    balanceIntegral = place(network.balanceIntegral)
    gradientIntegral = place(network.gradientIntegral)
    dissipation = dynamic + network.integralCount
  }

  var dimension: Int { dissipation + 1 }
}
