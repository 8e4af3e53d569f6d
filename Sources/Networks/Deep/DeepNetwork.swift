import Dynamics
import LinearAlgebra
import Regression

/// A diagonal network of any depth with any of the losses: F(w) = (1/n) Σ ℓ(x_qᵀθ(w), y_q).
///
/// A state w holds the blocks of `parametrization` one after the other, d weights each. With g = Xᵀℓ′/n the field is
/// f_b = g⊙P_b, P_b = s ∂θ/∂w_b. Its integrals, which balance the additive identity (`Parametrization.balance`), are
/// 2λ∫(ẇ_j² − ẇ_{j+1}²) for layers, ∫[λ(L − 1)ẇ₊ẇ₋(w₊ᴸ⁻² + w₋ᴸ⁻²) − w₋ᴸ⁻¹ẇ₊ − w₊ᴸ⁻¹ẇ₋] for powers: multiply λẅ± + ẇ± = ∓L w±ᴸ⁻¹g
/// by w∓ᴸ⁻¹ and add, so that g drops out; unlike w±²⁻ᴸ nothing here has a pole where a weight vanishes.
///
/// Source: Theory, eq. 3.4.
public final class DeepNetwork: Network {
  /// The data; for classification with targets ±1.
  public let problem: RegressionProblem
  public let model: NetworkModel
  /// The same as `model.parametrization`, at hand.
  public let parametrization: Parametrization
  /// The same as `model.loss`.
  public let loss: Loss
  public let dimension: Int
  public private(set) var passes = 0

  let (n, d, blocks, depth): (Int, Int, Int, Int)
  let x: PackedMatrix
  private let theta, thetaRate, g, gradientRate: UnsafeMutablePointer<Double>
  /// z = Xθ, n numbers, at the last call of `gradient` or `value`.
  public let predictions: UnsafeMutablePointer<Double>
  private let slopes, image: UnsafeMutablePointer<Double>
  /// P and its rate, dimension numbers each.
  private let partials, partialRates: UnsafeMutablePointer<Double>
  private let workspace = Workspace()
  /// The least size of a weight of a network of depth 1, which may start at zero: ‖g(0)‖∞/maxᵢ(‖Xᵢ‖²/n).
  private let floor: Double

  /// A network with its own scratch memory: O(n + Ld).
  public init(_ problem: RegressionProblem, _ model: NetworkModel) {
    self.problem = problem
    self.model = model
    (parametrization, loss) = (model.parametrization, model.loss)
    let parametrization = parametrization
    (n, d, blocks, depth) = (
      problem.sampleCount, problem.featureCount, parametrization.blockCount, parametrization.depth
    )
    dimension = blocks * d
    x = problem.design.packed
    theta = workspace.zeros(d)
    thetaRate = workspace.zeros(d)
    g = workspace.zeros(d)
    gradientRate = workspace.zeros(d)
    predictions = workspace.zeros(n)
    slopes = workspace.zeros(n)
    image = workspace.zeros(n)
    partials = workspace.zeros(dimension)
    partialRates = workspace.zeros(dimension)
    guard depth == 1 else {
      floor = 0
      return
    }
    for q in 0..<n { slopes[q] = loss.slope(0, problem.response[q]) }
    x.pull(slopes, scale: 1 / Double(n), into: g)
    let steepest = problem.design.columnNorms.maximumMagnitude
    floor =
      steepest > 0
      ? UnsafeBufferPointer(start: g, count: d).reduce(0) { max($0, abs($1)) } * Double(n) / (steepest * steepest) : 0
  }

  public var integralCount: Int { if case .layers = parametrization { (depth - 1) * d } else { d } }
  public var balanceIntegral: Range<Int> { 0..<integralCount }
  public var gradientIntegral: Range<Int> { integralCount..<integralCount }
  public var hasDenseStages: Bool { true }

  public func balance(_ w: [Double], _ rate: [Double], lambda: Double) -> [Double] {
    parametrization.balance(w, rate, lambda: lambda)
  }
  public func balanceScale(_ w: [Double]) -> [Double] { parametrization.balanceScale(w) }

  /// Counts the passes that a jet of this network makes.
  func count(passes more: Int) { passes += more }

  // MARK: θ(w)

  /// P_b at feature i.
  private func partial(_ w: UnsafePointer<Double>, _ block: Int, _ i: Int) -> Double {
    if case .layers = parametrization {
      var product = 1.0
      for k in 0..<blocks where k != block { product *= w[k * d + i] }
      return product
    }
    let factor = parametrization.speed * parametrization.scale * Double(depth)
    return (block == 0 ? factor : -factor) * integerPower(w[block * d + i], depth - 1)
  }

  /// ∂P_b/∂w_c at feature i.
  private func secondPartial(_ w: UnsafePointer<Double>, _ b: Int, _ c: Int, _ i: Int) -> Double {
    if case .layers = parametrization {
      guard b != c else { return 0 }
      var product = 1.0
      for k in 0..<blocks where k != b && k != c { product *= w[k * d + i] }
      return product
    }
    guard b == c, depth > 1 else { return 0 }
    let factor = parametrization.speed * parametrization.scale * Double(depth * (depth - 1))
    return (b == 0 ? factor : -factor) * integerPower(w[b * d + i], depth - 2)
  }

  private func computePredictions(_ w: UnsafePointer<Double>) {
    computeTheta(w)
    x.image(of: theta, into: predictions)
  }

  private func computeTheta(_ w: UnsafePointer<Double>) {
    for i in 0..<d {
      if case .layers = parametrization {
        theta[i] = w[i]
        for k in 1..<max(blocks, 1) { theta[i] *= w[k * d + i] }
      } else {
        theta[i] = parametrization.scale * (integerPower(w[i], depth) - integerPower(w[d + i], depth))
      }
    }
  }

  // MARK: Objective

  public func value(_ w: UnsafePointer<Double>) -> Double {
    computePredictions(w)
    passes += 1
    return lossOfPredictions
  }

  private var lossOfPredictions: Double {
    var sum = 0.0
    for q in 0..<n { sum += loss.value(predictions[q], problem.response[q]) }
    return sum / Double(n)
  }

  public var lastLook: Look {
    var (largest, least) = (0.0, Double.infinity)
    for q in 0..<n {
      largest = largerOrNaN(largest, abs(predictions[q] - problem.response[q]))
      least = min(least, problem.response[q] * predictions[q])
    }
    return Look(
      loss: lossOfPredictions, residualMax: largest, leastMargin: loss.isClassification ? least : nil)
  }

  public func gradient(_ w: UnsafePointer<Double>, into f: UnsafeMutablePointer<Double>) {
    computePredictions(w)
    for q in 0..<n { slopes[q] = loss.slope(predictions[q], problem.response[q]) }
    x.pull(slopes, scale: 1 / Double(n), into: g)
    passes += 1
    writeField(w, into: f)
  }

  /// P and f = g⊙P by the last g.
  private func writeField(_ w: UnsafePointer<Double>, into f: UnsafeMutablePointer<Double>) {
    for b in 0..<blocks {
      for i in 0..<d {
        let p = partial(w, b, i)
        partials[b * d + i] = p
        f[b * d + i] = g[i] * p
      }
    }
  }

  public func gradient(
    _ w: UnsafePointer<Double>, rows: UnsafeBufferPointer<Int>, into f: UnsafeMutablePointer<Double>
  ) {
    computeTheta(w)
    g.update(repeating: 0, count: d)
    for q in rows {
      let row = x.base + q * x.stride
      let slope = loss.slope(Dense.dot(row, theta, d), problem.response[q])
      Dense.add(row, scale: slope / Double(rows.count), d, to: g)
    }
    passes += 1
    writeField(w, into: f)
  }

  public func gradientDerivative(
    _ w: UnsafePointer<Double>, along v: UnsafePointer<Double>, into derivative: UnsafeMutablePointer<Double>
  ) {
    gradient(w, into: derivative)
    for i in 0..<d {
      var rate = 0.0
      for b in 0..<blocks {
        rate += partials[b * d + i] * v[b * d + i]
        var change = 0.0
        for c in 0..<blocks { change += secondPartial(w, b, c, i) * v[c * d + i] }
        partialRates[b * d + i] = change
      }
      thetaRate[i] = rate / parametrization.speed
    }
    x.image(of: thetaRate, into: image)
    for q in 0..<n { image[q] *= loss.curvature(predictions[q], problem.response[q]) }
    x.pull(image, scale: 1 / Double(n), into: gradientRate)
    passes += 1
    for b in 0..<blocks {
      for i in 0..<d {
        derivative[b * d + i] = gradientRate[i] * partials[b * d + i] + g[i] * partialRates[b * d + i]
      }
    }
  }

  /// Df = P_b P_cᵀ⊙H/s + diag(g ∂P_b/∂w_c), H = Xᵀ diag(ℓ″)X/n; symmetric. O(nd² + L²d²).
  public func gradientJacobian(_ w: UnsafePointer<Double>, into matrix: UnsafeMutablePointer<Double>) {
    gradient(w, into: partialRates)
    let m = dimension
    let rows = UnsafeMutablePointer<Double>.allocate(capacity: n * d + d * d)
    defer { rows.deallocate() }
    let h = rows + n * d
    for q in 0..<n {
      let root = loss.curvature(predictions[q], problem.response[q]).squareRoot()
      for i in 0..<d { rows[q * d + i] = root * problem.design[q, i] }
    }
    Dense.gram(rows, n, d, scale: 1 / (Double(n) * parametrization.speed), into: h)
    for i in 0..<d {
      for j in 0..<d {
        let entry = i <= j ? h[i * d + j] : h[j * d + i]
        for b in 0..<blocks {
          for c in 0..<blocks {
            matrix[(b * d + i) * m + c * d + j] = entry * partials[b * d + i] * partials[c * d + j]
          }
        }
      }
      for b in 0..<blocks {
        for c in 0..<blocks { matrix[(b * d + i) * m + c * d + i] += g[i] * secondPartial(w, b, c, i) }
      }
    }
  }

  // MARK: Integrals

  public func integrands(
    _ w: UnsafePointer<Double>, _ rate: UnsafePointer<Double>, lambda: Double,
    into values: UnsafeMutablePointer<Double>
  ) {
    if case .layers = parametrization {
      for i in 0..<integralCount {
        values[i] = 2 * lambda * (rate[i] - rate[d + i]) * (rate[i] + rate[d + i])
      }
      return
    }
    for i in 0..<d {
      let (a, b) = (powers(w[i]), powers(w[d + i]))
      let (p, q) = (rate[i], rate[d + i])
      // Zero for gradient flow, whose rates cancel.
      values[i] =
        lambda > 0 ? lambda * Double(depth - 1) * p * q * (a.second + b.second) - b.first * p - a.first * q : 0
    }
  }

  /// xᴸ⁻¹, xᴸ⁻², xᴸ⁻³; negative powers, whose factors vanish, as 0.
  private func powers(_ x: Double) -> (first: Double, second: Double, third: Double) {
    (
      integerPower(x, depth - 1), depth > 1 ? integerPower(x, depth - 2) : 0,
      depth > 2 ? integerPower(x, depth - 3) : 0
    )
  }

  public func integrandRates(
    _ w: UnsafePointer<Double>, _ rate: UnsafePointer<Double>, _ acceleration: UnsafePointer<Double>, lambda: Double,
    into values: UnsafeMutablePointer<Double>
  ) {
    if case .layers = parametrization {
      for i in 0..<integralCount {
        values[i] = 4 * lambda * (rate[i] * acceleration[i] - rate[d + i] * acceleration[d + i])
      }
      return
    }
    for i in 0..<d {
      guard lambda > 0 else {
        values[i] = 0
        continue
      }
      let slope = powerSlopes(w, rate, lambda, i)
      values[i] =
        slope.position.0 * rate[i] + slope.position.1 * rate[d + i] + slope.velocity.0 * acceleration[i]
        + slope.velocity.1 * acceleration[d + i]
    }
  }

  /// The derivatives of a power network's integrand by w± and ẇ± of feature i.
  private func powerSlopes(
    _ w: UnsafePointer<Double>, _ rate: UnsafePointer<Double>, _ lambda: Double, _ i: Int
  ) -> (position: (Double, Double), velocity: (Double, Double)) {
    let (a, b) = (powers(w[i]), powers(w[d + i]))
    let (p, q) = (rate[i], rate[d + i])
    let (first, second) = (Double(depth - 1), Double((depth - 1) * (depth - 2)))
    return (
      (
        lambda * second * p * q * a.third - first * a.second * q,
        lambda * second * p * q * b.third - first * b.second * p
      ),
      (
        lambda * first * q * (a.second + b.second) - b.first,
        lambda * first * p * (a.second + b.second) - a.first
      )
    )
  }

  public func integrandJacobians(
    _ w: UnsafePointer<Double>, _ rate: UnsafePointer<Double>, lambda: Double,
    position: UnsafeMutablePointer<Double>, velocity: UnsafeMutablePointer<Double>
  ) {
    let m = dimension
    position.update(repeating: 0, count: integralCount * m)
    velocity.update(repeating: 0, count: integralCount * m)
    if case .layers = parametrization {
      for i in 0..<integralCount {
        velocity[i * m + i] = 4 * lambda * rate[i]
        velocity[i * m + d + i] = -4 * lambda * rate[d + i]
      }
      return
    }
    guard lambda > 0 else { return }
    for i in 0..<d {
      let slope = powerSlopes(w, rate, lambda, i)
      (position[i * m + i], position[i * m + d + i]) = slope.position
      (velocity[i * m + i], velocity[i * m + d + i]) = slope.velocity
    }
  }

  // MARK: Error control and structure

  /// The weights of one feature have the size of the largest of its layers, since any of them may start at zero; for
  /// powers each its own.
  public func sizes(
    _ w: UnsafePointer<Double>, _ rate: UnsafePointer<Double>?, lambda: Double, into sizes: UnsafeMutablePointer<Double>
  ) {
    for j in 0..<dimension { sizes[j] = max(floor, abs(w[j]) + (rate.map { lambda * abs($0[j]) } ?? 0)) }
    guard case .layers = parametrization else { return }
    for i in 0..<d {
      var largest = 0.0
      for b in 0..<blocks { largest = max(largest, sizes[b * d + i]) }
      for b in 0..<blocks { sizes[b * d + i] = largest }
    }
  }

  public func makeJet(degree: Int, lambda: Double, carryingIntegrals: Bool) -> any Jet {
    DeepJet(self, degree: degree, lambda: lambda, carryingIntegrals: carryingIntegrals)
  }

  public func makeStageSystem(stages: Int, lambda: Double) -> any StageSystem {
    DenseStages(self, stages: stages, lambda: lambda)
  }

  public func stageWork(stages: Int) -> Double { DenseStages.work(dimension, stages: stages) }

  public var seriesWork: (linear: Double, quadratic: Double) {
    let products = (2 * depth + 3) * dimension + (loss == .square ? 0 : 2 * n)
    return (2 * Double(n * d), 0.5 * Double(products))
  }
}
