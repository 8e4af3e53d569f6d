import Dynamics

/// The Taylor series of a corrected flow with its integrals, by plain recurrences: one pass over X an order, two at order 3.
///
/// Coefficients are those of time in `unit`; a point over a series is d/dt. Complexity: O(N·nd + N²·d) a series.
final class CorrectedJet: Jet {
  let degree: Int
  private let flow: CorrectedFlow
  private let d: Int
  private let dimension: Int
  private var unit = 1.0
  /// The state, order by order, up to degree N; w to one order more.
  private let table: UnsafeMutablePointer<Double>
  private let theta: UnsafeMutablePointer<Double>
  private let residual: UnsafeMutablePointer<Double>
  /// g, then ±: f, a, κ and the gradient of the mixed term, order by order.
  private let g: UnsafeMutablePointer<Double>
  private let f: UnsafeMutablePointer<Double>
  private let a: UnsafeMutablePointer<Double>
  private let kappa: UnsafeMutablePointer<Double>
  private let mixed: UnsafeMutablePointer<Double>
  private let workspace = Workspace()

  init(_ flow: CorrectedFlow, degree: Int) {
    self.flow = flow
    self.degree = degree
    d = flow.network.featureCount
    dimension = flow.dimension
    table = workspace.zeros((degree + 2) * dimension)
    theta = workspace.zeros(d)
    residual = workspace.zeros(flow.network.sampleCount)
    g = workspace.zeros((degree + 2) * d)
    f = workspace.zeros((degree + 2) * 2 * d)
    a = workspace.zeros((degree + 1) * 2 * d)
    kappa = workspace.zeros((degree + 1) * 2 * d)
    mixed = workspace.zeros((degree + 1) * d)
  }

  /// The coefficients of an order, `dimension` numbers.
  func coefficient(_ order: Int) -> UnsafeMutablePointer<Double> { table + order * dimension }

  private func w(_ k: Int) -> UnsafeMutablePointer<Double> { coefficient(k) }
  private func v(_ k: Int) -> UnsafeMutablePointer<Double> { coefficient(k) + 2 * d }

  func expand(_ y: UnsafePointer<Double>, at t: Double, unit: Double) {
    self.unit = unit
    let m = 2 * d
    for j in 0..<dimension { table[j] = y[j] }
    gradient(0)
    for j in 0..<m { w(1)[j] = unit * v(0)[j] }
    for k in 0..<degree {
      // Known: w to order k + 1, v, g and f to order k.
      gradient(k + 1)
      let perTime = Double(k + 1) / unit
      let (vk, fk, fNext, ak, kk) = (v(k), f + k * m, f + (k + 1) * m, a + k * m, kappa + k * m)
      for j in 0..<m {
        ak[j] = -(vk[j] + fk[j]) / flow.lambda
        kk[j] = flow.drag * perTime * fNext[j]
      }
      if flow.bending > 0 { bend(k, perTime) }
      let next = v(k + 1)
      for j in 0..<m { next[j] = -unit * (vk[j] + fk[j] + kk[j]) / (flow.inertia * Double(k + 1)) }
      for j in 0..<m { w(k + 2)[j] = unit * next[j] / Double(k + 2) }
      if flow.carriesIntegrals { integrate(k) }
    }
    flow.network.count(passes: degree + 1)
  }

  /// θ, g and f of order k.
  private func gradient(_ k: Int) {
    for i in 0..<d { theta[i] = 0 }
    for j in 0...k {
      let (p, q) = (w(j), w(k - j))
      for i in 0..<d { theta[i] += 0.25 * (p[i] * q[i] - p[d + i] * q[d + i]) }
    }
    let (x, n) = (flow.network.problem.design.packed, flow.network.sampleCount)
    for q in 0..<n { residual[q] = k == 0 ? flow.network.problem.response[q] : 0 }
    x.image(of: theta, keeping: -1, into: residual)
    x.pull(residual, scale: 1 / Double(n), into: g + k * d)
    let fk = f + k * 2 * d
    for i in 0..<2 * d { fk[i] = 0 }
    for j in 0...k {
      let (gj, wj) = (g + j * d, w(k - j))
      for i in 0..<d {
        fk[i] += gj[i] * wj[i]
        fk[d + i] -= gj[i] * wj[d + i]
      }
    }
  }

  /// Adds (ε²/12)[w⃛ − Hẅ − D²f[ẇ, ẇ]] of order k to κ.
  private func bend(_ k: Int, _ perTime: Double) {
    let m = 2 * d
    for i in 0..<d { theta[i] = 0 }
    for j in 0...k {
      let (wj, vj, aj, vk) = (w(j), v(j), a + (k - j) * m, v(k - j))
      for i in 0..<d {
        theta[i] += 0.5 * (wj[i] * aj[i] - wj[d + i] * aj[d + i] + vj[i] * vk[i] - vj[d + i] * vk[d + i])
      }
    }
    flow.curve(theta, into: mixed + k * d)
    let (ak, fNext, kk) = (a + k * m, f + (k + 1) * m, kappa + k * m)
    for j in 0..<m { kk[j] -= flow.bending * (ak[j] + perTime * fNext[j]) / flow.lambda }
    for j in 0...k {
      let (mj, gj, gNext) = (mixed + j * d, g + j * d, g + (j + 1) * d)
      let (wj, aj, vj) = (w(k - j), a + (k - j) * m, v(k - j))
      let rate = 2 * Double(j + 1) / unit
      for i in 0..<d {
        kk[i] -= flow.bending * (mj[i] * wj[i] + gj[i] * aj[i] + rate * gNext[i] * vj[i])
        kk[d + i] += flow.bending * (mj[i] * wj[d + i] + gj[i] * aj[d + i] + rate * gNext[i] * vj[d + i])
      }
    }
  }

  /// The integrals of order k + 1.
  private func integrate(_ k: Int) {
    let m = 2 * d
    let next = coefficient(k + 1) + 2 * m
    for i in 0...2 * d { next[i] = 0 }
    for j in 0...k {
      let (vj, vk, kj, wk) = (v(j), v(k - j), kappa + j * m, w(k - j))
      var friction = 0.0
      for i in 0..<d {
        next[i] += 2 * flow.inertia * vj[i] * vk[d + i] - kj[i] * wk[d + i] - kj[d + i] * wk[i]
        friction += vk[i] * (vj[i] + kj[i]) + vk[d + i] * (vj[d + i] + kj[d + i])
      }
      next[2 * d] += 0.5 * friction
    }
    let share = unit / Double(k + 1)
    for i in 0..<d {
      next[i] *= share
      next[d + i] = share * g[k * d + i]
    }
    next[2 * d] *= share
  }

  func lastOrders(_ tolerance: Tolerance) -> (before: Double, last: Double) {
    var norms = (0.0, 0.0)
    let inertia = flow.inertia
    for j in 0..<2 * d {
      let bound = tolerance.bound(abs(w(0)[j]) + inertia * abs(v(0)[j]))
      func largest(_ k: Int) -> Double { largerOrNaN(abs(w(k)[j]), inertia * abs(v(k)[j])) / bound }
      norms.0 = largerOrNaN(norms.0, largest(degree - 1))
      norms.1 = largerOrNaN(norms.1, largest(degree))
    }
    return norms
  }

  func mayChangeSign(_ coordinates: Range<Int>, within s: Double) -> Bool {
    coordinates.contains { j in
      var (rest, power) = (0.0, 1.0)
      for k in 1...degree {
        power *= abs(s)
        rest += abs(coefficient(k)[j]) * power
      }
      return !(rest < abs(table[j]))
    }
  }

  func increment(to s: Double, into change: UnsafeMutablePointer<Double>) {
    for j in 0..<dimension { change[j] = 0 }
    for k in stride(from: degree, through: 1, by: -1) {
      let row = coefficient(k)
      for j in 0..<dimension { change[j] = (change[j] + row[j]) * s }
    }
  }

  func copyCoefficients(upTo s: Double, into c: UnsafeMutablePointer<Double>) {
    var power = 1.0
    for k in 0...degree {
      let (row, source) = (c + k * dimension, coefficient(k))
      for j in 0..<dimension { row[j] = power * source[j] }
      power *= s
    }
  }
}
