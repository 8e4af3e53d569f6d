extension Twin {
  /// One run to where its limit can be projected, a number of steps or iterations at a time.
  ///
  /// A projection is tried only where the energy promises success: its error goes with a power between 3 and 4 of the root of the
  /// energy, which tells from each attempt how much smaller that must become. As the library's `ProjectionCriterion`.
  final class LimitSearch {
    /// How it ended; `.running` before.
    private(set) var outcome = Outcome.running
    /// Where the last projection led.
    private(set) var projection: Projection?
    /// The relative error of the projected state itself.
    private(set) var stateError = 0.0
    /// The defect of the additive identity relative to max|D|; not a number for discrete runs.
    private(set) var balanceCheck = Double.nan
    /// Whether the identity is too coarse to tell the error of the state.
    private(set) var needsSecondRun = false

    let flow: FlowStepper?
    let descent: Descent?
    private let problem: Problem
    private let space: RowSpace
    private let motion: Motion
    private let start: [Double]
    private let lambda: Double
    private let deltaTolerance: Double
    private let maximumTime: Double
    private let maximumPasses: Int
    private let look: Look
    private var first = 0.0
    private var threshold = Double.infinity
    private var amplitude = Double.infinity
    private var projectedAt = -1.0
    private var looks = 0

    init(
      _ problem: Problem, _ space: RowSpace, _ motion: Motion, weights: [Double], rates: [Double], relative: Double,
      absolute: Double, deltaTolerance: Double, maximumTime: Double, maximumPasses: Int
    ) {
      (self.problem, self.space, self.motion, look) = (problem, space, motion, Look(problem))
      (self.deltaTolerance, self.maximumTime, self.maximumPasses) = (deltaTolerance, maximumTime, maximumPasses)
      switch motion {
      case .discrete(let method):
        (flow, lambda) = (nil, method.lambda)
        descent = Descent(problem, method, weights: weights, rates: rates)
      case .momentum, .gradientFlow:
        (descent, lambda) = (nil, motion.coasting)
        flow = FlowStepper(
          problem, lambda: motion.coasting, weights: weights, rates: rates, relative: relative, absolute: absolute)
      }
      start = Twin.extendedBalance(weights, rates, motion.coasting)
      if case .gradientFlow = motion {
        project()
        outcome = projection?.error.delta == 0 ? .reached : .nonFinite
      } else {
        settle()
      }
    }

    var time: Double { flow?.time ?? descent?.time ?? 0 }
    var place: Double { flow?.time ?? Double(descent?.iteration ?? 0) }
    var weights: [Double] { flow?.weights ?? descent?.weights ?? [] }
    var rates: [Double] { flow?.rates ?? descent?.rates ?? [] }
    var gradientIntegral: [Double] { flow?.gradientIntegral ?? descent?.gradientIntegral ?? [] }

    /// How far it is, between 0 and 1.
    var progress: Double {
      guard amplitude < first, threshold > 0, threshold < first else { return 0 }
      return min(1, Elementary.log(first / amplitude) / Elementary.log(first / threshold))
    }

    /// Goes on for `count` steps or iterations at most; true once it has come to its end.
    func advance(_ count: Int) -> Bool {
      for _ in 0..<count where outcome == .running {
        if let flow {
          let stopped = flow.step(notBeyond: maximumTime)
          if stopped != .running { end(stopped) }
        } else if let descent, !descent.advance() {
          end(.diverged)
        }
        settle()
      }
      return outcome != .running
    }

    private func settle() {
      guard outcome == .running else { return }
      if let flow {
        if flow.steps % 8 == 0 {
          if isMet(Double(flow.steps), flow.state, flow.rates) { return end(.reached) }
          looks += 1
          if looks % 16 == 0, flow.isStationary { return end(.stationary) }
        }
        // Digits that are lost do not come back.
        if flow.passes > maximumPasses || flow.hasLostWeights { return end(.maximumWork) }
      } else if let descent {
        let k = descent.iteration
        if k % Self.spacing(k) == 0, isMet(Double(k), descent.position, descent.rates) { return end(.reached) }
        if k >= maximumPasses { return end(.maximumWork) }
      }
      if time >= maximumTime { end(.maximumTime) }
    }

    /// Every 16 iterations at first, later at distances of at most k/64.
    private static func spacing(_ k: Int) -> Int {
      k < 2048 ? 16 : 1 << (Int.bitWidth - 1 - k.leadingZeroBitCount - 6)
    }

    /// A limit that is good enough is reached, whatever else ended the run first.
    private func end(_ why: Outcome) {
      outcome = why
      guard why != .reached, why != .diverged, why != .nonFinite, why != .stepTooSmall else { return }
      project()
      if excess <= 1 { outcome = .reached }
    }

    private func isMet(_ key: Double, _ w: UnsafePointer<Double>, _ v: [Double]) -> Bool {
      look.take(w)
      amplitude = (look.loss + v.withUnsafeBufferPointer { $0.baseAddress.map { look.kinetic($0, lambda) } ?? 0 })
        .squareRoot()
      if threshold == .infinity {
        first = amplitude
        // An ordinary start tells nothing: there the tail is everything. One that nearly interpolates may be enough.
        let scale = largest(problem.response)
        threshold =
          amplitude <= 1e-3 * (scale > 0 ? scale : 1)
          ? amplitude : amplitude * min(0.3, max(0.01, Elementary.power(0.5 * deltaTolerance, 0.25)))
      }
      guard amplitude <= threshold else { return false }
      project()
      let excess = excess
      if excess <= 1 { return true }
      let shrink = excess < .infinity ? 0.9 * Elementary.power(excess, -1 / 3.5) : 0.3
      threshold = amplitude * min(0.8, max(0.02, shrink))
      return false
    }

    /// The projection's error in units of half of what is allowed; the other half is for the error of the state.
    private var excess: Double {
      guard let projection else { return .infinity }
      // θ∞ may be zero but for rounding: the weights' own scale counts, too.
      let scale = largerOrNaN(largest(projection.theta), largest(balance))
      return largerOrNaN(projection.error.delta, scale > 0 ? projection.error.theta / scale : 0)
        / (0.5 * deltaTolerance)
    }

    /// Δ∞ = |a₊a₋| e^{−J₊−J₋}; gradient flow keeps Δ exactly.
    var balance: [Double] {
      let d = problem.features
      if case .gradientFlow = motion { return start.map { abs($0) } }
      guard let logs = projection?.logs else { return [Double](repeating: .nan, count: d) }
      return (0..<d).map { Elementary.exp(logs[$0] + logs[d + $0]) }
    }

    private func project() {
      let (w, v, key) = (weights, descent?.increments ?? rates, Double(flow?.steps ?? descent?.iteration ?? 0))
      guard key != projectedAt else { return }
      projectedAt = key
      projection = Projection(problem, space, weights: w, rates: v, motion: motion)
      switch motion {
      case .gradientFlow: (stateError, balanceCheck) = (0, 0)
      case .discrete:
        // Increments and carry keep the rounding of k iterations to that of a random walk.
        stateError = 4 * 0x1p-52 * (4 + key.squareRoot())
      case .momentum(let lambda):
        let extended = Twin.extendedBalance(w, v, lambda)
        let integral = flow?.balanceIntegral ?? []
        let d = problem.features
        var (worst, relative, resolution) = (0.0, 0.0, 0.0)
        for i in 0..<d where w[i] != 0 && w[d + i] != 0 {
          let defect = abs(extended[i] - start[i] - integral[i])
          let rounding = 8 * 0x1p-52 * (abs(start[i]) + abs(integral[i]))
          worst = largerOrNaN(worst, defect)
          relative = largerOrNaN(relative, largerOrNaN(0, defect - rounding) / abs(extended[i]))
          resolution = largerOrNaN(resolution, rounding / abs(extended[i]))
        }
        let scale = largest(extended)
        balanceCheck = scale > 0 ? worst / scale : worst
        // The identity tells the state's error where it resolves a tenth of what is allowed; else a second run does.
        needsSecondRun = !(resolution <= 0.1 * deltaTolerance)
        stateError = 8 * 0x1p-52 + (needsSecondRun ? 0 : relative + resolution)
      }
    }
  }
}
