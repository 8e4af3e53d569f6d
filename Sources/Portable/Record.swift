extension Twin {
  /// Recorded states of a run, with loss, residual and energy of each.
  public struct Record {
    /// The times, increasing.
    public private(set) var times: [Double] = []
    /// The iterations of a discrete run.
    public private(set) var iterations: [Int] = []
    /// w± of each, 2d numbers.
    public private(set) var weights: [Double] = []
    /// ẇ± of each (discrete: (w_k − w_{k−1})/ε), 2d numbers.
    public private(set) var rates: [Double] = []
    /// L(θ) of each.
    public private(set) var loss: [Double] = []
    /// ‖Xθ − y‖∞ of each.
    public private(set) var residualMax: [Double] = []
    /// E = F + λ(‖ẇ₊‖² + ‖ẇ₋‖²)/4 of each.
    public private(set) var energy: [Double] = []

    private let look: Look
    private let lambda: Double
    private let width: Int

    init(_ problem: Problem, lambda: Double) {
      (look, self.lambda, width) = (Look(problem), lambda, 2 * problem.features)
    }

    /// Whether no more are kept.
    var isFull: Bool { 2 * width * times.count >= Recording.bound }

    mutating func append(_ time: Double, iteration: Int? = nil, _ w: [Double], _ v: [Double]) {
      w.withUnsafeBufferPointer { if let base = $0.baseAddress { look.take(base) } }
      times.append(time)
      if let iteration { iterations.append(iteration) }
      weights += w
      rates += v
      loss.append(look.loss)
      residualMax.append(look.residualMax)
      energy.append(look.loss + v.withUnsafeBufferPointer { $0.baseAddress.map { look.kinetic($0, lambda) } ?? 0 })
    }

    /// Keeps `count` states spread evenly in ln(1 + t − t₀), first and last always; the library's choice of them.
    mutating func thin(to count: Int) {
      guard times.count > count, count >= 2, let first = times.first, let last = times.last else { return }
      let places = times.map { Elementary.log(onePlus: $0 - first) }
      let scale = Elementary.log(onePlus: last - first)
      var (kept, next) = ([Int](), 0)
      for j in 0..<count - 1 {
        let target = Double(j) / Double(count - 1) * scale
        let latest = times.count - (count - j)
        while next < latest, abs(places[next + 1] - target) <= abs(places[next] - target) { next += 1 }
        kept.append(next)
        next += 1
      }
      kept.append(times.count - 1)
      func pick(_ values: [Double], _ width: Int = 1) -> [Double] {
        kept.flatMap { values[$0 * width..<($0 + 1) * width] }
      }
      (weights, rates) = (pick(weights, width), pick(rates, width))
      (loss, residualMax, energy) = (pick(loss), pick(residualMax), pick(energy))
      if !iterations.isEmpty { iterations = kept.map { iterations[$0] } }
      times = pick(times)
    }
  }
}
