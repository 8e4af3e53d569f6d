extension Twin {
  /// The point θ = ¼(a₊² e^{−2G} − a₋² e^{2G}) with G = Xᵀν in the row space of X that interpolates, Xθ = y: the minimiser of
  /// D_ψ(θ, θ̃₀). ν minimises the convex dual Σᵢ ⅛(a₊² e^{−2G} + a₋² e^{2G})ᵢ + ⟨ν, y⟩ (Theory, section 6).
  ///
  /// Newton's method in coordinates of the row space, on logarithms, with a search along steps that move some |G| by more than ¼.
  struct DualNewton {
    /// θ, d numbers.
    private(set) var theta: [Double]
    /// G, d numbers.
    private(set) var shift: [Double]
    /// Whether Xθ = y holds to rounding: to 4 units of it, or where no step helps any more to 4096.
    private(set) var isConverged = false
    /// Where to start the next time.
    private(set) var coordinates: [Double]
    private let space: RowSpace
    private let target: [Double]
    private let start: [Double]
    /// ln|w±|, and ln|w₊/w₋| moved along by itself: θ = ½|w₊w₋| sinh of it keeps its digits where w₊ ≈ w₋.
    private var logs: [Double]
    private var ratio: [Double]
    /// D = (w₊² + w₋²)/2.
    private var curvature: [Double]
    /// Rθ − z: minus the gradient of the dual.
    private var defect: [Double] = []

    /// From ln|a±|, 2d numbers, −∞ where a weight is zero.
    init(_ space: RowSpace, response: [Double], logs: [Double], from first: [Double]? = nil) {
      (self.space, self.logs, start) = (space, logs, logs)
      target = space.coordinates(ofSolution: response)
      let d = logs.count / 2
      ratio = (0..<d).map { logs[$0] - logs[d + $0] }
      theta = [Double](repeating: 0, count: d)
      (shift, curvature, coordinates) = (theta, theta, [Double](repeating: 0, count: space.rank))
      let first = first ?? coordinates
      move(by: first, space.combination(first))
      var iterations = 0
      var isDone = defectInRoundings <= 4
      // What the defect has below this is rounding, which small weights blow up: more is left out where no step helps.
      var noise = 16.0
      while !isDone, iterations < 1000, noise < defectInRoundings {
        iterations += 1
        guard let longest = step(noise: noise) else {
          noise *= 16
          continue
        }
        noise = max(16, noise / 16)
        isDone = defectInRoundings <= 4 || longest < 1e-9
      }
      isConverged = isDone || defectInRoundings <= 4096
    }

    /// The largest defect of Xθ = y in coordinates of the row space: an error of θ.
    var largestDefect: Double { largest(defect) }

    /// A bound on what rounding does to θ.
    var rounding: Double {
      space.roundingError(
        theta: theta, logarithms: start, weights: curvature, coordinates: coordinates, target: target, defect: defect)
    }

    private var defectInRoundings: Double { largestDefect == 0 ? 0 : largestDefect / unit }

    private var unit: Double {
      0x1p-52 * (theta.reduce(0) { $0 + $1 * $1 }.squareRoot() + largest(target))
    }

    private mutating func move(by step: [Double], _ change: [Double]) {
      let d = change.count
      for i in 0..<d {
        shift[i] += change[i]
        logs[i] -= change[i]
        logs[d + i] += change[i]
        ratio[i] -= 2 * change[i]
        let (plus, minus) = (0.25 * Elementary.exp(2 * logs[i]), 0.25 * Elementary.exp(2 * logs[d + i]))
        theta[i] =
          abs(ratio[i]) < 1
          ? 0.5 * Elementary.exp(logs[i] + logs[d + i]) * Elementary.sinh(ratio[i]) : plus - minus
        curvature[i] = 2 * (plus + minus)
      }
      for k in step.indices { coordinates[k] += step[k] }
      let image = space.components(theta)
      defect = target.indices.map { image[$0] - target[$0] }
    }

    /// A Newton step, as far as the dual falls; how far it moves G, or nil when it falls nowhere.
    private mutating func step(noise: Double) -> Double? {
      // A step that overflows still has a direction.
      for scale in [1, 0x1p-600] {
        guard let x = space.solveWeighted(curvature, defect.map { scale * $0 }, noise: scale * noise * unit) else {
          continue
        }
        let change = space.combination(x)
        let longest = largest(change)
        guard longest < .infinity else { continue }
        let length = longest <= 0.25 ? 1 : searched(x, change, longest)
        guard length > 0 else { return nil }
        move(by: x.map { length * $0 }, change.map { length * $0 })
        return longest
      }
      return nil
    }

    /// A length s ≤ 1 at which the slope of the dual along the step is at most a tenth of that at 0, or still negative at 1.
    private func searched(_ step: [Double], _ change: [Double], _ longest: Double) -> Double {
      let constant = step.indices.reduce(0.0) { $0 + step[$1] * target[$1] }
      let d = change.count
      func slope(_ s: Double) -> Double {
        var sum = constant
        for i in 0..<d where change[i] != 0 {
          let move = s * change[i]
          let (plus, minus) = (
            Elementary.exp(2 * (logs[i] - move)), Elementary.exp(2 * (logs[d + i] + move))
          )
          sum -= 0.25 * (plus - minus) * change[i]
        }
        return sum == sum ? sum : .infinity
      }
      let enough = 0.1 * abs(slope(0))
      var (low, high) = (0.0, min(1, 1 / longest))
      var value = slope(high)
      while value < -enough, high < 1 {
        (low, high) = (high, min(1, 2 * high))
        value = slope(high)
      }
      if value <= enough { return high }
      for _ in 0..<100 {
        let middle = 0.5 * (low + high)
        value = slope(middle)
        if abs(value) <= enough { return middle }
        if value < 0 { low = middle } else { high = middle }
      }
      return low
    }
  }
}
