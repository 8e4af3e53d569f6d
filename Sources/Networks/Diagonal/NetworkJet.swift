import CKernels
import Dynamics
import LinearAlgebra

/// The Taylor series of a network's flow λẅ + ẇ + f(w) = 0 (λ = 0: gradient flow), with its integrals.
///
/// θ_k = ¼ Σⱼ (w₊,ⱼ w₊,ₖ₋ⱼ − w₋,ⱼ w₋,ₖ₋ⱼ), g_k = Xᵀ(Xθ_k − δ_{k0} y)/n and (k+1)(k+2) λ w±,ₖ₊₂ = −(k+1) w±,ₖ₊₁ ∓ Σⱼ gⱼ w±,ₖ₋ⱼ.
/// With momentum θ_k and θ_{k+1} both depend on orders up to k + 1 only, so that one sweep over X serves two orders.
///
/// State: w (2d) | ẇ (2d, momentum only) | with integrals: 2λ∫ẇ₊ẇ₋ (d) | ∫g (d) | ∫‖ẇ‖²/2 (1). The weights' series has
/// degree N + 1 with momentum, so that the rates' has degree N. Complexity: O(N·nd + N²·d) a series, O(Nd) memory.
final class NetworkJet: Jet {
  let degree: Int
  private let network: DiagonalNetwork
  private let lambda: Double
  private let carriesIntegrals: Bool
  private let d: Int
  private let blocks: Int
  /// The degree of the weights' series.
  private let top: Int
  private var unit = 1.0
  private let memory: AlignedMemory
  private let jet: UnsafeMutablePointer<Double>
  private let thetas: (UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>)
  private let gradients: (UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>)
  private let residuals: (UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>)
  /// Values and derivatives at one s, in blocks w₊ (8) | w₋ (8).
  private let values: UnsafeMutablePointer<Double>
  private let derivatives: UnsafeMutablePointer<Double>
  /// Coefficients of ẇ₊ẇ₋ (block by block, order by order) and of the dissipation.
  private let balance: UnsafeMutablePointer<Double>
  private let dissipation: UnsafeMutablePointer<Double>
  private var integralsAreCurrent = false
  /// The integrals at s = 0.
  private let integralsAtStart: UnsafeMutablePointer<Double>

  private var hasMomentum: Bool { lambda > 0 }

  init(_ network: DiagonalNetwork, degree: Int, lambda: Double, carryingIntegrals: Bool) {
    self.network = network
    self.lambda = lambda
    carriesIntegrals = carryingIntegrals
    d = network.featureCount
    // Pairs of orders end on an odd degree of the weights.
    top = lambda > 0 ? (degree + 1) | 1 : degree
    self.degree = lambda > 0 ? top - 1 : top
    precondition(
      degree >= 2 && top < Int(MGF_JET_MAXIMUM_DEGREE), "the degree of a network's jet lies between 2 and 61")
    let width = AlignedMemory.padded(d)
    let height = AlignedMemory.padded(network.sampleCount)
    blocks = width / 8
    let jetCount = blocks * (top + 1) * Int(MGF_JET_WIDTH)
    let integralCount = carryingIntegrals ? width * top + Int(MGF_JET_MAXIMUM_DEGREE) + 2 * width + 8 : 0
    memory = AlignedMemory(count: jetCount + 8 * width + 2 * height + integralCount)
    jet = memory.base
    let vectors = jet + jetCount
    thetas = (vectors, vectors + width)
    gradients = (vectors + 2 * width, vectors + 3 * width)
    values = vectors + 4 * width
    derivatives = vectors + 6 * width
    residuals = (vectors + 8 * width, vectors + 8 * width + height)
    dissipation = residuals.1 + height
    balance = dissipation + Int(MGF_JET_MAXIMUM_DEGREE)
    integralsAtStart = balance + width * top
  }

  // MARK: Where the coefficients stand

  private enum Part: Int { case plus = 0, minus = 8, gradient = 16 }

  private func coefficient(_ part: Part, _ i: Int, _ order: Int) -> UnsafeMutablePointer<Double> {
    jet + ((i >> 3) * (top + 1) + order) * Int(MGF_JET_WIDTH) + part.rawValue + (i & 7)
  }

  private func balanceCoefficient(_ i: Int, _ order: Int) -> Double {
    balance[((i >> 3) * top + order) * 8 + (i & 7)]
  }

  // MARK: The series

  func expand(_ y: UnsafePointer<Double>, at t: Double, unit: Double) {
    self.unit = unit
    integralsAreCurrent = false
    for block in 0..<blocks {
      let (c, w) = (coefficient(.plus, 8 * block, 0), y + 8 * block)
      let v = w + 2 * d
      for i in 0..<min(8, d - 8 * block) {
        c[i] = w[i]
        c[8 + i] = w[d + i]
      }
      guard hasMomentum else { continue }
      for i in 0..<min(8, d - 8 * block) {
        c[Int(MGF_JET_WIDTH) + i] = unit * v[i]
        c[Int(MGF_JET_WIDTH) + 8 + i] = unit * v[d + i]
      }
    }
    if carriesIntegrals {
      let first = hasMomentum ? 4 * d : 2 * d
      for i in 0...2 * d { integralsAtStart[i] = y[first + i] }
    }
    mgf_jet_begin(jet, blocks, top, hasMomentum ? 1 : 0, thetas.0, thetas.1)
    network.problem.response.withUnsafeBufferPointer { target in
      if hasMomentum { expandMomentum(target.baseAddress) } else { expandDescent(target.baseAddress) }
    }
  }

  private func expandMomentum(_ target: UnsafePointer<Double>?) {
    let (a, b) = (-unit / lambda, -unit * unit / lambda)
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 4) { c in
      var k = 0
      while k + 3 <= top {
        let order = Double(k)
        c[0] = a / (order + 2)
        c[1] = b / ((order + 1) * (order + 2))
        c[2] = a / (order + 3)
        c[3] = b / ((order + 2) * (order + 3))
        let isLast = k + 3 == top
        if network.design.isSwept {
          if k == 0 {
            network.design.computeResiduals(thetas.0, thetas.1, target: target, into: (residuals.0, residuals.1))
          }
          sweepMomentum(k, c, isLast: isLast)
        } else {
          network.design.evaluatePair(
            thetas.0, thetas.1, target: k == 0 ? target : nil, residuals: residuals, gradients: gradients)
          mgf_jet_momentum(
            jet, blocks, top, k, gradients.0, gradients.1, c.baseAddress, isLast ? nil : thetas.0, thetas.1)
        }
        k += 2
      }
      network.count(passes: k)
    }
  }

  /// Orders k and k + 1 of the gradient, k + 2 and k + 3 of the weights, and the residuals of the next two orders, all in
  /// one reading of a wide X.
  private func sweepMomentum(_ k: Int, _ c: UnsafeMutableBufferPointer<Double>, isLast: Bool) {
    let (jet, g, theta, factors) = (Shared(jet), Shared(gradients), Shared(thetas), Shared(c.baseAddress))
    let (top, size) = (top, (top + 1) * Int(MGF_JET_WIDTH))
    network.design.sweep(
      (residuals.0, residuals.1), gradients: (gradients.0, gradients.1), thetas: isLast ? nil : (thetas.0, thetas.1)
    ) { columns in
      let (j, g, theta) = (columns.lowerBound, g.pointer, theta.pointer)
      mgf_jet_momentum(
        jet.pointer + j / 8 * size, (columns.count + 7) / 8, top, k, g.0 + j, g.1 + j, factors.pointer,
        isLast ? nil : theta.0 + j, theta.1 + j)
    }
  }

  /// Order k of the gradient, k + 1 of the weights and the next residual likewise.
  private func sweepDescent(_ k: Int, isLast: Bool) {
    let (jet, g, theta) = (Shared(jet), Shared(gradients.0), Shared(thetas.0))
    let (top, size, factor) = (top, (top + 1) * Int(MGF_JET_WIDTH), -unit / Double(k + 1))
    network.design.sweep(
      (residuals.0, nil), gradients: (gradients.0, nil), thetas: isLast ? nil : (thetas.0, nil)
    ) { columns in
      let j = columns.lowerBound
      mgf_jet_descent(
        jet.pointer + j / 8 * size, (columns.count + 7) / 8, top, k, g.pointer + j, factor,
        isLast ? nil : theta.pointer + j)
    }
  }

  private func expandDescent(_ target: UnsafePointer<Double>?) {
    if network.design.isSwept {
      network.design.computeResiduals(thetas.0, nil, target: target, into: (residuals.0, nil))
      for k in 0..<top { sweepDescent(k, isLast: k + 1 == top) }
      network.count(passes: top)
      return
    }
    for k in 0..<top {
      network.design.evaluate(
        thetas.0, target: k == 0 ? target : nil, residual: residuals.0, gradient: gradients.0)
      mgf_jet_descent(
        jet, blocks, top, k, gradients.0, -unit / Double(k + 1), k + 1 == top ? nil : thetas.0)
    }
    network.count(passes: top)
  }

  func lastOrders(_ tolerance: Tolerance) -> (before: Double, last: Double) {
    let own = ownLastOrders(tolerance)
    // Processes that share the trajectory take the same steps.
    guard let reduction = network.design.reduction else { return own }
    return (reduction.largest(own.before), reduction.largest(own.last))
  }

  private func ownLastOrders(_ tolerance: Tolerance) -> (before: Double, last: Double) {
    let scaled = lambda / unit
    return withUnsafeTemporaryAllocation(of: Double.self, capacity: 3) { norms in
      mgf_jet_norms(jet, blocks, top, tolerance.relative, tolerance.absolute, scaled, norms.baseAddress)
      guard hasMomentum else { return (norms[1], norms[2]) }
      // Order k of λẇ is (k + 1) λ/unit times order k + 1 of w.
      let n = Double(degree)
      return (largerOrNaN(norms[0], n * scaled * norms[1]), largerOrNaN(norms[1], (n + 1) * scaled * norms[2]))
    }
  }

  func mayChangeSign(_ coordinates: Range<Int>, within s: Double) -> Bool {
    // The rates are not looked at: nobody watches them.
    coordinates.upperBound > 2 * d || mgf_jet_may_vanish(jet, blocks, top, s) != 0
  }

  func increment(to s: Double, into change: UnsafeMutablePointer<Double>) {
    mgf_jet_increment(jet, blocks, top, s, values, derivatives)
    let perTime = 1 / unit
    for block in 0..<blocks {
      let (value, derivative) = (values + 16 * block, derivatives + 16 * block)
      let first = coefficient(.plus, 8 * block, 1)
      let w = change + 8 * block
      let v = w + 2 * d
      for i in 0..<min(8, d - 8 * block) {
        w[i] = value[i]
        w[d + i] = value[8 + i]
      }
      guard hasMomentum else { continue }
      for i in 0..<min(8, d - 8 * block) {
        v[i] = (derivative[i] - first[i]) * perTime
        v[d + i] = (derivative[8 + i] - first[8 + i]) * perTime
      }
    }
    if carriesIntegrals { incrementIntegrals(to: s, into: change + (hasMomentum ? 4 * d : 2 * d)) }
  }

  // MARK: Integrals

  private func makeIntegrals() {
    guard !integralsAreCurrent else { return }
    mgf_jet_integrands(jet, blocks, top, balance, dissipation)
    integralsAreCurrent = true
  }

  private func incrementIntegrals(to s: Double, into change: UnsafeMutablePointer<Double>) {
    // The values' and derivatives' room is free again: 2 × 2d padded numbers. ẇ = (d/ds)/unit.
    let (balance, gradient) = (values, derivatives)
    var friction = 0.0
    mgf_jet_integrals(jet, blocks, top, gradientOrders, s, balance, gradient, &friction)
    let factor = 2 * lambda / unit
    for i in 0..<d {
      change[i] = factor * balance[i]
      change[d + i] = unit * gradient[i]
    }
    change[2 * d] = friction / unit
  }

  /// With momentum the gradient is known two orders less far than the weights.
  private var gradientOrders: Int { hasMomentum ? top - 1 : top }

  func copyCoefficients(upTo s: Double, of coordinates: Range<Int>, into c: UnsafeMutablePointer<Double>) -> Bool {
    guard coordinates.upperBound <= 2 * d else { return false }
    var power = 1.0
    for k in 0...degree {
      let row = c + k * coordinates.count - coordinates.lowerBound
      for i in coordinates {
        row[i] = power * (i < d ? coefficient(.plus, i, k) : coefficient(.minus, i - d, k)).pointee
      }
      power *= s
    }
    return true
  }

  func copyCoefficients(upTo s: Double, into c: UnsafeMutablePointer<Double>) {
    let dimension = (hasMomentum ? 4 * d : 2 * d) + (carriesIntegrals ? 2 * d + 1 : 0)
    if carriesIntegrals { makeIntegrals() }
    var power = 1.0
    for k in 0...degree {
      let row = c + k * dimension
      let rate = Double(k + 1) * power / unit
      for i in 0..<d {
        row[i] = power * coefficient(.plus, i, k).pointee
        row[d + i] = power * coefficient(.minus, i, k).pointee
      }
      var next = row + 2 * d
      if hasMomentum {
        for i in 0..<d {
          next[i] = rate * coefficient(.plus, i, k + 1).pointee
          next[d + i] = rate * coefficient(.minus, i, k + 1).pointee
        }
        next += 2 * d
      }
      if carriesIntegrals {
        for i in 0..<d {
          next[i] =
            k == 0 ? integralsAtStart[i] : 2 * lambda / unit * power * balanceCoefficient(i, k - 1) / Double(k)
          next[d + i] =
            k == 0
            ? integralsAtStart[d + i]
            : (k - 1 < gradientOrders ? unit * power * coefficient(.gradient, i, k - 1).pointee / Double(k) : 0)
        }
        next[2 * d] = k == 0 ? integralsAtStart[2 * d] : power / unit * dissipation[k - 1] / Double(k)
      }
      power *= s
    }
  }
}

extension DiagonalNetwork {
  public func makeJet(degree: Int, lambda: Double, carryingIntegrals: Bool) -> any Jet {
    NetworkJet(self, degree: degree, lambda: lambda, carryingIntegrals: carryingIntegrals)
  }

  /// Multiply-adds: 2nd an order for the pass, about 3d times the order for the products.
  public var seriesWork: (linear: Double, quadratic: Double) {
    (2 * Double(sampleCount * featureCount), 1.5 * Double(featureCount))
  }
}
