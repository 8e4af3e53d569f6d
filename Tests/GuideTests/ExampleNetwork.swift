// begin example
import Dynamics
import Networks
import Regression

/// θ = u⊙v with weight decay: F(w) = ‖Xθ − y‖²/(2n) + μ‖w‖²/2, w = (u, v).
///
/// With D = u² − v², λD̈ + Ḋ = 2λ(u̇² − v̇²) − 2μD: the identity of layers with one more term.
final class DecayedNetwork: Network {
  let layers: DeepNetwork
  let decay: Double
  var ownPasses = 0

  init(_ problem: RegressionProblem, decay: Double) {
    layers = DeepNetwork(problem, NetworkModel(.layers(depth: 2), .square))
    self.decay = decay
  }

  func value(_ w: UnsafePointer<Double>) -> Double {
    layers.value(w) + decay / 2 * (0..<dimension).reduce(0) { $0 + w[$1] * w[$1] }
  }

  func gradient(_ w: UnsafePointer<Double>, into f: UnsafeMutablePointer<Double>) {
    layers.gradient(w, into: f)
    for j in 0..<dimension { f[j] += decay * w[j] }
  }

  func integrands(
    _ w: UnsafePointer<Double>, _ rate: UnsafePointer<Double>, lambda: Double, into values: UnsafeMutablePointer<Double>
  ) {
    layers.integrands(w, rate, lambda: lambda, into: values)
    let d = integralCount
    for i in 0..<d { values[i] -= 2 * decay * (w[i] * w[i] - w[d + i] * w[d + i]) }
  }
}
// end example

extension DecayedNetwork {
  var problem: RegressionProblem { layers.problem }
  var model: NetworkModel { layers.model }
  var dimension: Int { layers.dimension }
  var integralCount: Int { layers.integralCount }
  var passes: Int { layers.passes + ownPasses }
  var balanceIntegral: Range<Int> { layers.balanceIntegral }
  var gradientIntegral: Range<Int> { layers.gradientIntegral }
  var hasDenseStages: Bool { layers.hasDenseStages }
  var lastLook: Look { layers.lastLook }
  var seriesWork: (linear: Double, quadratic: Double) { layers.seriesWork }

  func gradientDerivative(
    _ w: UnsafePointer<Double>, along v: UnsafePointer<Double>, into derivative: UnsafeMutablePointer<Double>
  ) {
    layers.gradientDerivative(w, along: v, into: derivative)
    for j in 0..<dimension { derivative[j] += decay * v[j] }
  }

  func gradientJacobian(_ w: UnsafePointer<Double>, into matrix: UnsafeMutablePointer<Double>) {
    layers.gradientJacobian(w, into: matrix)
    for j in 0..<dimension { matrix[j * dimension + j] += decay }
  }

  func balance(_ w: [Double], _ rate: [Double], lambda: Double) -> [Double] {
    layers.balance(w, rate, lambda: lambda)
  }

  func balanceScale(_ w: [Double]) -> [Double] { layers.balanceScale(w) }

  func gradient(
    _ w: UnsafePointer<Double>, rows: UnsafeBufferPointer<Int>, into f: UnsafeMutablePointer<Double>
  ) {
    layers.gradient(w, rows: rows, into: f)
    for j in 0..<dimension { f[j] += decay * w[j] }
  }

  func integrandRates(
    _ w: UnsafePointer<Double>, _ rate: UnsafePointer<Double>, _ acceleration: UnsafePointer<Double>, lambda: Double,
    into values: UnsafeMutablePointer<Double>
  ) {
    layers.integrandRates(w, rate, acceleration, lambda: lambda, into: values)
    let d = integralCount
    for i in 0..<d { values[i] -= 4 * decay * (w[i] * rate[i] - w[d + i] * rate[d + i]) }
  }

  func integrandJacobians(
    _ w: UnsafePointer<Double>, _ rate: UnsafePointer<Double>, lambda: Double,
    position: UnsafeMutablePointer<Double>, velocity: UnsafeMutablePointer<Double>
  ) {
    layers.integrandJacobians(w, rate, lambda: lambda, position: position, velocity: velocity)
    let (d, m) = (integralCount, dimension)
    for i in 0..<d {
      position[i * m + i] -= 4 * decay * w[i]
      position[i * m + d + i] += 4 * decay * w[d + i]
    }
  }

  /// A layer may start at zero.
  func sizes(
    _ w: UnsafePointer<Double>, _ rate: UnsafePointer<Double>?, lambda: Double, into sizes: UnsafeMutablePointer<Double>
  ) {
    layers.sizes(w, rate, lambda: lambda, into: sizes)
  }

  func makeJet(degree: Int, lambda: Double, carryingIntegrals: Bool) -> any Jet {
    DecayedJet(self, degree: degree, lambda: lambda, carryingIntegrals: carryingIntegrals)
  }

  func makeStageSystem(stages: Int, lambda: Double) -> any StageSystem {
    DecayedStages(layers.makeStageSystem(stages: stages, lambda: lambda), stages, decay)
  }

  func stageWork(stages: Int) -> Double { layers.stageWork(stages: stages) }
}

/// The Taylor series by the plain recurrences.
private final class DecayedJet: Jet {
  let degree: Int
  private let network: DecayedNetwork
  private let (lambda, carriesIntegrals): (Double, Bool)
  private let (d, m): (Int, Int)
  /// Order by order: the state, θ, g, ẇ.
  private var state, theta, g, velocity: [[Double]]

  init(_ network: DecayedNetwork, degree: Int, lambda: Double, carryingIntegrals: Bool) {
    (self.network, self.degree, self.lambda, carriesIntegrals) = (network, degree, lambda, carryingIntegrals)
    (d, m) = (network.problem.featureCount, network.dimension)
    let dimension = (lambda > 0 ? 2 * m : m) + (carryingIntegrals ? d + 1 : 0)
    func table(_ width: Int) -> [[Double]] { Array(repeating: Array(repeating: 0, count: width), count: degree + 1) }
    (state, theta, g, velocity) = (table(dimension), table(d), table(d), table(m))
  }

  private func product(_ k: Int, _ a: [[Double]], _ i: Int, _ b: [[Double]], _ j: Int) -> Double {
    (0...k).reduce(0) { $0 + a[$1][i] * b[k - $1][j] }
  }

  func expand(_ y: UnsafePointer<Double>, at t: Double, unit: Double) {
    for j in state[0].indices { state[0][j] = y[j] }
    let (x, n) = (network.problem.design, network.problem.sampleCount)
    for k in 0..<degree {
      for i in 0..<d { theta[k][i] = product(k, state, i, state, d + i) }
      let residual = (0..<n).map { q in
        (0..<d).reduce(k == 0 ? -network.problem.response[q] : 0) { $0 + x[q, $1] * theta[k][$1] }
      }
      for i in 0..<d { g[k][i] = (0..<n).reduce(0) { $0 + x[$1, i] * residual[$1] } / Double(n) }
      let share = unit / Double(k + 1)
      for j in 0..<m {
        let force = product(k, g, j % d, state, j < d ? d + j : j - d) + network.decay * state[k][j]
        velocity[k][j] = lambda > 0 ? state[k][m + j] : -force
        state[k + 1][j] = share * velocity[k][j]
        if lambda > 0 { state[k + 1][m + j] = -share * (velocity[k][j] + force) / lambda }
      }
      guard carriesIntegrals else { continue }
      let first = lambda > 0 ? 2 * m : m
      for i in 0..<d {
        let speeds = product(k, velocity, i, velocity, i) - product(k, velocity, d + i, velocity, d + i)
        let sizes = product(k, state, i, state, i) - product(k, state, d + i, state, d + i)
        state[k + 1][first + i] = share * (2 * lambda * speeds - 2 * network.decay * sizes)
      }
      state[k + 1][first + d] = share * 0.5 * (0..<m).reduce(0) { $0 + product(k, velocity, $1, velocity, $1) }
    }
    network.ownPasses += degree
  }

  func lastOrders(_ tolerance: Tolerance) -> (before: Double, last: Double) {
    var sizes = [Double](repeating: 0, count: m)
    network.sizes(state[0], lambda > 0 ? Array(state[0][m..<2 * m]) : nil, lambda: lambda, into: &sizes)
    func largest(_ k: Int) -> Double {
      (0..<m).reduce(0.0) { norm, j in
        let size = lambda > 0 ? max(abs(state[k][j]), lambda * abs(state[k][m + j])) : abs(state[k][j])
        return size.isFinite ? max(norm, size / tolerance.bound(sizes[j])) : .nan
      }
    }
    return (largest(degree - 1), largest(degree))
  }

  func mayChangeSign(_ coordinates: Range<Int>, within s: Double) -> Bool { true }

  func increment(to s: Double, into change: UnsafeMutablePointer<Double>) {
    for i in state[0].indices {
      change[i] = stride(from: degree, to: 0, by: -1).reduce(0) { ($0 + state[$1][i]) * s }
    }
  }

  func copyCoefficients(upTo s: Double, into c: UnsafeMutablePointer<Double>) {
    var power = 1.0
    for k in 0...degree {
      for (i, value) in state[k].enumerated() { c[k * state[k].count + i] = power * value }
      power *= s
    }
  }
}

/// Those of the layers, with f + μw in place of f and shifts ν + μ in place of ν.
private final class DecayedStages: StageSystem {
  private let layers: any StageSystem
  private let (stages, decay): (Int, Double)
  private var origin: [Double] = []
  private var points: [Double] = []

  init(_ layers: any StageSystem, _ stages: Int, _ decay: Double) {
    (self.layers, self.stages, self.decay) = (layers, stages, decay)
  }

  var positionCount: Int { layers.positionCount }
  var inertia: Double { layers.inertia }
  var work: Double { layers.work }

  func begin(_ w: UnsafePointer<Double>) {
    origin = (0..<positionCount).map { w[$0] }
    layers.begin(w)
  }

  func advance(to w: UnsafePointer<Double>) {
    origin = (0..<positionCount).map { w[$0] }
    layers.advance(to: w)
  }

  func force(into f: UnsafeMutablePointer<Double>) {
    layers.force(into: f)
    for j in 0..<positionCount { f[j] += decay * origin[j] }
  }

  func evaluate(_ zeta: UnsafePointer<Double>, into f: UnsafeMutablePointer<Double>) {
    layers.evaluate(zeta, into: f)
    points = (0..<stages * positionCount).map { origin[$0 % positionCount] + zeta[$0] }
    for j in points.indices { f[j] += decay * points[j] }
  }

  func linearize(at zeta: UnsafePointer<Double>) { layers.linearize(at: zeta) }

  func factor(real: Double, complex: [(real: Double, imaginary: Double)]) -> Bool {
    layers.factor(real: real + decay, complex: complex.map { ($0.real + decay, $0.imaginary) })
  }

  func solve(_ b: UnsafeMutablePointer<Double>) { layers.solve(b) }
  func solveReal(_ b: UnsafeMutablePointer<Double>) { layers.solveReal(b) }

  func integrands(_ rates: UnsafePointer<Double>, into values: UnsafeMutablePointer<Double>) {
    layers.integrands(rates, into: values)
    let (m, d) = (positionCount, positionCount / 2)
    for s in 0..<stages {
      // A stage's integrals, and ∫‖ẇ‖²/2.
      let (w, row) = (points[(s * m)...].prefix(m), values + s * (d + 1))
      let first = w.startIndex
      for i in 0..<d { row[i] -= 2 * decay * (w[first + i] * w[first + i] - w[first + d + i] * w[first + d + i]) }
    }
  }
}
