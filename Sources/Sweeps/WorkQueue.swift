import Descent
import DiagonalNetworks
import Dynamics
import Experiments
import Synchronization

/// Runs that share their data, handed out one by one to any number of workers; the data are loaded once, by the first.
final class ProblemGroup: Sendable {
  private struct State {
    var next = 0
    var setup: Result<Setup, InvalidInput>?
    var tiles: BatchTiles?
  }

  private let runs: [Int]
  private let state = Mutex(State())

  init(_ runs: [Int]) { self.runs = runs }

  /// The next run, nil when all have been handed out.
  func next() -> Int? {
    state.withLock { state in
      guard state.next < runs.count else { return nil }
      defer { state.next += 1 }
      return runs[state.next]
    }
  }

  var isExhausted: Bool { state.withLock { $0.next >= runs.count } }

  /// The loaded problem of a study's group.
  func setup(_ study: Study) -> Result<Setup, InvalidInput> {
    state.withLock { state in
      if let setup = state.setup { return setup }
      let setup = Result { () throws(InvalidInput) in try Run.load(study, study.settings(runs[0])) }
      state.setup = setup
      return setup
    }
  }

  /// Its data as batches read them.
  func tiles(_ problem: RegressionProblem) -> BatchTiles {
    state.withLock { state in
      if let tiles = state.tiles { return tiles }
      let tiles = BatchTiles(problem)
      state.tiles = tiles
      return tiles
    }
  }
}

/// The groups of a sweep. Which worker does what does not show in the results.
final class WorkQueue: Sendable {
  /// What nobody has begun, the next one last, and what is under way.
  private let state: Mutex<(waiting: [ProblemGroup], active: [ProblemGroup])>

  init(_ groups: [ProblemGroup]) { state = Mutex((groups.reversed(), [])) }

  /// A group to work on: one that nobody has begun, else one that is not exhausted yet.
  func join() -> ProblemGroup? {
    state.withLock { state in
      // Groups that are done with are forgotten, and their data with them.
      state.active.removeAll { $0.isExhausted }
      if let group = state.waiting.popLast() { state.active.append(group) }
      return state.active.last
    }
  }
}
