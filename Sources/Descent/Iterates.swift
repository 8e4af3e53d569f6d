import Dynamics

/// Recorded iterates as a trajectory on the clock t = kε, linear in between.
public struct Iterates: Trajectory, Sendable {
  /// The iterations recorded, increasing.
  public internal(set) var iterations: [Int] = []
  /// w_k for each, m numbers.
  public internal(set) var weights: [[Double]] = []
  /// (w_k − w_{k−1})/ε for each, m numbers.
  public internal(set) var rates: [[Double]] = []
  /// ε.
  public let step: Double

  init(step: Double) { self.step = step }

  /// The times kε of the recorded iterates.
  public var times: [Double] { iterations.map { Double($0) * step } }

  public var span: ClosedRange<Double> {
    guard let first = iterations.first, let last = iterations.last else { return 0...0 }
    return Double(first) * step...Double(last) * step
  }

  public func state(at t: Double) throws(InvalidInput) -> [Double] {
    try requireInSpan(t)
    let position = t / step
    let next = iterations.firstIndex { Double($0) >= position } ?? iterations.count - 1
    guard next > 0, Double(iterations[next]) > position else { return weights[next] }
    let (low, high) = (Double(iterations[next - 1]), Double(iterations[next]))
    let s = (position - low) / (high - low)
    return zip(weights[next - 1], weights[next]).map { $0 + s * ($1 - $0) }
  }

  mutating func append(_ descent: Descent) {
    iterations.append(descent.iteration)
    weights.append(descent.weightArray)
    rates.append(descent.rateArray)
  }

  /// Keeps `count` iterates spread evenly in ln(1 + t).
  mutating func thin(to count: Int) {
    let kept = logarithmicSpread(of: times, count: count)
    iterations = kept.map { iterations[$0] }
    weights = kept.map { weights[$0] }
    rates = kept.map { rates[$0] }
  }
}
