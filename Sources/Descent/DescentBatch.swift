import DiagonalNetworks
import Dynamics

/// Many runs of a discrete method on one problem, eight at a time in the lanes of a vector, each with its own γ, β, start and
/// end; a run that has ended is replaced at once.
///
/// A run's numbers depend neither on its lane nor on the others: they are those of `Descent` to rounding, and the same bits
/// in any company. Sign changes are not looked for.
///
/// `Tag` is what the caller knows a run by.
public final class DescentBatch<Tag> {
  /// A run to do.
  public struct Job {
    /// What the caller knows it by.
    public let tag: Tag
    /// The method, without minibatches.
    public let settings: DescentSettings
    /// The start.
    public let start: Initialization
    /// The most iterations.
    public let maximum: Int

    /// A run of at most `maximum` iterations.
    public init(_ tag: Tag, settings: DescentSettings, start: Initialization, maximum: Int) {
      self.tag = tag
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
  ///   - looks: when each run is looked at, beside its last iteration.
  ///   - next: the next run to begin.
  ///   - judge: how a run ends where it stands, nil when it goes on. Runs that have diverged (a weight above 1e100) end
  ///     without being asked, with `.diverged`; so do all with `.maxIterations` at their last iteration.
  ///   - finished: takes each run at its end.
  ///   - isStopped: asked now and then; true leaves everything that is under way.
  public func run(
    _ looks: LookSchedule, next: () -> Job?, judge: (Standing) -> Outcome?, finished: (Standing, Outcome) -> Void,
    isStopped: () -> Bool = { false }
  ) {
    var jobs = [Job?](repeating: nil, count: NetworkBatch.laneCount)
    var iterations = [Int](repeating: 0, count: jobs.count)
    /// When each lane is looked at next.
    var due = [Int](repeating: .max, count: jobs.count)
    var hasMore = true
    while true {
      for lane in jobs.indices where jobs[lane] == nil && hasMore {
        guard let job = next() else {
          hasMore = false
          break
        }
        begin(job, lane)
        (jobs[lane], iterations[lane], due[lane]) = (job, 0, 0)
      }
      guard hasMore || due.contains(where: { $0 != .max }), !isStopped() else { return }
      batch.look()
      var hasEnded = false
      for lane in jobs.indices where iterations[lane] == due[lane] {
        guard let job = jobs[lane] else { continue }
        let view = batch.view(lane)
        let standing = Standing(
          job: job, iteration: iterations[lane], loss: view.loss, residualMax: view.residualMax,
          incrementSquares: view.incrementSquares, batch: batch, lane: lane)
        let isLast = iterations[lane] >= job.maximum
        if let outcome = view.largestWeight <= 1e100 ? judge(standing) ?? (isLast ? .maxIterations : nil) : .diverged {
          finished(standing, outcome)
          (jobs[lane], due[lane]) = (nil, .max)
          batch.clear(lane)
          hasEnded = true
        } else {
          due[lane] = min(looks.next(after: iterations[lane]), job.maximum)
        }
      }
      if hasEnded { continue }
      var stride = Int.max
      for lane in jobs.indices where due[lane] != .max { stride = min(stride, due[lane] - iterations[lane]) }
      guard stride != .max else { continue }
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
