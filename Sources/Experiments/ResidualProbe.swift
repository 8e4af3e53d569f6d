import Dynamics
import Networks
import RealModule

/// Looks at the state of a running flow from outside, with a network of its own: the steppers' passes are not disturbed.
final class ResidualProbe {
  /// The network, at the state last looked at.
  let network: any Network
  /// What it said there.
  private(set) var look = Look(loss: .nan, residualMax: .nan, leastMargin: nil)
  private let layout: FlowLayout
  private let lambda: Double
  private var field: [Double]

  init(_ setup: Setup, _ layout: FlowLayout, lambda: Double) {
    network = setup.network
    self.layout = layout
    self.lambda = lambda
    field = [Double](repeating: 0, count: network.dimension)
  }

  /// ẇ at `state`, m numbers.
  func rates(_ state: UnsafePointer<Double>) -> [Double] {
    guard layout.rates.isEmpty else {
      return Array(UnsafeBufferPointer(start: state + layout.rates.lowerBound, count: layout.rates.count))
    }
    computeField(state)
    return field.map { -$0 }
  }

  private func computeField(_ state: UnsafePointer<Double>) {
    network.gradient(state, into: &field)
  }

  /// What the network says of `state`. Half a pass.
  func look(_ state: UnsafePointer<Double>) -> Look {
    look = network.look(at: state)
    return look
  }

  /// The energy F + λ‖ẇ‖²/(2s) at `state`, which was looked at.
  func energy(_ state: UnsafePointer<Double>) -> Double {
    var squares = 0.0
    for i in layout.rates { squares += state[i] * state[i] }
    return look.loss + lambda / (2 * network.parametrization.speed) * squares
  }

  /// Stops at a small residual once `settled` agrees, or when nothing moves in the last digit any more; looks every
  /// `interval` steps.
  func condition(
    tolerance: Double, every interval: Int, _ monitor: RunMonitor, _ settled: ((StepView, ResidualProbe) -> Bool)?
  ) -> StopCondition {
    var first: Double?
    var count = 0
    return StopCondition { [self] view in
      guard view.statistics.steps % interval == 0 else { return nil }
      let residual = look(view.state).residualMax
      let start = first ?? residual
      first = start
      if start > tolerance, residual > 0 {
        monitor.progress(
          Double.log(start / residual) / Double.log(start / tolerance),
          "t = \(short(view.time)), residual \(short(residual))")
      }
      if residual <= tolerance, settled?(view, self) ?? true { return .residual }
      // Stationarity costs a pass, and can wait for some steps.
      count += 1
      return count % 16 == 0 && isStationary(view) ? .stationary : nil
    }
  }

  /// Whether no coordinate would change in its last digit in as much time again: |ẇ| and λ|ẅ| against |w|/t.
  ///
  /// A coordinate that has decayed below 2⁻⁹⁶⁰ (no start is that small) adds nothing to θ any more and does not count:
  /// further down doubles lose their digits, and what is left is noise.
  private func isStationary(_ view: StepView) -> Bool {
    let horizon = view.time + 1
    computeField(view.state)
    for i in layout.weights {
      var speed = abs(field[i])
      var size = abs(view.state[i])
      if !layout.rates.isEmpty {
        let rate = view.state[layout.rates.lowerBound + i]
        size += lambda * abs(rate)
        // λẅ = −(ẇ + f).
        speed = max(abs(rate), abs(rate + field[i]))
      }
      if size > 0x1p-960, speed * horizon > 0x1p-52 * size { return false }
    }
    return true
  }
}
