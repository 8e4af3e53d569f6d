import Dynamics
import Networks
import Regression

/// How well a flow has kept what it keeps, over recorded times.
struct FlowDefects {
  private let network: any Network
  private let lambda: Double
  private let (balance, conserved): ([Double], [Double])
  private let energy: Double
  private var energyDefect = 0.0
  private var (balanceDefect, balanceScale) = (0.0, 0.0)
  /// The largest change of what gradient flow conserves, relative to it.
  private(set) var conservedDrift = 0.0

  /// Of a flow that starts at `start` with this energy.
  init(_ network: any Network, lambda: Double, from start: Initialization, energy: Double) {
    self.network = network
    self.lambda = lambda
    self.energy = energy
    balance = network.balance(start.weights, start.rates, lambda: lambda)
    conserved = network.parametrization.conserved(start.weights)
  }

  /// max |E(t) − E(0) + ∫‖ẇ‖²/s| / E(0).
  var energyDrift: Double { energyDefect / energy }
  /// The largest defect of the additive balance identity, relative to its scale: max|D| for the diagonal network.
  var balanceCheck: Double { balanceScale > 0 ? balanceDefect / balanceScale : balanceDefect }

  /// Takes a state w, ẇ with its energy, the identity's integrals and ∫‖ẇ‖²/2.
  mutating func observe(
    _ w: [Double], _ v: [Double], energy now: Double, balanceIntegral: ArraySlice<Double>, friction: Double
  ) {
    let parametrization = network.parametrization
    let dissipated = 2 / parametrization.speed * (network.problem.reduction?.sum(friction) ?? friction)
    energyDefect = largerOrNaN(energyDefect, abs(now - energy + dissipated))
    balanceScale = max(balanceScale, network.balanceScale(w).maximumMagnitude)
    for (i, (value, integral)) in zip(network.balance(w, v, lambda: lambda), balanceIntegral).enumerated() {
      balanceDefect = largerOrNaN(balanceDefect, abs(value - balance[i] - integral))
    }
    // Differences of squares are compared with the largest one, inverse powers each with itself.
    let isLayered: Bool = if case .layers = parametrization { true } else { false }
    let common = max(conserved.maximumMagnitude, balanceScale)
    for (i, value) in parametrization.conserved(w).enumerated() {
      let scale = isLayered ? common : abs(conserved[i])
      let change = abs(value - conserved[i])
      conservedDrift = largerOrNaN(conservedDrift, scale > 0 ? change / scale : change)
    }
  }

  /// Makes them those of all processes that share the weights.
  mutating func join() {
    guard let reduction = network.problem.reduction else { return }
    (balanceDefect, balanceScale) = (reduction.largest(balanceDefect), reduction.largest(balanceScale))
  }
}
