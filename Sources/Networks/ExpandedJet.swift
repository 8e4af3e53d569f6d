import Dynamics

/// The Taylor series of an expanded flow: a table of coefficients by level m and order k, level m to order N + M − m, M the
/// highest level. One pass over X for each coefficient.
///
/// Complexity: O((M + 1)·N·nd + (M + 1)²N²·d) a series.
final class ExpandedJet: Jet {
  let degree: Int
  private let network: DiagonalNetwork
  private let lambda: Double
  private let levels: Int
  private let d: Int
  private let rows: Int
  private let series: ExpandedSeries
  /// Vₘ, [level][order][2d].
  private let v: UnsafeMutablePointer<Double>
  private let workspace = Workspace()

  init(
    _ network: DiagonalNetwork, lambda: Double, in parameter: ExpandedFlow.Parameter, levels: Int, degree: Int
  ) {
    self.network = network
    self.lambda = lambda
    self.levels = levels
    self.degree = degree
    d = network.featureCount
    rows = degree + levels + 2
    series = ExpandedSeries(network, in: parameter, lambda: lambda, levels: levels, rows: rows)
    v = workspace.zeros(levels * rows * 2 * d)
  }

  /// The coefficients of w and of ẇ of a level and order, 2d numbers each.
  func weights(_ m: Int, _ k: Int) -> UnsafeMutablePointer<Double> { series.weights(m, k) }
  func rates(_ m: Int, _ k: Int) -> UnsafeMutablePointer<Double> { v + (m * rows + k) * 2 * d }

  func expand(_ y: UnsafePointer<Double>, at t: Double, unit: Double) {
    series.unit = unit
    let size = 2 * d
    for m in 0..<levels {
      let start = y + 2 * size * m
      weights(m, 0).update(from: start, count: size)
      rates(m, 0).update(from: start + size, count: size)
      for j in 0..<size { weights(m, 1)[j] = unit * start[size + j] }
      for k in 0..<degree + levels - 1 - m {
        let force = series.force(m, k)
        let share = -unit / (lambda * Double(k + 1))
        let (now, next, further) = (rates(m, k), rates(m, k + 1), weights(m, k + 2))
        for j in 0..<size {
          next[j] = share * (now[j] + force[j])
          further[j] = unit * next[j] / Double(k + 2)
        }
      }
    }
    network.count(passes: levels * degree)
  }

  func lastOrders(_ tolerance: Tolerance) -> (before: Double, last: Double) {
    var norms = (0.0, 0.0)
    for m in 0..<levels {
      let scale = (0..<m).reduce(1.0) { value, _ in value / lambda }
      for j in 0..<2 * d {
        let first = abs(weights(0, 0)[j]) + lambda * abs(rates(0, 0)[j])
        let own = abs(weights(m, 0)[j]) + lambda * abs(rates(m, 0)[j])
        let bound = tolerance.bound(m == 0 ? own : own + scale * first)
        func largest(_ k: Int) -> Double {
          largerOrNaN(abs(weights(m, k)[j]), lambda * abs(rates(m, k)[j])) / bound
        }
        norms.0 = largerOrNaN(norms.0, largest(degree - 1))
        norms.1 = largerOrNaN(norms.1, largest(degree))
      }
    }
    return norms
  }

  /// Calls `body` with each coordinate of the state and a function of its coefficients.
  private func forEachCoordinate(_ body: (Int, UnsafePointer<Double>) -> Void) {
    for m in 0..<levels {
      for j in 0..<2 * d {
        body(4 * d * m + j, weights(m, 0) + j)
        body(4 * d * m + 2 * d + j, rates(m, 0) + j)
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
    let dimension = 4 * d * levels
    forEachCoordinate { index, own in
      var power = 1.0
      for k in 0...degree {
        c[k * dimension + index] = power * own[2 * d * k]
        power *= s
      }
    }
  }
}
