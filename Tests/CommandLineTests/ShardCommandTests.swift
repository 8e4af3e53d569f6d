import Foundation
import TestSupport
import Testing

/// Job arrays: `mgf sweep --shard I/N` in processes of their own, and `mgf sweep merge`.
@Suite struct ShardCommandTests {
  private static let study = """
    name: shards
    problem: {gaussian: {samples: 8, features: 12, nonzeros: 2}}
    method: heavy-ball
    axes:
      seed: [1, 2, 3, 4, 5, 6]
      gamma: {log: [1e-3, 1e-2, 6]}
      beta: {linear: [0, 0.9, 8]}
    stop: {delta_tolerance: 1e-6, max_iterations: 1000000}
    """

  private func place() throws -> String {
    let place = try Tool.folder()
    try Tool.write(Self.study, place + "/s.yaml")
    return place
  }

  /// What a job array does, at once, one of its tasks killed on the way and started again: the join says what is missing, and goes on.
  @Test func severalProcesses() throws {
    let place = try place()
    let jobs = try Tool.shell(
      """
      { timeout -s KILL 0.06 mgf sweep s.yaml --output s-part-3.sqlite --shard 3/4 --workers 1 --quiet; } 2>/dev/null
      export SLURM_ARRAY_TASK_COUNT=4
      for i in 1 2 3 4; do SLURM_ARRAY_TASK_ID=$i bash \(checkout)data/slurm/array.sbatch s.yaml > $i.txt & done
      wait
      """, in: place)
    #expect(jobs.err.isEmpty, "\(jobs.err)")
    let some = try Tool.run(
      "sweep merge some.sqlite s-part-1.sqlite s-part-2.sqlite s-part-4.sqlite --json".words, in: place)
    #expect(some.code == 0 && some.err.contains("runs are missing"), "\(some.err)")
    let missing = try #require(some.json["missing"] as? Int)
    #expect(missing > 0 && (some.json["missing_of_shards"] as? [String: Int]) == ["3/4": missing])
    let status = try Tool.run("sweep status some.sqlite --json".words, in: place)
    #expect(status.json["missing"] as? Int == missing && status.json["missing_runs"] is String)
    let rest = try Tool.run("sweep s.yaml --output some.sqlite --quiet --json".words, in: place)
    #expect(rest.code == 0 && rest.json["done_now"] as? Int == missing)
    let all = try Tool.shell("mgf sweep merge all.sqlite s-part-*.sqlite --json --quiet", in: place)
    #expect(all.code == 0 && all.err.isEmpty && all.json["missing"] as? Int == 0, "\(all.err)")
    #expect(try Tool.run("sweep s.yaml --output whole.sqlite --quiet".words, in: place).code == 0)
    let whole = try Tool.results(place, "whole.sqlite")
    #expect(try whole.count == 289 && Tool.results(place, "all.sqlite") == whole)
    #expect(try Tool.results(place, "some.sqlite") == whole)
  }

  @Test func unusableRequests() throws {
    let place = try place()
    #expect(try Tool.run("sweep s.yaml --output p.sqlite --shard 1/9 --quiet".words, in: place).code == 0)
    #expect(try Tool.run("sweep s.yaml --output w.sqlite --filter seed=1 --quiet".words, in: place).code == 0)
    for (line, message) in [
      ("sweep s.yaml --output n.sqlite --shard 0/4", "--shard 0/4: shards are numbered from 1 to N"),
      ("sweep s.yaml --output n.sqlite --shard 3", "I/N"), ("sweep s.yaml --output n.sqlite --shard /4", "I/N"),
      ("sweep s.yaml --output p.sqlite --shard 2/9", "the store is that of shard 1/9"),
      ("sweep s.yaml --output p.sqlite", "the store is that of shard 1/9"),
      ("sweep s.yaml --output w.sqlite --shard 1/9", "the store is that of the whole study"),
      ("sweep merge w.sqlite p.sqlite", "the file exists; add --force"),
      ("sweep merge p.sqlite w.sqlite --force", "it is shard 1/9 of a study itself"),
      ("sweep merge n.sqlite", "parts"), ("sweep merge n.sqlite s.yaml", "cannot be used as a store"),
      ("sweep merge n.sqlite p.sqlite nowhere.sqlite", "there is no such store"),
      ("sweep merge no/where.sqlite p.sqlite", "does not exist"), ("sweep merge n.sqlite p.sqlite p.sqlite", "twice"),
    ] {
      let result = try Tool.run(line.words, in: place)
      #expect(result.code == 64 && result.out.isEmpty && result.err.contains(message), "\(line): \(result)")
    }
    let dry = try Tool.run("sweep s.yaml --dry-run --json --shard 2/9".words, in: place)
    #expect(dry.code == 0 && dry.json["runs"] as? Int == 32)
  }
}
