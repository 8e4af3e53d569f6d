extension Twin {
  /// Δ∞ and θ∞ of a motion with their errors and certificate: the command `limit`, by projection.
  ///
  /// Where neither rounding nor the balance identity tells the error of the integration, a second run with ten times the
  /// tolerance does.
  public final class LimitRun {
    /// How it ended; `.running` before.
    public private(set) var outcome = Outcome.running
    /// λ_cert = n/(4 maxᵢ‖Xᵢ‖₂ ‖r₀‖₂), below which no weight changes sign (Theory, section 5); not a number where it cannot be said.
    public let lambdaCertified: Double
    /// How far the limit moves against a run of ten times the tolerance, as an error of Δ∞ (relative) and of θ∞; not a number when
    /// that run did not come to its end.
    public private(set) var integrationError = (delta: 0.0, theta: 0.0)
    /// ‖Xθ∞ − y‖∞, what ∇ψ(θ∞) − ∇ψ(θ̃₀) has outside the row space of X, and the distance of θ∞ from the minimiser found from θ̃₀
    /// and Δ∞ alone; not a number where some Δ∞ is zero.
    public private(set) var certificate = (interpolation: Double.nan, rowSpace: Double.nan, distance: Double.nan)

    private let problem: Problem
    private let space: RowSpace
    private let motion: Motion
    private let weights: [Double]
    private let run: LimitSearch
    private var second: LimitSearch?
    private let makeSecond: (() -> LimitSearch)?
    private let share: Double
    /// Whether rounding and the balance identity tell the error, where the latter is fine enough.
    private let isTight: Bool

    /// - Parameters:
    ///   - weights, rates: w± and ẇ± at 0, 2d numbers each.
    ///   - relative, absolute: the local error allowed of every weight of a flow.
    ///   - deltaTolerance: the relative error allowed of every Δ∞.
    ///   - estimatesError: whether a second run may follow where nothing else tells the error of the first.
    public init(
      _ problem: Problem, _ motion: Motion, weights: [Double], rates: [Double], relative: Double = 1e-15,
      absolute: Double = 0, deltaTolerance: Double = 1e-10, maximumTime: Double = 1e15, maximumPasses: Int = 1 << 30,
      estimatesError: Bool = true
    ) {
      (self.problem, self.motion, self.weights) = (problem, motion, weights)
      let space = RowSpace(problem)
      self.space = space
      func search(_ factor: Double) -> LimitSearch {
        LimitSearch(
          problem, space, motion, weights: weights, rates: rates, relative: min(factor * relative, 0.9),
          absolute: factor * absolute, deltaTolerance: deltaTolerance, maximumTime: maximumTime,
          maximumPasses: maximumPasses)
      }
      var lambda = motion.coasting
      if case .discrete(let method) = motion { lambda = method.lambda }
      lambdaCertified = Self.certified(problem, weights, rates, lambda)
      // Far above λ_cert trajectories are sensitive to rounding itself: there the gap of two runs counts in full.
      let isSensitive = lambda > 50 * (lambdaCertified > 0 ? lambdaCertified : 0)
      share = isSensitive ? 6 : 0.5
      run = search(1)
      var isFlow = false
      if case .momentum = motion { isFlow = true }
      makeSecond = isFlow && estimatesError ? { search(10) } : nil
      isTight = !isSensitive && relative <= 1e-14 && absolute == 0
      settle()
    }

    private static func certified(_ problem: Problem, _ w: [Double], _ v: [Double], _ lambda: Double) -> Double {
      for i in w.indices where v[i] != 0 { guard w[i] != 0, 2 * lambda * v[i] / w[i] >= -1 else { return .nan } }
      let (look, n) = (Look(problem), Double(problem.samples))
      let energy = w.withUnsafeBufferPointer { w in
        v.withUnsafeBufferPointer { v in
          guard let w = w.baseAddress, let v = v.baseAddress else { return 0.0 }
          look.take(w)
          return look.loss + look.kinetic(v, lambda)
        }
      }
      var widest = 0.0
      for i in 0..<problem.features {
        widest = max(widest, (0..<problem.samples).reduce(0.0) { $0 + problem.entry($1, i) * problem.entry($1, i) })
      }
      return n / (4 * widest.squareRoot() * (2 * n * energy).squareRoot())
    }

    /// Goes on for `count` steps or iterations at most; true once it has come to its end.
    public func advance(_ count: Int) -> Bool {
      if outcome == .running {
        _ = second?.advance(count) ?? run.advance(count)
        settle()
      }
      return outcome != .running
    }

    /// The time or iteration reached.
    public var place: Double { (second ?? run).place }

    /// How far it is, between 0 and 1.
    public var progress: Double { second.map { 0.5 + 0.5 * $0.progress } ?? run.progress }

    private func settle() {
      guard run.outcome != .running else { return }
      if let second {
        guard second.outcome != .running else { return }
        let (a, b) = (balance, second.balance)
        var gap = 0.0
        for i in a.indices where a[i] > 0 { gap = largerOrNaN(gap, abs((a[i] - b[i]) / a[i])) }
        let (p, q) = (theta, second.projection?.theta ?? [])
        integrationError =
          second.outcome == .reached
          ? (share * gap, share * largest(p.indices.map { p[$0] - q[$0] })) : (.nan, .nan)
      } else if run.outcome == .reached, let makeSecond, !isTight || run.needsSecondRun {
        second = makeSecond()
        return
      }
      certify()
      outcome = run.outcome
    }

    // MARK: Results

    /// Δ₀, d numbers.
    public var initialBalance: [Double] {
      let d = problem.features
      return (0..<d).map { abs(weights[$0] * weights[d + $0]) }
    }
    /// Δ∞, d numbers.
    public var balance: [Double] { run.balance }
    /// θ∞, d numbers.
    public var theta: [Double] {
      run.projection?.theta ?? [Double](repeating: .nan, count: problem.features)
    }
    /// θ̃₀ = ¼(a₊² e^{2G} − a₋² e^{−2G}): the form that survives sign changes (Theory, section 4), d numbers.
    public var perturbedStart: [Double] {
      let (d, integral) = (problem.features, run.gradientIntegral)
      guard let logs = run.projection?.logs else { return [Double](repeating: .nan, count: d) }
      return (0..<d).map { i in
        let plus = Elementary.exp(2 * (logs[i] + integral[i]))
        let minus = Elementary.exp(2 * (logs[d + i] - integral[i]))
        return 0.25 * (plus - minus)
      }
    }
    /// An estimate of the largest relative error of Δ∞ and of the largest error of θ∞; infinite or not a number without one.
    public var error: (delta: Double, theta: Double) {
      guard let projection = run.projection else { return (.nan, .nan) }
      return (
        isLost
          ? .infinity : projection.error.delta + projection.rounding.delta + run.stateError + integrationError.delta,
        projection.error.theta + projection.rounding.theta + run.stateError * projection.sensitivity
          + integrationError.theta
      )
    }
    /// Whether a weight has fallen below the range of doubles, and taken its digits with it.
    private var isLost: Bool {
      if case .gradientFlow = motion { return false }
      if run.flow?.hasLostWeights == true { return true }
      let (w, v) = (run.weights, run.descent?.increments ?? run.rates)
      return w.indices.contains { weights[$0] != 0 && abs(w[$0]) + motion.coasting * abs(v[$0]) < 0x1p-960 }
    }
    /// The sign changes on the way, in order of time.
    public var signChanges: [SignChange] {
      run.flow?.signChanges ?? SignChange.sorted(run.descent?.signChanges ?? [])
    }

    private func certify() {
      let (theta, balance, start) = (theta, balance, perturbedStart)
      certificate.interpolation = largest(problem.image(of: theta, lessTarget: true))
      guard balance.allSatisfy({ $0 > 0 && $0 < .infinity }) else { return }
      // ∇ψ(θ) = ½ arcsinh(2θ/Δ).
      func slope(_ values: [Double]) -> [Double] {
        values.indices.map { 0.5 * Elementary.asinh(2 * values[$0] / balance[$0]) }
      }
      let (end, begin) = (slope(theta), slope(start))
      certificate.rowSpace = largest(space.outsideRows(end.indices.map { end[$0] - begin[$0] }))
      let logs = balance.map { 0.5 * Elementary.log($0) }
      let minimiser = DualNewton(
        space, response: problem.response,
        logs: logs.indices.map { logs[$0] + begin[$0] } + logs.indices.map { logs[$0] - begin[$0] })
      let distance = largest(theta.indices.map { minimiser.theta[$0] - theta[$0] })
      certificate.distance = minimiser.isConverged ? distance : .nan
    }

    /// ‖θ∞‖₁, the least ‖θ‖₁ of an interpolator, the distance to that one; the same for ‖·‖₂; and where ‖θ∞‖₁ lies: 0 at the
    /// least, 1 at that of the interpolator of least ‖·‖₂. Not a number where the linear programme was not solved.
    public var regime: [Double] {
      func norm1(_ x: [Double]) -> Double { x.reduce(0) { $0 + abs($1) } }
      func norm2(_ x: [Double]) -> Double { x.reduce(0) { $0 + $1 * $1 }.squareRoot() }
      func gap(_ a: [Double], _ b: [Double]) -> Double { largest(a.indices.map { a[$0] - b[$0] }) }
      let coordinates = space.coordinates(ofSolution: problem.response)
      let shortest = space.combination(coordinates)
      let sparsest = SparsestInterpolator(space, coordinates).theta
      let least = sparsest.map(norm1) ?? .nan
      let span = norm1(shortest) - least
      return [
        norm1(theta), least, sparsest.map { gap(theta, $0) } ?? .nan, norm2(theta), norm2(shortest),
        gap(theta, shortest), span > 1e-12 * norm1(shortest) ? (norm1(theta) - least) / span : .nan,
      ]
    }

    /// Time, ‖Xθ − y‖∞ there, steps or iterations, passes, local error, balance check, the two errors, interpolation, row space
    /// and distance of the certificate, λ_cert, test error, ‖y‖∞, what of y is outside the range of X, rank of X, and 1 if a weight
    /// has fallen below the range of doubles.
    public var scalars: [Double] {
      let look = Look(problem)
      run.weights.withUnsafeBufferPointer { if let w = $0.baseAddress { look.take(w) } }
      return [
        run.time, look.residualMax,
        Double((run.flow?.steps ?? run.descent?.iteration ?? 0) + (second?.flow?.steps ?? 0)),
        Double((run.flow?.passes ?? run.descent?.iteration ?? 0) + (second?.flow?.passes ?? 0)),
        run.flow?.localError ?? .nan, run.balanceCheck, error.delta, error.theta, certificate.interpolation,
        certificate.rowSpace, certificate.distance, lambdaCertified, problem.testError(theta),
        largest(problem.response),
        largest(space.outsideRange(problem.response)), Double(space.rank),
        isLost ? 1 : 0,
      ]
    }
  }
}
