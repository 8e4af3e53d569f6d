#if canImport(RandomStreams)
  import RandomStreams
#endif

extension Twin {
  /// A linear regression: X (n × d), y, and θ* where it is known.
  public final class Problem {
    /// The number n of samples.
    public let samples: Int
    /// The number d of features.
    public let features: Int
    /// θ*, d numbers, when known.
    public let truth: [Double]?
    /// The mean of the features of the distribution that test errors are taken over.
    public let mean: Double
    /// Rows held out: X, row by row, and y.
    private var held: (design: [Double], response: [Double]) = ([], [])
    private let rows: Memory
    private let columns: Memory
    private let target: Memory

    /// From X, row by row, and y.
    public init(
      samples: Int, features: Int, design: [Double], response: [Double], truth: [Double]? = nil, mean: Double = 0
    ) {
      (self.samples, self.features, self.truth, self.mean) = (samples, features, truth, mean)
      (rows, columns, target) = (Memory(design), Memory(samples * features), Memory(response))
      for q in 0..<samples { for i in 0..<features { columns.base[i * samples + q] = design[q * features + i] } }
    }

    /// The library's synthetic problem with the same bits: x ~ N(mean·1, I) row by row, `nonzeros` entries ±1 of θ*, y = Xθ*.
    public convenience init(
      gaussian samples: Int, _ features: Int, nonzeros: Int, mean: Double = 0, seed: UInt64
    ) {
      var stream = RandomStream(seed: seed, substream: Substream.design)
      let design = (0..<samples * features).map { _ in mean + stream.normal() }
      var signs = RandomStream(seed: seed, substream: Substream.truth)
      var truth = [Double](repeating: 0, count: features)
      for place in signs.prefixOfPermutation(of: features, length: nonzeros) {
        truth[place] = signs.next() & 1 == 0 ? 1 : -1
      }
      let response = (0..<samples).map { q in
        (0..<features).reduce(0.0) { $0 + design[q * features + $1] * truth[$1] }
      }
      self.init(
        samples: samples, features: features, design: design, response: response, truth: truth, mean: mean)
    }

    /// The same problem with `count` rows, chosen by the seed as the library does, kept aside for the test error.
    public func holdingOut(_ count: Int, seed: UInt64) -> Problem {
      var stream = RandomStream(seed: seed, substream: Substream.holdout)
      var isHeld = [Bool](repeating: false, count: samples)
      for q in stream.prefixOfPermutation(of: samples, length: count) { isHeld[q] = true }
      let (x, y) = (design, response)
      func pick(_ held: Bool) -> (design: [Double], response: [Double]) {
        let chosen = (0..<samples).filter { isHeld[$0] == held }
        return (chosen.flatMap { x[$0 * features..<($0 + 1) * features] }, chosen.map { y[$0] })
      }
      let kept = pick(false)
      let result = Problem(
        samples: samples - count, features: features, design: kept.design, response: kept.response, truth: truth,
        mean: mean)
      result.held = pick(true)
      return result
    }

    /// The rank of X, what of y is outside its range, and ‖y‖∞.
    public var facts: [Double] {
      let space = RowSpace(self)
      return [Double(space.rank), largest(space.outsideRange(response)), largest(response)]
    }

    /// X, row by row.
    public var design: [Double] { rows.array(0..<samples * features) }
    /// y, n numbers.
    public var response: [Double] { target.array(0..<samples) }

    /// Entry (q, i) of X.
    func entry(_ q: Int, _ i: Int) -> Double { rows.base[q * features + i] }

    /// Xθ, less y if wanted, n numbers.
    func image(of theta: UnsafePointer<Double>, lessTarget: Bool, into r: UnsafeMutablePointer<Double>) {
      for q in 0..<samples { r[q] = lessTarget ? -target.base[q] : 0 }
      for i in 0..<features {
        let (column, factor) = (columns.base + i * samples, theta[i])
        for q in 0..<samples { r[q] += column[q] * factor }
      }
    }

    /// Xᵀr/n, d numbers.
    func pull(_ r: UnsafePointer<Double>, into g: UnsafeMutablePointer<Double>) {
      for i in 0..<features { g[i] = 0 }
      for q in 0..<samples {
        let (row, factor) = (rows.base + q * features, r[q] / Double(samples))
        for i in 0..<features { g[i] += row[i] * factor }
      }
    }

    /// Xθ, less y if wanted.
    func image(of theta: [Double], lessTarget: Bool) -> [Double] {
      let (x, r) = (Memory(theta), Memory(samples))
      image(of: x.base, lessTarget: lessTarget, into: r.base)
      return r.array(0..<samples)
    }

    /// The test error: mean((xᵀθ − y)²) over held-out rows, or E(xᵀ(θ − θ*))² = ‖δ‖² + mean²(1ᵀδ)²; not a number without either.
    func testError(_ theta: [Double]) -> Double {
      if !held.response.isEmpty {
        var sum = 0.0
        for (q, y) in held.response.enumerated() {
          let r = (0..<features).reduce(0.0) { $0 + held.design[q * features + $1] * theta[$1] } - y
          sum += r * r
        }
        return sum / Double(held.response.count)
      }
      guard let truth else { return .nan }
      var (squares, sum) = (0.0, 0.0)
      for i in theta.indices {
        squares += (theta[i] - truth[i]) * (theta[i] - truth[i])
        sum += theta[i] - truth[i]
      }
      return squares + mean * mean * sum * sum
    }
  }
}
