import Dynamics
import Experiments
import Files
import Foundation
import RandomStreams
import Sweeps

/// Stores of sweeps with changed bytes. Whatever is read of one, no row is missing unless something says so: an error, or
/// the count of runs that are to be done again.
package struct StoreTarget: FuzzTarget {
  package static let name = "store"
  package static let fileName = "s.sqlite"
  /// The runs of the seed, all of them done.
  private static let runs = 6

  private let seed: [UInt8]

  package init(tool: String?) throws { seed = try fuzzSeed("six-runs.sqlite") }

  package func input(_ random: inout RandomStream) -> [UInt8] {
    random.mutate(seed, times: random.integer(1...4), tokens: Self.tokens)
  }

  private static let tokens = [
    "SQLite format 3\0", "CREATE TABLE", "runs", "meta", "study", "\"values\":[", "gamma", "1e308", "-1", "[]", "null",
    "done",
  ].map { Array($0.utf8) }

  package func judge(_ input: [UInt8], in folder: String) throws -> Bool {
    let path = folder + "/" + Self.fileName
    for suffix in ["", "-wal", "-shm", "-journal", ".lock"] { unlink(path + suffix) }
    try Data(input).write(to: URL(filePath: path))
    let store = try refusing { () throws(InvalidInput) in try SweepStore(reading: path) }
    guard let store else { return false }
    do {
      let counts = try store.counts()
      var rows = 0
      try store.forEachRow { _ in rows += 1 }
      _ = try store.outcomes()
      let missing = try store.missing().runs.reduce(0) { $0 + $1.count }
      let output = folder + "/out"
      let provenance = Provenance(arguments: [], seed: nil)
      for ending in SweepStore.exportEndings { try store.export(to: output + ending, provenance: provenance) }
      guard rows == counts.completed, missing + Self.runs >= counts.runs, rows >= Self.runs || missing > 0 else {
        throw Finding("of \(Self.runs) rows \(rows) are read, \(counts.completed) counted, \(missing) missing")
      }
    } catch let error as ExportError {
      guard !error.description.isEmpty else { throw Finding("an empty message") }
      return false
    }
    return true
  }
}
