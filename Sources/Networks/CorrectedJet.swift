import Dynamics
import RealModule

/// The Taylor series of a corrected flow with its integrals, by plain recurrences, at every order of time the expansion that
/// begins there: one pass over X an order at order 2, two at orders 3 and 4, five at 6, ten at 8.
///
/// Coefficients are those of time in `unit`. Complexity: O(N·nd + N²·d) a series for each pass.
final class CorrectedJet: TableJet {
  let degree: Int
  private let network: DiagonalNetwork
  private let correction: StepCorrection
  private let carriesIntegrals: Bool
  private let d: Int
  let dimension: Int
  private var unit = 1.0
  /// The state, order by order, up to degree N; w to one order more.
  let table: UnsafeMutablePointer<Double>
  /// f and κ, order by order.
  private let f: UnsafeMutablePointer<Double>
  private let kappa: UnsafeMutablePointer<Double>
  private let series: ExpandedSeries
  /// How many passes over X an order of time takes.
  let passes: Int
  private let workspace = Workspace()

  init(_ network: DiagonalNetwork, _ correction: StepCorrection, carryingIntegrals: Bool, degree: Int) {
    self.network = network
    self.correction = correction
    self.degree = degree
    carriesIntegrals = carryingIntegrals
    d = network.featureCount
    dimension = 4 * d + (carryingIntegrals ? 2 * d + 1 : 0)
    table = workspace.zeros((degree + 2) * dimension)
    f = workspace.zeros((degree + 2) * 2 * d)
    kappa = workspace.zeros((degree + 1) * 2 * d)
    series = correction.series(network, places: degree + 1)
    passes = correction.passes(series)
  }

  private func w(_ k: Int) -> UnsafeMutablePointer<Double> { row(k) }
  private func v(_ k: Int) -> UnsafeMutablePointer<Double> { row(k) + 2 * d }

  func expand(_ y: UnsafePointer<Double>, at t: Double, unit: Double) {
    self.unit = unit
    series.unit = unit
    let m = 2 * d
    let inertia = correction.inertia
    for j in 0..<dimension { table[j] = y[j] }
    begin(0)
    for j in 0..<m { w(1)[j] = unit * v(0)[j] }
    for k in 0..<degree {
      // Known: w to order k + 1, v and f to order k.
      begin(k + 1)
      let (vk, fk, kk) = (v(k), f + k * m, kappa + k * m)
      if !correction.isEmpty { correct(k) }
      let next = v(k + 1)
      for j in 0..<m { next[j] = -unit * (vk[j] + fk[j] + kk[j]) / (inertia * Double(k + 1)) }
      for j in 0..<m { w(k + 2)[j] = unit * next[j] / Double(k + 2) }
      if carriesIntegrals { integrate(k) }
    }
    network.count(passes: 1 + degree * passes)
  }

  /// f of order k, and where the expansion begins.
  private func begin(_ k: Int) {
    series.weights(0, 0, k).update(from: w(k), count: 2 * d)
    (f + k * 2 * d).update(from: series.force(0, 0, k), count: 2 * d)
  }

  /// κ of order k.
  private func correct(_ k: Int) {
    let m = 2 * d
    let kk = kappa + k * m
    for j in 0..<m { kk[j] = 0 }
    for j in 0..<m { series.weights(0, 1, k)[j] = unit * v(k)[j] }
    series.shareGradient(k)
    for level in correction.levels {
      let power = Double.pow(correction.step, level)
      let top = correction.tops[level]
      for order in 0...max(top - 2, 0) {
        // f is known, and ḟ the path's own.
        let isKnown = level == 0 && order < 2
        let force = isKnown ? f + (k + order) * m : series.force(level, order, k, from: order == 0 ? 2 : 1)
        if order == 0, level > 0 {
          for j in 0..<m { kk[j] += power * force[j] }
          if top > 1 { series.addSource(1, level, 0, k) }
        }
        guard top > 1 else { continue }
        let share = isKnown && order == 1 ? Double(k + 1) : 1
        let friction = Double(order + 1) / unit
        let factor = -unit * unit / (correction.expandedInertia * Double((order + 1) * (order + 2)))
        let (now, next) = (series.weights(level, order + 1, k), series.weights(level, order + 2, k))
        for j in 0..<m { next[j] = factor * (friction * now[j] + share * force[j]) }
      }
    }
  }

  /// The integrals of order k + 1.
  private func integrate(_ k: Int) {
    let m = 2 * d
    let (next, g) = (row(k + 1) + 2 * m, series.gradient(ofPlace: k))
    for i in 0...2 * d { next[i] = 0 }
    for j in 0...k {
      let (vj, vk, kj, wk) = (v(j), v(k - j), kappa + j * m, w(k - j))
      var friction = 0.0
      for i in 0..<d {
        next[i] += 2 * correction.inertia * vj[i] * vk[d + i] - kj[i] * wk[d + i] - kj[d + i] * wk[i]
        friction += vk[i] * (vj[i] + kj[i]) + vk[d + i] * (vj[d + i] + kj[d + i])
      }
      next[2 * d] += 0.5 * friction
    }
    let share = unit / Double(k + 1)
    for i in 0..<d {
      next[i] *= share
      next[d + i] = share * g[i]
    }
    next[2 * d] *= share
  }

  func lastOrders(_ tolerance: Tolerance) -> (before: Double, last: Double) {
    var norms = (0.0, 0.0)
    let inertia = correction.inertia
    for j in 0..<2 * d {
      let bound = tolerance.bound(abs(w(0)[j]) + inertia * abs(v(0)[j]))
      func largest(_ k: Int) -> Double { largerOrNaN(abs(w(k)[j]), inertia * abs(v(k)[j])) / bound }
      norms.0 = largerOrNaN(norms.0, largest(degree - 1))
      norms.1 = largerOrNaN(norms.1, largest(degree))
    }
    return norms
  }
}
