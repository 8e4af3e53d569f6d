import LinearAlgebra

// Here, where it is asked for every entry, so that it is inlined.
extension WeightedGram {
  /// Entry (q, r), r ≤ q, of the k-th product.
  subscript(k: Int, q: Int, r: Int) -> Double { products[(q * count + k) * x.rows + r] }
}
