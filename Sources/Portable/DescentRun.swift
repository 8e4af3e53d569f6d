extension Twin {
  /// A discrete run, a number of iterations at a time: the command `descend`.
  public final class DescentRun {
    /// How it ended; `.running` before.
    public private(set) var outcome = Outcome.running
    /// What was recorded.
    public private(set) var record: Record
    /// The iteration at which it was found to diverge.
    public private(set) var divergedAt: Int?

    private let descent: Descent
    private let recording: Recording
    private let maximum: Int
    private let tolerance: Double?
    /// Below this the residual is rounding.
    private let floor: Double
    private var next = 0
    private var firstResidual = 0.0

    /// - Parameters:
    ///   - weights, rates: w± and ẇ± at 0, 2d numbers each.
    ///   - maximum: how many iterations are made.
    ///   - tolerance: stop at ‖Xθ − y‖∞ at most this; nil to make all of them.
    public init(
      _ problem: Problem, _ method: DescentMethod, weights: [Double], rates: [Double], iterations maximum: Int,
      residual tolerance: Double? = nil, recording: Recording
    ) {
      (self.recording, self.maximum, self.tolerance) = (recording, maximum, tolerance)
      descent = Descent(problem, method, weights: weights, rates: rates)
      record = Record(problem, lambda: method.lambda)
      floor = 0x1p-51 * largest(problem.response)
      descent.observe()
      firstResidual = descent.look.residualMax
      take()
      settle()
    }

    /// Goes on for `iterations` at most; true once it has come to its end.
    public func advance(_ iterations: Int) -> Bool {
      for _ in 0..<iterations where outcome == .running {
        guard descent.advance() else {
          divergedAt = descent.iteration + 1
          finish(.diverged)
          break
        }
        take()
        settle()
      }
      return outcome != .running
    }

    /// How far it is, between 0 and 1.
    public var progress: Double { Double(descent.iteration) / Double(max(maximum, 1)) }

    /// The iteration reached.
    public var place: Double { Double(descent.iteration) }

    private func settle() {
      if let tolerance {
        descent.observe()
        if descent.look.residualMax <= tolerance { return finish(.residual) }
        if descent.look.residualMax <= floor { return finish(.stationary) }
      }
      if descent.iteration >= maximum { return finish(tolerance == nil ? .reached : .maximumIterations) }
      if record.isFull { finish(.maximumWork) }
    }

    private func append() {
      guard record.iterations.last != descent.iteration else { return }
      record.append(descent.time, iteration: descent.iteration, descent.weights, descent.rates)
    }

    private func take() {
      switch recording {
      case .every: append()
      case .logarithmic(let count):
        append()
        if record.times.count > 8 * count { record.thin(to: 4 * count) }
      case .iterations(let list):
        while next < list.count, list[next] <= descent.iteration {
          if list[next] == descent.iteration { append() }
          next += 1
        }
      case .ends: if descent.iteration == 0 { append() }
      case .times: break
      }
    }

    private func finish(_ outcome: Outcome) {
      self.outcome = outcome
      switch recording {
      case .logarithmic(let count):
        append()
        record.thin(to: max(count, 2))
      case .ends: append()
      case .every, .iterations, .times: break
      }
    }

    /// Time, loss, ‖r‖∞, iterations, λ, ε, γ, β, largest curvature h of K, its limit of stability and of oscillation as γh, test
    /// error, ‖θ‖₁.
    public var scalars: [Double] {
      descent.observe()
      let (method, theta) = (descent.method, Twin.theta(descent.weights))
      return [
        descent.time, descent.look.loss, descent.look.residualMax, Double(descent.iteration), method.lambda,
        method.step, method.gamma, method.beta, Modes.largest(descent.problem, at: descent.weights),
        method.stabilityLimit, method.oscillationThreshold, descent.problem.testError(theta),
        theta.reduce(0) { $0 + abs($1) },
      ]
    }

    /// The sign changes between consecutive iterates, in order of time.
    public var signChanges: [SignChange] { SignChange.sorted(descent.signChanges) }
    /// w± of the last iterate, 2d numbers.
    public var weights: [Double] { descent.weights }
  }
}
