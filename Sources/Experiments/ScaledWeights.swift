import Dynamics

/// Weights and rates times powers of two, of those that doubles hold and those that only `FarWeights` does.
struct ScaledWeights {
  /// 2d numbers each.
  let weights: [Double]
  let rates: [Double]
  /// 2d powers of two; nil where there is nothing to scale.
  let exponents: [Int]?

  init(_ weights: [Double], _ rates: [Double], _ far: [FarWeights.Weight]) {
    var (w, v, e) = (weights, rates, [Int](repeating: 0, count: weights.count))
    for weight in far {
      w[weight.coordinate] = weight.value
      v[weight.coordinate] = weight.rate
      e[weight.coordinate] = weight.exponent
    }
    (self.weights, self.rates) = (w, v)
    exponents = far.isEmpty ? nil : e
  }
}
