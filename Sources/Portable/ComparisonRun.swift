extension Twin {
  /// A flow beside iterates at matched λ for several steps, a number of iterations at a time: the command `compare` of order 1.
  public final class ComparisonRun {
    /// How the flow ended; `.running` before.
    public private(set) var outcome = Outcome.running
    private let stepper: FlowStepper
    private let end: Double
    private var followers: [Follower] = []
    private let scratch: Memory

    /// One descent that keeps up with the flow, and its errors in w± and θ: the largest, the last and the sum of squares.
    private struct Follower {
      let descent: Descent
      let total: Int
      var divergedAt: Int?
      var weights = Errors()
      var theta = Errors()
    }

    private struct Errors {
      var (maximum, final, squares, count) = (0.0, 0.0, 0.0, 0)

      mutating func add(_ n: Int, _ difference: (Int) -> Double) {
        var largest = 0.0
        for i in 0..<n {
          let e = abs(difference(i))
          if !(e <= largest) { largest = e == e ? e : .infinity }
          squares += e * e
        }
        count += n
        (final, maximum) = (largest, max(maximum, largest))
      }

      var all: [Double] { [maximum, (squares / Double(count)).squareRoot(), final] }
    }

    /// - Parameters:
    ///   - lambda: λ > 0.
    ///   - steps: the time steps ε ≤ λ.
    ///   - end: the time T up to which they are compared.
    public init(
      _ problem: Problem, lambda: Double, weights: [Double], rates: [Double], relative: Double = 1e-10,
      absolute: Double = 0, steps: [Double], isNesterov: Bool = false, until end: Double
    ) {
      self.end = end
      stepper = FlowStepper(
        problem, lambda: lambda, weights: weights, rates: rates, relative: relative, absolute: absolute)
      scratch = Memory(stepper.dimension)
      for step in steps {
        let method = DescentMethod(lambda: lambda, step: step, isNesterov: isNesterov)
        var one = Follower(
          descent: Descent(problem, method, weights: weights, rates: rates),
          total: Int(min(end / step, 1e9) * (1 + 1e-12)))
        // The iterate k = 0 is the common start.
        one.weights.add(2 * problem.features) { _ in 0 }
        one.theta.add(problem.features) { _ in 0 }
        followers.append(one)
      }
    }

    /// Goes on for `iterations` at most, and a step of the flow; true once it has come to its end.
    public func advance(_ iterations: Int) -> Bool {
      var left = iterations
      while outcome == .running, left > 0 {
        for index in followers.indices { left -= follow(index, atMost: left) }
        guard left > 0 else { break }
        if stepper.time >= end {
          outcome = .reached
        } else {
          let stopped = stepper.step(notBeyond: end)
          if stopped != .running { outcome = stopped }
          left -= 16
        }
      }
      return outcome != .running
    }

    /// Measures the iterates whose times lie within the flow's last step; how many they were.
    private func follow(_ index: Int, atMost most: Int) -> Int {
      let (descent, d) = (followers[index].descent, stepper.problem.features)
      var count = 0
      while count < most, descent.iteration < followers[index].total, followers[index].divergedAt == nil {
        let t = Double(descent.iteration + 1) * descent.method.step
        guard t <= stepper.time * (1 + 1e-12) else { break }
        count += 1
        guard descent.advance() else {
          followers[index].divergedAt = descent.iteration + 1
          break
        }
        let (y, w) = (scratch.base, descent.position)
        stepper.state(at: min(t, stepper.time), into: y, withIntegrals: false)
        followers[index].weights.add(2 * d) { y[$0] - w[$0] }
        followers[index].theta.add(d) {
          0.25 * ((y[$0] * y[$0] - y[d + $0] * y[d + $0]) - (w[$0] * w[$0] - w[d + $0] * w[d + $0]))
        }
      }
      return count
    }

    /// How far it is, between 0 and 1.
    public var progress: Double { stepper.time / end }

    /// The time reached.
    public var place: Double { stepper.time }

    /// Eleven numbers for each step: ε, γ, β, iterations, largest, root-mean-square and last error in w±, the same in θ, and the
    /// iteration at which the iterates diverged, or 0.
    public var rows: [Double] {
      var all: [Double] = []
      for one in followers {
        let method = one.descent.method
        all += [method.step, method.gamma, method.beta, Double(one.total)]
        all += one.weights.all
        all += one.theta.all
        all.append(Double(one.divergedAt ?? 0))
      }
      return all
    }

    /// The passes of the flow, and the exponents p of error ≈ C·εᵖ in w± and in θ by least squares, not a number from fewer than
    /// two steps.
    public var scalars: [Double] {
      func slope(_ error: (Follower) -> Double) -> Double {
        let points = followers.filter { $0.divergedAt == nil && error($0) > 0 && error($0) < .infinity }
          .map { (x: Elementary.log($0.descent.method.step), y: Elementary.log(error($0))) }
        guard points.count >= 2 else { return .nan }
        let n = Double(points.count)
        let (x, y) = (points.reduce(0) { $0 + $1.x } / n, points.reduce(0) { $0 + $1.y } / n)
        let square = points.reduce(0) { $0 + ($1.x - x) * ($1.x - x) }
        return square > 0 ? points.reduce(0) { $0 + ($1.x - x) * ($1.y - y) } / square : .nan
      }
      return [Double(stepper.passes), slope { $0.weights.maximum }, slope { $0.theta.maximum }]
    }
  }
}
