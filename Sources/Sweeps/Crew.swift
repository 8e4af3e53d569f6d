import Dispatch
import Foundation

/// The threads of one process that do the runs of a queue.
struct Crew {
  let queue = WorkQueue()
  /// From this many waiting runs on, more are fetched: lanes that empty meanwhile would stay empty.
  let lowMark: Int
  private let threads = DispatchGroup()

  init(_ study: Study, folder: String, workers: Int, _ shared: SharedState) {
    let count = max(1, workers)
    lowMark = study.usesLanes ? 4 * count : count - 1
    let (worker, queue) = (SweepWorker(study, folder: folder, shared), queue)
    for _ in 0..<count {
      DispatchQueue.global().async(group: threads) {
        while !shared.isStopped {
          switch queue.join() {
          case .work(let group): worker.work(on: group)
          case .wait: usleep(200)
          case .end: return
          }
        }
      }
    }
  }

  /// Waits for all threads to end; whether they have.
  func hasEnded(within milliseconds: Int) -> Bool {
    threads.wait(timeout: .now() + .milliseconds(milliseconds)) == .success
  }

  /// Takes more runs.
  func add(_ blocks: [(problem: Int, runs: [Int])]) {
    for block in blocks { queue.add(block.problem, block.runs) }
  }
}
