import Dynamics

/// The expansion of a motion in a parameter, W(t) = Σₘ Wₘ(t)·parameterᵐ, as Taylor coefficients by level m and order k of time:
/// what λẄₘ + Ẇₘ + [f(W)]ₘ + Sₘ = 0 asks for, Sₘ made of derivatives of the lower levels.
///
/// In the inertia, λ → λ + δ: Sₘ = Ẅₘ₋₁. In the time step ε of the iterates: with D = d/dt the advance–delay equation
/// λ(W(t + ε) − 2W + W(t − ε))/ε² + (W − W(t − ε))/ε + f(W) = 0 (Nesterov: f at W + (1 − ε/λ)(W − W(t − ε))) gives
/// Sₘ = Σⱼ Sⱼ Wₘ₋ⱼ, Sⱼ = (−1)ʲ/(j + 1)!·Dʲ⁺¹ + 2λ/(j + 2)!·Dʲ⁺² (j even). At fixed λ′ = λ − ε/2, by which heavy ball is
/// symmetric in time but for its friction, even j alone remain, λ′ in the place of λ.
///
/// A coefficient may itself be a series along a path, of `places` orders: the expansion begun anew at each point of the path,
/// with Wₘ = Ẇₘ = 0 for m > 0.
///
/// Source: Theory, eqs. 5.5 and 8.3. Complexity of a coefficient of level m, order k and place l: O((m + 1)(k + 1)(l + 1)·d),
/// and a pass over X.
final class ExpandedSeries {
  /// The unit of time.
  var unit = 1.0
  private let network: DiagonalNetwork
  private let parameter: ExpandedFlow.Parameter
  private let lambda: Double
  private let (isSymmetric, isRestarted): (Bool, Bool)
  private let d: Int
  private let rows: Int
  private let places: Int
  /// The lowest order of each level that need not be zero.
  private let first: [Int]
  /// Wₘ, and where f is taken, [level][order][place][2d]; g, [level][order][place][d].
  private let w: UnsafeMutablePointer<Double>
  private let shifted: UnsafeMutablePointer<Double>
  private let g: UnsafeMutablePointer<Double>
  private let theta: UnsafeMutablePointer<Double>
  private let residual: UnsafeMutablePointer<Double>
  private let sum: UnsafeMutablePointer<Double>
  private let workspace = Workspace()

  /// Memory for `rows` orders of each level. With `places` it is begun anew along a path.
  init(
    _ network: DiagonalNetwork, in parameter: ExpandedFlow.Parameter, lambda: Double, levels: Int, rows: Int,
    places: Int? = nil, isSymmetric: Bool = false
  ) {
    self.network = network
    self.parameter = parameter
    self.lambda = lambda
    (self.isSymmetric, isRestarted) = (isSymmetric, places != nil)
    self.rows = rows
    self.places = places ?? 1
    d = network.featureCount
    first = (0..<levels).map {
      $0 == 0 || places == nil || parameter == .nesterovStep ? 0 : isSymmetric && $0 % 2 == 1 ? rows : 2
    }
    let size = levels * rows * self.places * 2 * d
    w = workspace.zeros(size)
    shifted = parameter == .nesterovStep ? workspace.zeros(size) : w
    g = workspace.zeros(size / 2)
    theta = workspace.zeros(d)
    residual = workspace.zeros(network.sampleCount)
    sum = workspace.zeros(2 * d)
  }

  private func at(_ m: Int, _ k: Int, _ l: Int) -> Int { ((m * rows + k) * places + l) * 2 * d }

  /// The coefficients of a level and order, 2d numbers.
  func weights(_ m: Int, _ k: Int, _ l: Int = 0) -> UnsafeMutablePointer<Double> { w + at(m, k, l) }

  /// g of level and order 0, d numbers.
  func gradient(ofPlace l: Int) -> UnsafeMutablePointer<Double> { g + at(0, 0, l) / 2 }

  private func point(_ m: Int, _ k: Int, _ l: Int) -> UnsafeMutablePointer<Double> {
    (m == 0 ? w : shifted) + at(m, k, l)
  }

  /// Whether f of a level and order takes a pass over X: not where it vanishes, nor where it is a derivative of the path's.
  func takesPass(_ m: Int, _ k: Int) -> Bool { k >= first[m] && !(isRestarted && m + k == 1) }

  /// [f(W)]ₘ + Σⱼ Sⱼ Wₘ₋ⱼ of order k, j from `lowest` on: 2d numbers, until the next call.
  func force(_ m: Int, _ k: Int, _ l: Int = 0, from lowest: Int = 1) -> UnsafeMutablePointer<Double> {
    for j in 0..<2 * d { sum[j] = 0 }
    for j in stride(from: lowest, through: m, by: 1) { addSource(j, m, k, l) }
    if parameter == .nesterovStep, m > 0 { shift(m, k, l) }
    guard k >= first[m] else { return sum }
    if takesPass(m, k) { gradient(m, k, l) }
    for a in 0...m {
      for i in stride(from: first[a], through: k - first[m - a], by: 1) {
        for q in 0...l {
          let (g, w) = (g + at(a, i, q) / 2, point(m - a, k - i, l - q))
          for j in 0..<d {
            sum[j] += g[j] * w[j]
            sum[d + j] -= g[j] * w[d + j]
          }
        }
      }
    }
    return sum
  }

  /// Along a path ẇ = W₁ of order one: the gradients that are derivatives of the path's own, which is known to place l + 1.
  func shareGradient(_ l: Int) {
    let (next, own) = (g + at(0, 0, l + 1) / 2, g + at(0, 1, l) / 2)
    for i in 0..<d { own[i] = Double(l + 1) * next[i] }
    guard parameter == .nesterovStep else { return }
    let ahead = g + at(1, 0, l) / 2
    for i in 0..<d { ahead[i] = own[i] / unit }
  }

  /// Adds Sⱼ Wₘ₋ⱼ of order k to what `force` gave.
  func addSource(_ j: Int, _ m: Int, _ k: Int, _ l: Int = 0) {
    if parameter == .inertia {
      if j == 1 { add(1, 2, m - 1, k, l, to: sum) }
      return
    }
    guard j % 2 == 0 || !isSymmetric else { return }
    let factorial = (1...j + 1).reduce(1.0) { $0 * Double($1) }
    add((j % 2 == 0 ? 1 : -1) / factorial, j + 1, m - j, k, l, to: sum)
    if j % 2 == 0 { add(2 * lambda / (factorial * Double(j + 2)), j + 2, m - j, k, l, to: sum) }
  }

  /// Adds factor·DᵖWₘ of order k to `sum`.
  private func add(_ factor: Double, _ p: Int, _ m: Int, _ k: Int, _ l: Int, to sum: UnsafeMutablePointer<Double>) {
    var scale = factor
    for i in 1...p { scale *= Double(k + i) / unit }
    let row = weights(m, k + p, l)
    for j in 0..<2 * d { sum[j] += scale * row[j] }
  }

  /// W + (1 − ε/λ)(W − W(t − ε)) of level m > 0 and order k.
  private func shift(_ m: Int, _ k: Int, _ l: Int) {
    let p = point(m, k, l)
    for j in 0..<2 * d { p[j] = weights(m, k, l)[j] }
    var factorial = 1.0
    for j in 1...m {
      factorial *= Double(j)
      let factor = (j % 2 == 0 ? -1 : 1) / factorial
      add(factor, j, m - j, k, l, to: p)
      if j < m { add(-factor / lambda, j, m - j - 1, k, l, to: p) }
    }
  }

  /// θ and g of level m, order k and place l.
  private func gradient(_ m: Int, _ k: Int, _ l: Int) {
    for i in 0..<d { theta[i] = 0 }
    for a in 0...m {
      for i in stride(from: first[a], through: k - first[m - a], by: 1) {
        var factor = 0.25
        // Along a path, where most of the time goes, products that occur twice are taken once.
        if isRestarted, (2 * a, 2 * i) != (m, k) {
          guard (2 * a, 2 * i) < (m, k) else { continue }
          factor = 0.5
        }
        for q in 0...l {
          let (p, r) = (point(a, i, q), point(m - a, k - i, l - q))
          for j in 0..<d { theta[j] += factor * (p[j] * r[j] - p[d + j] * r[d + j]) }
        }
      }
    }
    let (x, n) = (network.problem.design.packed, network.sampleCount)
    for q in 0..<n { residual[q] = m + k + l == 0 ? network.problem.response[q] : 0 }
    x.image(of: theta, keeping: -1, into: residual)
    x.pull(residual, scale: 1 / Double(n), into: g + at(m, k, l) / 2)
  }
}
