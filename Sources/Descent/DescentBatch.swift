import Dynamics
import LinearAlgebra
import Networks
import Regression

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
    /// The method.
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
  private let samples: Int
  /// Which rows each lane's minibatch is made of, as factors of their residuals; made when one is asked for.
  private var shares: AlignedMemory?
  private var samplers = [BatchSampler?](repeating: nil, count: NetworkBatch.laneCount)

  /// Lanes for runs of one method on one problem.
  public convenience init(_ problem: RegressionProblem, _ method: DescentSettings.Method) {
    self.init(BatchTiles(problem), method)
  }

  /// The same on tiles that several batches share.
  package init(_ tiles: BatchTiles, _ method: DescentSettings.Method) {
    batch = NetworkBatch(tiles)
    isNesterov = method == .nesterov
    samples = tiles.problem.sampleCount
  }

  /// Runs until `next` has no more.
  ///
  /// - Parameters:
  ///   - looks: when each run is looked at, beside its last iteration; with minibatches it is every epoch.
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
          due[lane] = min((job.settings.epoch(samples) ?? looks).next(after: iterations[lane]), job.maximum)
        }
      }
      if hasEnded { continue }
      var stride = Int.max
      for lane in jobs.indices where due[lane] != .max { stride = min(stride, due[lane] - iterations[lane]) }
      guard stride != .max else { continue }
      advance(stride)
      for lane in jobs.indices { iterations[lane] += stride }
    }
  }

  private func begin(_ job: Job, _ lane: Int) {
    let settings = job.settings
    samplers[lane] = settings.batches.map { BatchSampler($0, samples: samples) }
    if let shares {
      for q in 0..<samples { shares.base[8 * q + lane] = 1 }
    } else if settings.batches != nil {
      let made = batch.makeShares()
      for k in 0..<8 * samples { made.base[k] = 1 }
      shares = made
    }
    batch.load(
      lane, weights: job.start.weights, increments: job.start.rates.map { settings.step * $0 }, gamma: settings.gamma,
      beta: settings.beta, step: settings.step)
  }

  private func advance(_ count: Int) {
    guard let shares else { return batch.advance(count, nesterov: isNesterov) }
    for _ in 0..<count {
      for lane in samplers.indices where samplers[lane] != nil {
        for q in 0..<samples { shares.base[8 * q + lane] = 0 }
        samplers[lane]?.withNextBatch { rows in
          for q in rows { shares.base[8 * q + lane] += Double(samples) / Double(rows.count) }
        }
      }
      batch.advance(1, nesterov: isNesterov, shares: shares.base)
    }
  }
}

extension DescentSettings {
  /// With minibatches: a look each epoch, since the full residual costs more than an iteration.
  func epoch(_ samples: Int) -> LookSchedule? { batches.map { .every((samples + $0.size - 1) / $0.size) } }
}
