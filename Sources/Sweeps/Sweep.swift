import Descent
import Dispatch
import Dynamics
import Experiments
import Files
import Foundation
import ImplicitBias
import LinearAlgebra
import MessagePassing
import Synchronization

/// Does what a store lacks of its study, on as many threads as are wanted. The results are the same bits for any number of
/// workers and any order of completion.
public struct Sweep {
  /// The store, and the study with it.
  public let store: SweepStore
  /// Threads that compute.
  public let workers: Int
  /// Seconds after which nothing more is begun and what is under way is left.
  public var maximumSeconds: Double?
  /// Whether runs that failed are done again.
  public var retriesFailed = false
  /// Conditions that runs must meet to be done now.
  public var filters: [RunFilter] = []
  /// The other processes that take part.
  public var team: SweepTeam?

  /// How a sweep ended.
  public struct End: Sendable {
    /// Runs done now.
    public let done: Int
    /// Whether everything that was to be done is.
    public let isComplete: Bool
    /// Whether the time was up.
    public let isOutOfTime: Bool
    /// Seconds it took.
    public let wallSeconds: Double
  }

  /// A sweep on a store.
  public init(_ store: SweepStore, workers: Int) {
    self.store = store
    self.workers = workers
  }

  /// The runs that are still to be done, by number.
  public func pending() throws(ExportError) -> [Int] {
    let study = store.study
    let isThere = try store.finished(retryingFailed: retriesFailed)
    return isThere.indices.filter { index in
      guard !isThere[index], store.own?[index] != false else { return false }
      guard !filters.isEmpty else { return true }
      let settings = study.settings(index)
      return filters.allSatisfy { $0.admits(settings) }
    }
  }

  /// Does the pending runs. Throws `ExportError` when the store cannot be written; what was committed before stays.
  public func run(_ monitor: RunMonitor) throws(ExportError) -> End {
    let clock = ContinuousClock()
    let began = clock.now
    let pending = try pending()
    let before = try store.counts()
    let size = team?.communicator.size ?? 1
    Parallelism.confineToOneThread(workers * size > 1)
    defer { Parallelism.confineToOneThread(false) }

    let study = store.study
    let shared = SharedState(monitor)
    do { try team?.brief(study, folder: store.trajectoryFolder) } catch { throw store.failure(error) }
    let crew = Crew(study, folder: store.trajectoryFolder, workers: workers, shared)
    var pool = WorkPool(study, pending)
    if size == 1 {
      crew.add(pool.take(pool.count))
      crew.queue.close()
    }
    let host = ProcessInfo.processInfo.hostName
    var (done, failed, best) = (0, before.failed, before.bestTestError ?? .infinity)
    var isOutOfTime = false
    var failure: ExportError?
    var isRunning = true
    var (written, stopped) = (began, ContinuousClock.Instant?.none)
    while isRunning {
      isRunning = !crew.hasEnded(within: size == 1 ? 50 : 1)
      if let team, size > 1 {
        team.serve(&pool, study, shared)
        if pool.count > 0, crew.queue.count <= crew.lowMark { crew.add(pool.take(team.share(of: pool, study))) }
        if pool.count == 0 || shared.isStopped { crew.queue.close() }
        isRunning = isRunning || !team.isDone
        if shared.isStopped {
          // Assistants answer within a moment, unless something has befallen them.
          stopped = stopped ?? clock.now
          if let stopped, clock.now - stopped > .seconds(30) {
            team.abandon()
            isRunning = false
          }
        }
        guard !isRunning || clock.now - written > .milliseconds(50) else { continue }
        written = clock.now
      }
      let seconds = (clock.now - began).inSeconds
      let results = shared.take()
      if failure == nil {
        do throws(ExportError) {
          try store.write(results, host: host)
          done += results.count
        } catch {
          failure = error
          shared.stop()
        }
      }
      for (_, result) in results {
        if result.hasFailed { failed += 1 }
        if let error = result.testError, error < best { best = error }
      }
      if let maximumSeconds, seconds > maximumSeconds, isRunning {
        isOutOfTime = true
        shared.stop()
      }
      if !pending.isEmpty {
        monitor.progress(
          Double(done) / Double(pending.count),
          Self.description(done, of: pending.count, seconds, failed: failed, best: best))
      }
    }
    if let failure { throw failure }
    return End(
      done: done, isComplete: done == pending.count, isOutOfTime: isOutOfTime && done < pending.count,
      wallSeconds: (clock.now - began).inSeconds)
  }

  private static func description(_ done: Int, of total: Int, _ seconds: Double, failed: Int, best: Double) -> String {
    let rate = Double(done) / max(seconds, 1e-9)
    var text = "\(done)/\(total) runs, \(short(rate, digits: 3))/s"
    if done > 0 { text += ", \(duration(Double(total - done) / rate)) left" }
    if failed > 0 { text += ", \(failed) failed" }
    if best.isFinite { text += ", best test error \(short(best, digits: 3))" }
    return text
  }

  /// Seconds as people say them.
  static func duration(_ seconds: Double) -> String {
    switch seconds {
    case ..<100: "\(Int(seconds.rounded())) s"
    case ..<6000: "\(Int((seconds / 60).rounded())) min"
    case ..<360_000: "\(Int((seconds / 3600).rounded())) h"
    default: "\(short(seconds / 86400, digits: 3)) days"
    }
  }
}

/// What the workers of a sweep share.
final class SharedState: Sendable {
  private let results = Mutex<[(run: Int, result: Measurements)]>([])
  private let stopped = Atomic<Bool>(false)
  private let outside: RunMonitor

  init(_ monitor: RunMonitor) { outside = monitor }

  var isStopped: Bool { stopped.load(ordering: .relaxed) || outside.isInterrupted() }
  func stop() { stopped.store(true, ordering: .relaxed) }

  /// What single runs ask.
  var monitor: RunMonitor { RunMonitor(isInterrupted: { self.isStopped }) }

  func put(_ run: Int, _ result: Measurements) { results.withLock { $0.append((run, result)) } }

  func take() -> [(run: Int, result: Measurements)] {
    results.withLock { results in
      defer { results = [] }
      return results
    }
  }
}

extension SweepStore {
  /// Where trajectories go: a folder beside the store.
  public var trajectoryFolder: String { Self.trajectoryFolder(path) }

  static func trajectoryFolder(_ path: String) -> String {
    (path.hasSuffix(".sqlite") ? String(path.dropLast(7)) : path) + "-trajectories"
  }
}
