import Descent
import Dynamics
import Experiments
import Networks
import Regression
import Synchronization

/// Runs that share their data, handed out one by one to any number of workers; the data are loaded once, by the first.
final class ProblemGroup: Sendable {
  private struct State {
    var runs: [Int]
    var next = 0
    var setup: Result<Setup, InvalidInput>?
    var tiles: BatchTiles?
  }

  /// The number of the problem.
  let problem: Int
  private let state: Mutex<State>

  init(_ problem: Int, _ runs: [Int]) {
    self.problem = problem
    state = Mutex(State(runs: runs))
  }

  /// Adds runs of the same problem.
  func append(_ runs: [Int]) { state.withLock { $0.runs += runs } }

  /// The next run, nil when all have been handed out.
  func next() -> Int? {
    state.withLock { state in
      guard state.next < state.runs.count else { return nil }
      defer { state.next += 1 }
      return state.runs[state.next]
    }
  }

  /// How many runs have not been handed out.
  var count: Int { state.withLock { $0.runs.count - $0.next } }

  /// The loaded problem of a study's group.
  func setup(_ study: Study) -> Result<Setup, InvalidInput> {
    state.withLock { state in
      if let setup = state.setup { return setup }
      let setup = Result { () throws(InvalidInput) in try Run.load(study, study.settings(state.runs[0])) }
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

/// The runs that the threads of one process do; more may come until it is closed. Who does what does not show in the results.
final class WorkQueue: Sendable {
  /// What a thread finds.
  enum Turn {
    case work(ProblemGroup)
    /// Nothing now.
    case wait
    /// Nothing any more.
    case end
  }

  private struct State {
    /// What nobody has begun, and what is under way.
    var waiting: ArraySlice<ProblemGroup> = []
    var active: [ProblemGroup] = []
    /// The one that came last: its data may be wanted again.
    var latest: ProblemGroup?
    var isClosed = false
  }

  private let state = Mutex(State())

  /// Adds runs of one problem.
  func add(_ problem: Int, _ runs: [Int]) {
    state.withLock { state in
      if let latest = state.latest, latest.problem == problem {
        latest.append(runs)
        if !state.waiting.contains(where: { $0 === latest }), !state.active.contains(where: { $0 === latest }) {
          state.active.append(latest)
        }
      } else {
        let group = ProblemGroup(problem, runs)
        state.waiting.append(group)
        state.latest = group
      }
    }
  }

  /// Says that no more will come.
  func close() {
    state.withLock { state in
      state.isClosed = true
      state.latest = nil
    }
  }

  /// How many runs nobody has begun.
  var count: Int { state.withLock { state in (state.waiting + state.active).reduce(0) { $0 + $1.count } } }

  /// A group to work on: one that nobody has begun, else one that is not exhausted yet.
  func join() -> Turn {
    state.withLock { state in
      // Groups that are done with are forgotten, and their data with them.
      state.active.removeAll { $0.count == 0 }
      if let group = state.waiting.popFirst() { state.active.append(group) }
      if let group = state.active.last { return .work(group) }
      return state.isClosed ? .end : .wait
    }
  }
}
