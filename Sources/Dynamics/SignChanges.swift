/// The sign changes in (0, 1] of the polynomial Σ cₖ sᵏ, in increasing order.
///
/// Isolation by Descartes' rule in the Bernstein basis with bisection (all roots of odd multiplicity are found; two
/// within 2⁻⁴⁸ of each other count as none), then bisection with the polynomial's own sign. Roots of even multiplicity
/// are no sign changes. Complexity: O(degree²) per subdivision.
///
/// Source: Mourrain, Rouillier, Roy, "The Bernstein basis and real root isolation", 2005, algorithm 1.
func signChanges(ofPolynomial c: [Double]) -> [Double] {
  let n = c.count - 1
  guard n > 0 else { return [] }
  // bⱼ = Σ_{k ≤ j} C(j, k)/C(n, k) cₖ
  var bernstein = [Double](repeating: 0, count: n + 1)
  for j in 0...n {
    var weight = 1.0
    for k in 0...j {
      bernstein[j] += weight * c[k]
      if k < n { weight *= Double(j - k) / Double(n - k) }
    }
  }
  var roots: [Double] = []
  isolate(bernstein, 0, 1, depth: 0, polynomial: c, into: &roots)
  return roots
}

private func isolate(
  _ b: [Double], _ low: Double, _ high: Double, depth: Int, polynomial c: [Double], into roots: inout [Double]
) {
  var variations = 0
  var last = 0.0
  for value in b where value != 0 {
    if last != 0, (value < 0) != (last < 0) { variations += 1 }
    last = value
  }
  if variations == 0 { return }
  if variations == 1 {
    roots.append(bisect(c, low, high, risesFromNegative: last > 0))
    return
  }
  if depth == 48 {
    if variations % 2 == 1 { roots.append(0.5 * (low + high)) }
    return
  }
  // de Casteljau near the middle: not at it, where roots of simple polynomials like to be.
  let part = 0.48828125
  var left = b
  var right = b
  let n = b.count - 1
  for level in 1...n {
    for j in stride(from: n, through: level, by: -1) {
      left[j] = (1 - part) * left[j - 1] + part * left[j]
    }
    right[n - level] = left[n]
  }
  let middle = low + part * (high - low)
  isolate(left, low, middle, depth: depth + 1, polynomial: c, into: &roots)
  isolate(right, middle, high, depth: depth + 1, polynomial: c, into: &roots)
}

private func bisect(_ c: [Double], _ low: Double, _ high: Double, risesFromNegative: Bool) -> Double {
  var low = low
  var high = high
  while true {
    let middle = 0.5 * (low + high)
    if middle <= low || middle >= high { return high }
    var value = 0.0
    for k in stride(from: c.count - 1, through: 0, by: -1) {
      value = value * middle + c[k]
    }
    if (value > 0) == risesFromNegative && value != 0 {
      high = middle
    } else {
      low = middle
    }
  }
}
