import Dynamics

/// The Taylor series of an expanded flow: a table of coefficients by level m and order k, level m to order N + M − m, M the
/// highest level. One pass over X for each coefficient.
///
/// Complexity: O((M + 1)·N·nd + (M + 1)²N²·d) a series.
final class ExpandedJet: Jet {
  let degree: Int
  private let flow: ExpandedFlow
  private let d: Int
  private let rows: Int
  private var unit = 1.0
  /// Wₘ and Vₘ, and where f is taken, [level][order][2d]; g, [level][order][d].
  private let w: UnsafeMutablePointer<Double>
  private let v: UnsafeMutablePointer<Double>
  private let point: UnsafeMutablePointer<Double>
  private let g: UnsafeMutablePointer<Double>
  private let theta: UnsafeMutablePointer<Double>
  private let residual: UnsafeMutablePointer<Double>
  private let source: UnsafeMutablePointer<Double>
  private let workspace = Workspace()

  init(_ flow: ExpandedFlow, degree: Int) {
    self.flow = flow
    self.degree = degree
    d = flow.network.featureCount
    rows = degree + flow.levels + 2
    let size = flow.levels * rows * 2 * d
    w = workspace.zeros(size)
    v = workspace.zeros(size)
    point = flow.parameter == .nesterovStep ? workspace.zeros(size) : w
    g = workspace.zeros(size / 2)
    theta = workspace.zeros(d)
    residual = workspace.zeros(flow.network.sampleCount)
    source = workspace.zeros(2 * d)
  }

  private func at(_ m: Int, _ k: Int) -> Int { (m * rows + k) * 2 * d }

  /// The coefficients of w of a level and order, 2d numbers.
  func weights(_ m: Int, _ k: Int) -> UnsafeMutablePointer<Double> { w + at(m, k) }

  /// A coefficient of coordinate j of a level's w (2d) | ẇ (2d).
  func coefficient(_ m: Int, _ k: Int, _ j: Int) -> Double {
    j < 2 * d ? w[at(m, k) + j] : v[at(m, k) + j - 2 * d]
  }

  func expand(_ y: UnsafePointer<Double>, at t: Double, unit: Double) {
    self.unit = unit
    let size = 2 * d
    for m in 0..<flow.levels {
      let start = y + 2 * size * m
      for j in 0..<size {
        w[at(m, 0) + j] = start[j]
        v[at(m, 0) + j] = start[size + j]
        w[at(m, 1) + j] = unit * start[size + j]
      }
      let last = degree + flow.levels - 1 - m
      for k in 0..<last {
        collectSource(m, k)
        if flow.parameter == .nesterovStep { shift(m, k) }
        gradient(m, k)
        // f of level m and order k: Σ ±gₐ w_b.
        for a in 0...m {
          for i in 0...k {
            let (gi, wi) = (g + at(a, i) / 2, point + at(m - a, k - i))
            for j in 0..<d {
              source[j] += gi[j] * wi[j]
              source[d + j] -= gi[j] * wi[d + j]
            }
          }
        }
        let share = -unit / (flow.lambda * Double(k + 1))
        let (now, next, further) = (v + at(m, k), v + at(m, k + 1), w + at(m, k + 2))
        for j in 0..<size {
          next[j] = share * (now[j] + source[j])
          further[j] = unit * next[j] / Double(k + 2)
        }
      }
    }
    flow.network.count(passes: flow.levels * degree)
  }

  /// Adds factor·DᵖWₘ of order k to `sum`.
  private func add(_ factor: Double, _ p: Int, _ m: Int, _ k: Int, to sum: UnsafeMutablePointer<Double>) {
    var scale = factor
    for i in 1...p { scale *= Double(k + i) / unit }
    let row = w + at(m, k + p)
    for j in 0..<2 * d { sum[j] += scale * row[j] }
  }

  /// Sₘ of order k.
  private func collectSource(_ m: Int, _ k: Int) {
    for j in 0..<2 * d { source[j] = 0 }
    guard m > 0 else { return }
    guard flow.parameter != .inertia else { return add(1, 2, m - 1, k, to: source) }
    var factorial = 1.0
    for j in 1...m {
      factorial *= Double(j + 1)
      add((j % 2 == 0 ? 1 : -1) / factorial, j + 1, m - j, k, to: source)
      if j % 2 == 0 { add(2 * flow.lambda / (factorial * Double(j + 2)), j + 2, m - j, k, to: source) }
    }
  }

  /// W + (1 − ε/λ)(W − W(t − ε)) of level m and order k.
  private func shift(_ m: Int, _ k: Int) {
    let p = point + at(m, k)
    for j in 0..<2 * d { p[j] = w[at(m, k) + j] }
    guard m > 0 else { return }
    var factorial = 1.0
    for j in 1...m {
      factorial *= Double(j)
      let factor = (j % 2 == 0 ? -1 : 1) / factorial
      add(factor, j, m - j, k, to: p)
      if j < m { add(-factor / flow.lambda, j, m - j - 1, k, to: p) }
    }
  }

  /// θ and g of level m and order k.
  private func gradient(_ m: Int, _ k: Int) {
    for i in 0..<d { theta[i] = 0 }
    for a in 0...m {
      for i in 0...k {
        let (p, q) = (point + at(a, i), point + at(m - a, k - i))
        for j in 0..<d { theta[j] += 0.25 * (p[j] * q[j] - p[d + j] * q[d + j]) }
      }
    }
    let problem = flow.network.problem
    let (x, n) = (problem.design.packed, flow.network.sampleCount)
    for q in 0..<n { residual[q] = m == 0 && k == 0 ? problem.response[q] : 0 }
    x.image(of: theta, keeping: -1, into: residual)
    x.pull(residual, scale: 1 / Double(n), into: g + at(m, k) / 2)
  }

  func lastOrders(_ tolerance: Tolerance) -> (before: Double, last: Double) {
    var norms = (0.0, 0.0)
    for m in 0..<flow.levels {
      let scale = (0..<m).reduce(1.0) { value, _ in value / flow.lambda }
      for j in 0..<2 * d {
        let first = abs(w[at(0, 0) + j]) + flow.lambda * abs(v[at(0, 0) + j])
        let own = abs(w[at(m, 0) + j]) + flow.lambda * abs(v[at(m, 0) + j])
        let bound = tolerance.bound(m == 0 ? own : own + scale * first)
        func largest(_ k: Int) -> Double {
          largerOrNaN(abs(w[at(m, k) + j]), flow.lambda * abs(v[at(m, k) + j])) / bound
        }
        norms.0 = largerOrNaN(norms.0, largest(degree - 1))
        norms.1 = largerOrNaN(norms.1, largest(degree))
      }
    }
    return norms
  }

  /// Calls `body` with each coordinate of the state and a function of its coefficients.
  private func forEachCoordinate(_ body: (Int, UnsafePointer<Double>) -> Void) {
    for m in 0..<flow.levels {
      for j in 0..<2 * d {
        body(4 * d * m + j, w + at(m, 0) + j)
        body(4 * d * m + 2 * d + j, v + at(m, 0) + j)
      }
    }
  }

  func mayChangeSign(_ coordinates: Range<Int>, within s: Double) -> Bool {
    var may = false
    forEachCoordinate { index, c in
      guard coordinates.contains(index), !may else { return }
      var (rest, power) = (0.0, 1.0)
      for k in 1...degree {
        power *= abs(s)
        rest += abs(c[2 * d * k]) * power
      }
      may = !(rest < abs(c[0]))
    }
    return may
  }

  func increment(to s: Double, into change: UnsafeMutablePointer<Double>) {
    forEachCoordinate { index, c in
      var sum = 0.0
      for k in stride(from: degree, through: 1, by: -1) { sum = (sum + c[2 * d * k]) * s }
      change[index] = sum
    }
  }

  func copyCoefficients(upTo s: Double, into c: UnsafeMutablePointer<Double>) {
    let dimension = flow.dimension
    forEachCoordinate { index, own in
      var power = 1.0
      for k in 0...degree {
        c[k * dimension + index] = power * own[2 * d * k]
        power *= s
      }
    }
  }
}
