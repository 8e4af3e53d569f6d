extension Twin {
  /// A flow followed to an end, a number of steps at a time: the command `solve`.
  public final class FlowRun {
    /// How it ended; `.running` before.
    public private(set) var outcome = Outcome.running
    /// What was recorded.
    public private(set) var record: Record
    /// max |E(t) − E(0) + ∫‖ẇ‖²/2| / E(0) over recorded times (Theory, section 3).
    public private(set) var energyDrift = 0.0
    /// The largest defect of D + λḊ = D₀ + λḊ₀ + 2λ∫ẇ₊ẇ₋ over recorded times, relative to max|D| (Theory, section 4).
    public var balanceCheck: Double { balanceScale > 0 ? balanceDefect / balanceScale : balanceDefect }

    private let stepper: FlowStepper
    private let recording: Recording
    private let end: Double
    private let tolerance: Double?
    private let maximumPasses: Int
    private let start: (balance: [Double], energy: Double)
    private let scratch: Memory
    private let look: Look
    private var next = 0
    private var looks = 0
    private var firstResidual = 0.0
    private var (balanceDefect, balanceScale) = (0.0, 0.0)

    /// - Parameters:
    ///   - lambda: λ; 0 for gradient flow.
    ///   - weights, rates: w± and ẇ± at 0, 2d numbers each.
    ///   - relative, absolute: the local error allowed of every weight.
    ///   - end: the last time.
    ///   - tolerance: stop at ‖Xθ − y‖∞ at most this; nil to go to `end`.
    public init(
      _ problem: Problem, lambda: Double, weights: [Double], rates: [Double], relative: Double, absolute: Double,
      until end: Double, residual tolerance: Double? = nil, recording: Recording, maximumPasses: Int = 1 << 30
    ) {
      (self.recording, self.end, self.tolerance, self.maximumPasses) = (recording, end, tolerance, maximumPasses)
      stepper = FlowStepper(
        problem, lambda: lambda, weights: weights, rates: rates, relative: relative, absolute: absolute)
      (scratch, look, record) = (Memory(stepper.dimension), Look(problem), Record(problem, lambda: lambda))
      look.take(stepper.state)
      firstResidual = look.residualMax
      let rates = stepper.rates
      var first = Record(problem, lambda: lambda)
      first.append(0, weights, rates)
      start = (Twin.extendedBalance(weights, rates, lambda), first.energy[0])
      if case .times = recording { takeWithin(upTo: 0) } else { observe(0, stepper.state) }
      if !(first.energy[0] < .infinity) { outcome = .nonFinite }
      settle()
    }

    /// Goes on for `steps` steps at most; true once it has come to its end.
    public func advance(_ steps: Int) -> Bool {
      for _ in 0..<steps where outcome == .running {
        let stopped = stepper.step(notBeyond: end)
        guard stopped == .running else {
          finish(stopped)
          break
        }
        switch recording {
        case .times: takeWithin(upTo: stepper.time)
        case .every: observe(stepper.time, stepper.state)
        case .logarithmic(let count):
          observe(stepper.time, stepper.state)
          if record.times.count > 8 * max(count, 2) { record.thin(to: 4 * max(count, 2)) }
        case .iterations, .ends: break
        }
        settle()
      }
      return outcome != .running
    }

    /// How far it is, between 0 and 1.
    public var progress: Double {
      guard let tolerance else { return stepper.time / end }
      let whole = Elementary.log(firstResidual / tolerance)
      return whole > 0 && look.residualMax > 0
        ? min(1, max(0, Elementary.log(firstResidual / look.residualMax) / whole)) : 1
    }

    private func settle() {
      guard outcome == .running else { return }
      if let tolerance {
        look.take(stepper.state)
        if look.residualMax <= tolerance { return finish(.residual) }
        looks += 1
        if looks % 16 == 0, stepper.isStationary { return finish(.stationary) }
      }
      if stepper.time >= end { return finish(tolerance == nil ? .reached : .maximumTime) }
      if stepper.passes >= maximumPasses || record.isFull { finish(.maximumWork) }
    }

    private func finish(_ outcome: Outcome) {
      self.outcome = outcome
      switch recording {
      case .logarithmic(let count): record.thin(to: max(count, 2))
      case .ends: if record.times.last != stepper.time { observe(stepper.time, stepper.state) }
      case .times, .every, .iterations: break
      }
    }

    /// Records the times asked for up to t, the end of the last step.
    private func takeWithin(upTo t: Double) {
      guard case .times(let times) = recording else { return }
      while next < times.count, times[next] <= t {
        if times[next] == t {
          observe(t, stepper.state)
        } else {
          stepper.state(at: times[next], into: scratch.base)
          observe(times[next], scratch.base)
        }
        next += 1
      }
    }

    private func observe(_ time: Double, _ y: UnsafeMutablePointer<Double>) {
      let (d, lambda, n) = (stepper.problem.features, stepper.lambda, stepper.dimension)
      let (w, v) = ((0..<2 * d).map { y[$0] }, stepper.rates(of: y))
      record.append(time, w, v)
      energyDrift = largerOrNaN(
        energyDrift, abs(record.energy[record.energy.count - 1] - start.energy + y[n - 1]) / start.energy)
      let extended = Twin.extendedBalance(w, v, lambda)
      for i in 0..<d {
        balanceScale = max(balanceScale, abs(w[i] * w[d + i]))
        balanceDefect = largerOrNaN(balanceDefect, abs(extended[i] - start.balance[i] - y[n - 2 * d - 1 + i]))
      }
    }

    /// Time, loss, ‖r‖∞, energy, steps, passes, local error, energy drift, balance check, largest curvature h of K, test error,
    /// ‖θ‖₁, and 1 if a weight has fallen below the range of doubles.
    public var scalars: [Double] {
      var last = Record(stepper.problem, lambda: stepper.lambda)
      last.append(stepper.time, stepper.weights, stepper.rates)
      let theta = Twin.theta(stepper.weights)
      return [
        stepper.time, last.loss[0], last.residualMax[0], last.energy[0], Double(stepper.steps), Double(stepper.passes),
        stepper.localError, energyDrift, balanceCheck, Modes.largest(stepper.problem, at: stepper.weights),
        stepper.problem.testError(theta), theta.reduce(0) { $0 + abs($1) },
        stepper.hasLostWeights ? 1 : 0,
      ]
    }

    /// The sign changes, in order of time.
    public var signChanges: [SignChange] { stepper.signChanges }
    /// w± at the last time, 2d numbers.
    public var weights: [Double] { stepper.weights }
    /// The last time.
    public var time: Double { stepper.time }
  }

  /// D + λḊ = w₊w₋ + λ(ẇ₊w₋ + w₊ẇ₋), d numbers (Theory, section 4).
  static func extendedBalance(_ w: [Double], _ v: [Double], _ lambda: Double) -> [Double] {
    let d = w.count / 2
    return (0..<d).map { w[$0] * w[d + $0] + lambda * (v[$0] * w[d + $0] + w[$0] * v[d + $0]) }
  }

  /// θ = ¼(w₊² − w₋²), d numbers.
  static func theta(_ w: [Double]) -> [Double] {
    let d = w.count / 2
    return (0..<d).map { 0.25 * (w[$0] * w[$0] - w[d + $0] * w[d + $0]) }
  }
}
