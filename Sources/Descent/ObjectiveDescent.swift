import Dynamics
import GradientDynamics

/// Heavy ball or Nesterov on any objective, with the full gradient: w_{k+1} = w_k − γ f + β (w_k − w_{k−1}), w₋₁ = w₀ − ε ẇ₀.
///
/// The increment is stored and the rounding error of adding it carried along, as in `Descent`. One pass an iteration.
public final class ObjectiveDescent {
  /// What is descended.
  public let objective: any Objective
  /// The method.
  public let settings: DescentSettings
  /// The number k of iterations done.
  public private(set) var iteration = 0

  private let m: Int
  private let w, increment, carry, previous, point, force: UnsafeMutablePointer<Double>
  private let workspace = Workspace()

  /// A run at its start. Throws `InvalidInput` when the start does not fit, or for minibatches.
  public init(
    _ objective: any Objective, _ settings: DescentSettings, weights: [Double], rates: [Double]
  ) throws(InvalidInput) {
    guard settings.batches == nil else {
      throw InvalidInput(
        "\(.batch)", because: "minibatches are drawn for the diagonal network with the square loss only",
        remedy: "leave it out")
    }
    m = objective.dimension
    guard weights.count == m, rates.count == m else {
      throw InvalidInput("initialisation", because: "it has \(weights.count) weights where \(m) are needed")
    }
    self.objective = objective
    self.settings = settings
    let workspace = workspace
    (w, increment, carry) = (workspace.zeros(m), workspace.zeros(m), workspace.zeros(m))
    (previous, point, force) = (workspace.zeros(m), workspace.zeros(m), workspace.zeros(m))
    for j in 0..<m {
      w[j] = weights[j]
      previous[j] = weights[j]
      increment[j] = settings.step * rates[j]
    }
  }

  /// The time t = kε.
  public var time: Double { Double(iteration) * settings.step }
  /// w_k; valid until the next iteration.
  public var weights: UnsafePointer<Double> { UnsafePointer(w) }
  /// w_k as an array.
  public var weightArray: [Double] { Array(UnsafeBufferPointer(start: w, count: m)) }
  /// (w_k − w_{k−1})/ε as an array.
  public var rateArray: [Double] { (0..<m).map { increment[$0] / settings.step } }

  /// One iteration.
  public func advance() {
    let isNesterov = settings.method == .nesterov
    for j in 0..<m {
      previous[j] = w[j]
      point[j] = isNesterov ? w[j] + settings.beta * increment[j] : w[j]
    }
    objective.gradient(point, into: force)
    for j in 0..<m {
      increment[j] = settings.beta * increment[j] - settings.gamma * force[j]
      let term = increment[j] + carry[j]
      let sum = w[j] + term
      carry[j] = term - (sum - w[j])
      w[j] = sum
    }
    iteration += 1
  }

  /// The coordinates that have changed sign in the last iteration, timed by linear interpolation.
  public func signChanges() -> [Occurrence] {
    (0..<m).compactMap { j in
      guard w[j] * previous[j] < 0 else { return nil }
      let fraction = w[j] / (w[j] - previous[j])
      return Occurrence(coordinate: j, time: time - fraction * settings.step, direction: w[j] > 0 ? 1 : -1)
    }
  }

  /// Whether the iterates have grown beyond all use: a weight above 1e100 or not a number.
  public var hasDiverged: Bool {
    for j in 0..<m where !(abs(w[j]) <= 1e100) { return true }
    return false
  }

  /// Goes back to the iterate before the last one; possible once after each `advance`.
  public func retreat() {
    for j in 0..<m { (w[j], carry[j]) = (previous[j], 0) }
    iteration -= 1
  }
}
