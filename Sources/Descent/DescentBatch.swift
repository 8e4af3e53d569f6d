import DiagonalNetworks
import Dynamics

/// Many runs of a discrete method on one problem, eight at a time in the lanes of a vector, each with its own γ, β, start and
/// end; a run that has ended is replaced at once.
///
/// A run's numbers depend neither on its lane nor on the others: they are those of `Descent` to rounding, and the same bits
/// in any company. Sign changes are not looked for.
public final class DescentBatch {
  /// A run to do.
  public struct Job {
    /// What the caller knows it by.
    public let id: Int
    /// The method, without minibatches.
    public let settings: DescentSettings
    /// The start.
    public let start: Initialization
    /// The most iterations.
    public let maximum: Int

    /// A run of at most `maximum` iterations.
    public init(id: Int, settings: DescentSettings, start: Initialization, maximum: Int) {
      self.id = id
      self.settings = settings
      self.start = start
      self.maximum = maximum
    }
  }

  /// Where a run stands.
  public struct Standing {
    /// The run.
    public let job: Job
    /// k.
    public let iteration: Int
    /// The loss at w_k.
    public let loss: Double
    /// ‖Xθ_k − y‖∞.
    public let residualMax: Double
    /// Σ (w_k − w_{k−1})² over all coordinates.
    public let incrementSquares: Double
    fileprivate let batch: NetworkBatch
    fileprivate let lane: Int

    /// w_k, 2d numbers.
    public var weights: [Double] { batch.weights(lane) }
    /// w_k − w_{k−1}, 2d numbers.
    public var increments: [Double] { batch.increments(lane) }
    /// ε Σ g over the iterations done, d numbers.
    public var gradientIntegral: [Double] { batch.gradientIntegral(lane) }
  }

  private let batch: NetworkBatch
  private let isNesterov: Bool

  /// Lanes for runs of one method on one problem.
  public convenience init(_ problem: RegressionProblem, _ method: DescentSettings.Method) {
    self.init(BatchTiles(problem), method)
  }

  /// The same on tiles that several batches share.
  package init(_ tiles: BatchTiles, _ method: DescentSettings.Method) {
    batch = NetworkBatch(tiles)
    isNesterov = method == .nesterov
  }

  /// Runs until `next` has no more.
  ///
  /// - Parameters:
  ///   - interval: each run is looked at when its k is a multiple of this, and at its last iteration.
  ///   - next: the next run to begin.
  ///   - judge: how a run ends where it stands, nil when it goes on. Runs that have diverged (a weight above 1e100) end
  ///     without being asked, with `.diverged`; so do all with `.maxIterations` at their last iteration.
  ///   - finished: takes each run at its end.
  ///   - isStopped: asked now and then; true leaves everything that is under way.
  public func run(
    interval: Int, next: () -> Job?, judge: (Standing) -> Outcome?, finished: (Standing, Outcome) -> Void,
    isStopped: () -> Bool = { false }
  ) {
    var jobs = [Job?](repeating: nil, count: NetworkBatch.laneCount)
    var iterations = [Int](repeating: 0, count: jobs.count)
    var hasMore = true
    while true {
      for lane in jobs.indices where jobs[lane] == nil && hasMore {
        guard let job = next() else {
          hasMore = false
          break
        }
        begin(job, lane)
        (jobs[lane], iterations[lane]) = (job, 0)
      }
      guard jobs.contains(where: { $0 != nil }), !isStopped() else { return }
      let views = batch.look()
      var hasEnded = false
      for (lane, job) in jobs.enumerated() {
        guard let job, iterations[lane] % interval == 0 || iterations[lane] >= job.maximum else { continue }
        let view = views[lane]
        let standing = Standing(
          job: job, iteration: iterations[lane], loss: view.loss, residualMax: view.residualMax,
          incrementSquares: view.incrementSquares, batch: batch, lane: lane)
        let outcome: Outcome? =
          view.largestWeight <= 1e100
          ? judge(standing) ?? (iterations[lane] >= job.maximum ? .maxIterations : nil) : .diverged
        guard let outcome else { continue }
        finished(standing, outcome)
        jobs[lane] = nil
        batch.clear(lane)
        hasEnded = true
      }
      if hasEnded { continue }
      var stride = interval
      for (lane, job) in jobs.enumerated() {
        guard let job else { continue }
        stride = min(stride, job.maximum - iterations[lane], interval - iterations[lane] % interval)
      }
      batch.advance(stride, nesterov: isNesterov)
      for lane in jobs.indices { iterations[lane] += stride }
    }
  }

  private func begin(_ job: Job, _ lane: Int) {
    let settings = job.settings
    batch.load(
      lane, weights: job.start.weights, increments: job.start.rates.map { settings.step * $0 }, gamma: settings.gamma,
      beta: settings.beta, step: settings.step)
  }
}
