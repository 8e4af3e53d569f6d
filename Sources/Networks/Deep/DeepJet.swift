import Dynamics

/// The Taylor series of a deep network's flow λẅ + ẇ + f(w) = 0 (λ = 0: gradient flow) with its integrals, by plain
/// recurrences: products of weights by convolution, losses by `Loss.extendSlopes`, one pass over X an order.
///
/// State: w (m) | ẇ (m, momentum only) | with integrals: those of the network | ∫‖ẇ‖²/2. Coefficients are those of time in
/// `unit`. Complexity: O(N·nd + N²·(Lm + n)) a series, O(NLm) memory.
final class DeepJet: TableJet {
  let degree: Int
  private let network: DeepNetwork
  private let lambda: Double
  private let carriesIntegrals: Bool
  let dimension: Int
  private let (n, d, m, depth): (Int, Int, Int, Int)
  private let isLayered: Bool
  /// The state, order by order.
  let table: UnsafeMutablePointer<Double>
  /// Order by order: θ; z, weights, products and slopes of the samples; g; f and P of the weights; ẇ.
  private let theta, z, sampleWeights, sampleProducts, slopes, g, f, partials, velocities: UnsafeMutablePointer<Double>
  /// For powers w⁰ … wᴸ⁻¹ of both blocks; for layers the products from the first layer on, then those down from the last.
  /// Factor by factor, order by order, a block's width each.
  private let chain: UnsafeMutablePointer<Double>
  /// ẇ₊ẇ₋ of powers, order by order.
  private let mixed: UnsafeMutablePointer<Double>
  private let sizes: UnsafeMutablePointer<Double>
  private let workspace = Workspace()

  init(_ network: DeepNetwork, degree: Int, lambda: Double, carryingIntegrals: Bool) {
    self.network = network
    self.lambda = lambda
    self.degree = degree
    carriesIntegrals = carryingIntegrals
    (n, d, m, depth) = (network.n, network.d, network.dimension, network.depth)
    if case .layers = network.parametrization { isLayered = true } else { isLayered = false }
    dimension = (lambda > 0 ? 2 * m : m) + (carryingIntegrals ? network.integralCount + 1 : 0)
    let orders = degree + 1
    table = workspace.zeros(orders * dimension)
    theta = workspace.zeros(d)
    z = workspace.zeros(orders * n)
    sampleWeights = workspace.zeros(orders * n)
    sampleProducts = workspace.zeros(orders * n)
    slopes = workspace.zeros(orders * n)
    g = workspace.zeros(orders * d)
    f = workspace.zeros(orders * m)
    partials = workspace.zeros(orders * m)
    velocities = workspace.zeros(orders * m)
    chain = workspace.zeros(2 * depth * orders * (isLayered ? d : m))
    mixed = workspace.zeros(orders * d)
    sizes = workspace.zeros(m)
  }

  private var hasMomentum: Bool { lambda > 0 }

  func expand(_ y: UnsafePointer<Double>, at t: Double, unit: Double) {
    for j in 0..<dimension { table[j] = y[j] }
    for k in 0..<degree {
      computePartials(k)
      computeForce(k)
      let (now, next, vk, fk) = (row(k), row(k + 1), velocities + k * m, f + k * m)
      let share = unit / Double(k + 1)
      if hasMomentum {
        for j in 0..<m {
          vk[j] = now[m + j]
          next[j] = share * vk[j]
          next[m + j] = -share * (vk[j] + fk[j]) / lambda
        }
      } else {
        for j in 0..<m {
          vk[j] = -fk[j]
          next[j] = share * vk[j]
        }
      }
      if carriesIntegrals { integrate(k, share) }
    }
    network.count(passes: degree)
  }

  /// Adds order k of the product of two series to `result`; their rows stand `strides` apart.
  private func addProduct(
    _ k: Int, _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, strides: (Int, Int), count: Int,
    scale: Double = 1, into result: UnsafeMutablePointer<Double>
  ) {
    for j in 0...k {
      let (p, q) = (a + j * strides.0, b + (k - j) * strides.1)
      for i in 0..<count { result[i] += scale * p[i] * q[i] }
    }
  }

  /// Where order 0 of factor number `index` of the chain stands.
  private func factor(_ index: Int) -> UnsafeMutablePointer<Double> {
    chain + index * (degree + 1) * (isLayered ? d : m)
  }

  /// P and θ of order k.
  private func computePartials(_ k: Int) {
    let pk = partials + k * m
    for i in 0..<d { theta[i] = 0 }
    for j in 0..<m { pk[j] = 0 }
    if isLayered { computeLayers(k, pk) } else { computePowers(k, pk) }
  }

  private func computePowers(_ k: Int, _ pk: UnsafeMutablePointer<Double>) {
    let parametrization = network.parametrization
    for j in 0..<m { factor(0)[k * m + j] = k == 0 ? 1 : 0 }
    for p in 1..<max(depth, 1) {
      let out = factor(p) + k * m
      if p == 1 {
        for j in 0..<m { out[j] = row(k)[j] }
      } else {
        for j in 0..<m { out[j] = 0 }
        addProduct(k, table, factor(p - 1), strides: (dimension, m), count: m, into: out)
      }
    }
    let highest = factor(depth - 1)
    let share = parametrization.speed * parametrization.scale * Double(depth)
    for i in 0..<d {
      pk[i] = share * highest[k * m + i]
      pk[d + i] = -share * highest[k * m + d + i]
    }
    addProduct(k, table, highest, strides: (dimension, m), count: d, scale: parametrization.scale, into: theta)
    addProduct(
      k, table + d, highest + d, strides: (dimension, m), count: d, scale: -parametrization.scale, into: theta)
  }

  private func computeLayers(_ k: Int, _ pk: UnsafeMutablePointer<Double>) {
    // Factor b: w_1 … w_{b+1}; factor L + b: w_{b+1} … w_L.
    for b in 0..<depth {
      let (up, last) = (factor(b) + k * d, depth - 1 - b)
      let down = factor(depth + last) + k * d
      if b == 0 {
        for i in 0..<d { (up[i], down[i]) = (row(k)[i], row(k)[last * d + i]) }
      } else {
        for i in 0..<d { (up[i], down[i]) = (0, 0) }
        addProduct(k, table + b * d, factor(b - 1), strides: (dimension, d), count: d, into: up)
        addProduct(k, table + last * d, factor(depth + last + 1), strides: (dimension, d), count: d, into: down)
      }
    }
    for b in 0..<depth {
      let out = pk + b * d
      switch (b > 0, b + 1 < depth) {
      case (false, false): for i in 0..<d { out[i] = k == 0 ? 1 : 0 }
      case (false, true): for i in 0..<d { out[i] = factor(depth + b + 1)[k * d + i] }
      case (true, false): for i in 0..<d { out[i] = factor(b - 1)[k * d + i] }
      case (true, true): addProduct(k, factor(b - 1), factor(depth + b + 1), strides: (d, d), count: d, into: out)
      }
    }
    for i in 0..<d { theta[i] = factor(depth - 1)[k * d + i] }
  }

  /// z, slopes, g and f of order k.
  private func computeForce(_ k: Int) {
    network.x.image(of: theta, into: z + k * n)
    network.loss.extendSlopes(
      k, z, labels: network.problem.response, count: n, weights: sampleWeights, products: sampleProducts, into: slopes)
    network.x.pull(slopes + k * n, scale: 1 / Double(n), into: g + k * d)
    let fk = f + k * m
    for j in 0..<m { fk[j] = 0 }
    for b in 0..<m / d { addProduct(k, g, partials + b * d, strides: (d, m), count: d, into: fk + b * d) }
  }

  /// The integrals of order k + 1.
  private func integrate(_ k: Int, _ share: Double) {
    let q = network.integralCount
    let next = row(k + 1) + (hasMomentum ? 2 * m : m)
    for i in 0...q { next[i] = 0 }
    var friction = 0.0
    for j in 0...k {
      let (a, b) = (velocities + j * m, velocities + (k - j) * m)
      for i in 0..<m { friction += a[i] * b[i] }
    }
    next[q] = 0.5 * share * friction
    guard hasMomentum else { return }
    if isLayered {
      addProduct(k, velocities, velocities, strides: (m, m), count: q, scale: 2 * lambda, into: next)
      addProduct(k, velocities + d, velocities + d, strides: (m, m), count: q, scale: -2 * lambda, into: next)
    } else {
      let highest = factor(depth - 1)
      addProduct(k, velocities, highest + d, strides: (m, m), count: d, scale: -1, into: next)
      addProduct(k, velocities + d, highest, strides: (m, m), count: d, scale: -1, into: next)
      if depth > 1 {
        let scale = lambda * Double(depth - 1)
        for i in 0..<d { mixed[k * d + i] = 0 }
        addProduct(k, velocities, velocities + d, strides: (m, m), count: d, into: mixed + k * d)
        for half in [factor(depth - 2), factor(depth - 2) + d] {
          addProduct(k, mixed, half, strides: (d, m), count: d, scale: scale, into: next)
        }
      }
    }
    for i in 0..<q { next[i] *= share }
  }

  func lastOrders(_ tolerance: Tolerance) -> (before: Double, last: Double) {
    network.sizes(table, hasMomentum ? UnsafePointer(table + m) : nil, lambda: lambda, into: sizes)
    func largest(_ k: Int) -> Double {
      var norm = 0.0
      for j in 0..<m {
        var size = abs(row(k)[j])
        if hasMomentum { size = largerOrNaN(size, lambda * abs(row(k)[m + j])) }
        norm = largerOrNaN(norm, size / tolerance.bound(sizes[j]))
      }
      return norm
    }
    return (largest(degree - 1), largest(degree))
  }
}
