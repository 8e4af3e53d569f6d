import Dynamics
import Experiments
import Foundation
import MessagePassing

/// The processes of an MPI job that do one sweep: rank 0 owns the store and hands out runs, the others do them and report.
///
/// An assistant sends reports, and rank 0 answers each of them with an order: no two messages are ever under way between
/// the same two processes, so that none waits for another.
public final class SweepTeam {
  /// The job.
  public let communicator: Communicator
  private var isBriefed = false
  /// Which assistants have not sent their last report, and the problem that each was given last.
  private var present: Set<Int>
  private var problems: [Int: Int] = [:]

  /// The team of a job.
  public init(_ communicator: Communicator) {
    self.communicator = communicator
    present = Set(1..<max(communicator.size, 1))
  }

  /// Whether every assistant has reported for the last time.
  var isDone: Bool { present.isEmpty }

  // MARK: Rank 0

  /// Tells the assistants what is to be done.
  func brief(_ study: Study, folder: String) throws {
    guard !isBriefed else { return }
    let bytes = [UInt8](try JSONEncoder().encode(Briefing(study: study, folder: folder)))
    isBriefed = true
    for rank in present { communicator.send(bytes, to: rank) }
  }

  /// Sends the assistants home, if they have not been told what to do.
  public func dismiss() {
    guard communicator.rank == 0, !isBriefed else { return }
    isBriefed = true
    for rank in present { communicator.send([], to: rank) }
    present = []
  }

  /// Answers the reports that have come.
  func serve(_ pool: inout WorkPool, _ study: Study, _ shared: SharedState) {
    while let (rank, bytes) = communicator.poll() {
      let report = SweepReport(bytes)
      for (run, result) in report.results { shared.put(run, result) }
      var order = SweepOrder()
      if shared.isStopped {
        order.isStop = true
      } else if report.isHungry {
        let blocks = pool.take(share(of: pool, study), after: problems[rank])
        order.runs = blocks.flatMap(\.runs)
        if let last = blocks.last { problems[rank] = last.problem }
      }
      order.isAll = pool.count == 0
      communicator.send(order.bytes, to: rank)
      if report.isLast { present.remove(rank) }
    }
  }

  /// How many runs are handed out at once: fewer as the end comes near, so that all end together; lanes are filled.
  func share(of pool: WorkPool, _ study: Study) -> Int {
    max(study.usesLanes ? 8 : 1, min(512, pool.count / (4 * communicator.size)))
  }

  /// Gives up on assistants that do not answer.
  func abandon() {
    communicator.isBroken = true
    present = []
  }

  // MARK: The others

  private struct Briefing: Codable {
    let study: Study
    let folder: String
  }

  /// Works for rank 0 until there is nothing left to do.
  public func assist(workers: Int, _ monitor: RunMonitor) throws {
    let bytes = waitForBriefing()
    guard !bytes.isEmpty else { return }
    let briefing = try JSONDecoder().decode(Briefing.self, from: Data(bytes))
    let (study, shared) = (briefing.study, SharedState(monitor))
    let crew = Crew(study, folder: briefing.folder, workers: workers, shared)
    let clock = ContinuousClock()
    var sent = clock.now
    var (isAwaiting, isAll) = (false, false)
    var report = SweepReport()
    while true {
      if isAwaiting, let (_, bytes) = communicator.poll() {
        isAwaiting = false
        if report.isLast { return }
        let order = SweepOrder(bytes)
        if order.isStop { shared.stop() }
        for run in order.runs { crew.queue.add(study.problemNumber(run), [run]) }
        if order.isAll, !isAll {
          isAll = true
          crew.queue.close()
        }
        report = SweepReport()
      }
      let hasEnded = crew.hasEnded(within: 0)
      report.results += isAwaiting ? [] : shared.take()
      if !isAwaiting {
        let silence = clock.now - sent
        report.isHungry = !isAll && crew.queue.count <= crew.lowMark
        report.isLast = hasEnded
        if report.isHungry || hasEnded || silence > .milliseconds(report.results.isEmpty ? 200 : 20) {
          communicator.send(report.bytes, to: 0)
          (isAwaiting, sent) = (true, clock.now)
        }
      }
      usleep(200)
    }
  }

  private func waitForBriefing() -> [UInt8] {
    while true {
      if let (_, bytes) = communicator.poll() { return bytes }
      usleep(1000)
    }
  }
}
