/// The runs that are still to be handed out, problem by problem.
struct WorkPool {
  private var groups: [(problem: Int, runs: ArraySlice<Int>)] = []
  private var places: [Int: Int] = [:]
  /// The first of the groups that nobody has runs of.
  private var fresh = 0
  /// How many runs are left.
  private(set) var count: Int

  init(_ study: Study, _ pending: [Int]) {
    count = pending.count
    for index in pending {
      let problem = study.problemNumber(index)
      if let place = places[problem] {
        groups[place].runs.append(index)
      } else {
        places[problem] = groups.count
        groups.append((problem, [index]))
      }
    }
  }

  /// About `wanted` runs for one who has worked on `problem`: of that, else of one that nobody has begun, else of the one
  /// of which most is left.
  mutating func take(_ wanted: Int, after problem: Int? = nil) -> [(problem: Int, runs: [Int])] {
    var blocks: [(problem: Int, runs: [Int])] = []
    var missing = wanted
    var preferred = problem.flatMap { places[$0] }
    while missing > 0, count > 0 {
      while fresh < groups.count, groups[fresh].runs.isEmpty { fresh += 1 }
      let place: Int
      if let own = preferred, !groups[own].runs.isEmpty {
        place = own
      } else if fresh < groups.count {
        place = fresh
        fresh += 1
      } else {
        groups.removeAll { $0.runs.isEmpty }
        fresh = groups.count
        places = Dictionary(uniqueKeysWithValues: groups.enumerated().map { ($1.problem, $0) })
        place = groups.indices.max { groups[$0].runs.count < groups[$1].runs.count } ?? 0
      }
      preferred = nil
      let runs = Array(groups[place].runs.prefix(missing))
      groups[place].runs.removeFirst(runs.count)
      blocks.append((groups[place].problem, runs))
      missing -= runs.count
      count -= runs.count
    }
    return blocks
  }
}
