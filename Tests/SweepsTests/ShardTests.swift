import Dynamics
import Experiments
import Foundation
import TestSupport
import Testing

import Sweeps

@Suite struct ShardTests {
  private func rows(_ path: String) throws -> [[StoredValue]] {
    let store = try SweepStore(reading: path)
    let kept = store.columnNames.indices.filter { !SweepTests.volatile.contains(store.columnNames[$0]) }
    var rows: [[StoredValue]] = []
    try store.forEachRow { row in rows.append(kept.map { row[$0] }) }
    return rows
  }

  private func sweep(_ study: Study, _ path: String, _ shard: String? = nil, filter: String? = nil) throws {
    let store = try SweepStore(writing: path, study, shard.map { try Shard($0) })
    var sweep = Sweep(store, workers: 1)
    if let filter { sweep.filters = [try RunFilter(filter, study)] }
    _ = try sweep.run(RunMonitor())
  }

  /// Changes a store from outside.
  private func alter(_ path: String, _ sql: String) throws {
    let script = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.executescript(sys.argv[2]); c.commit()"
    let process = try Process.run(
      URL(filePath: "/usr/bin/env"), arguments: ["python3", "-c", script, path, sql])
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
  }

  @Test func numbersAreRead() throws {
    #expect(try Shard("3/16") == Shard(index: 3, of: 16) && Shard("1/1").description == "1/1")
    for text in ["", "3", "0/4", "5/4", "-1/4", "1/0", "1/2/3", "a/b", "1.5/2", "1/100001", "/4", "3/"] {
      #expect(throws: InvalidInput.self, "\(text)") { try Shard(text) }
    }
  }

  /// Every run has one shard, shards are even, and no axis shows in them: each shard gets about its share of every value.
  @Test(arguments: [
    ("seed: {linear: [1, 40, 40]}, beta: {linear: [0, 0.9, 8]}", 4),
    ("gamma: {log: [1e-4, 1e-2, 64]}, beta: {linear: [0, 0.9, 16]}", 16),
    ("seed: [1, 2, 3]", 2), ("seed: [1, 2, 3], gamma: {log: [1e-4, 1e-2, 30]}, beta: {linear: [0, 0.9, 30]}", 7),
    ("gamma: [1e-3]", 3),
  ])
  func dealingIsEven(_ axes: String, _ count: Int) throws {
    let rates = ["gamma", "beta"].filter { !axes.contains($0) }.map { "\($0): \($0 == "beta" ? "0.5" : "1e-3")" }
    let study = try Study(
      yaml: """
        problem: {gaussian: {samples: 5, features: 8, nonzeros: 2}}
        method: heavy-ball
        fixed: {\(rates.joined(separator: ", "))}
        axes: {\(axes)}
        stop: {iterations: 10}
        """)
    let shards = try study.dealt(among: count)
    let runs = try study.runCount()
    #expect(shards.count == runs && shards.allSatisfy { 0..<Int32(count) ~= $0 })
    var sizes = [Int](repeating: 0, count: count)
    for shard in shards { sizes[Int(shard)] += 1 }
    let (least, most) = (try #require(sizes.min()), try #require(sizes.max()))
    #expect(most - least <= max(1, runs / count / 8 + 8), "\(sizes)")
    #expect(try shards == study.dealt(among: count))
    guard runs >= 500 else { return }
    let last = study.groups.count - 1
    let ends = (0..<runs).filter { study.position($0)[last] == study.shape[last] - 1 }
    let mean = Double(ends.count) / Double(count)
    for shard in 0..<count {
      let own = Double(ends.count { shards[$0] == shard })
      #expect(abs(own - mean) <= 4 * mean.squareRoot() + 2, "shard \(shard): \(own) of the last value, mean \(mean)")
    }
  }

  /// Problems are not divided when there are many, and lanes stay filled when there are few.
  @Test func lanesStayFilled() throws {
    let many = try Study(yaml: SweepTests.mixed.replacing("[1, 2, 3]", with: "{linear: [1, 64, 64]}"))
    let whole = try many.dealt(among: 4)
    #expect((0..<64).allSatisfy { Set(whole[$0 * 15..<($0 + 1) * 15]).count == 1 })
    let few = try Study(yaml: SweepTests.mixed.replacing("1e-2, 5]", with: "1e-2, 5, 6, 7, 8, 9, 10, 11, 12]"))
    let parts = try few.dealt(among: 4)
    for problem in 0..<3 {
      for shard in 0..<4 {
        let own = parts[problem * 50..<(problem + 1) * 50].count { $0 == Int32(shard) }
        #expect(own == 0 || own >= 8, "\(own)")
      }
    }
  }

  /// Parts make up the undivided store, whatever else they hold, and what is missing is done later.
  @Test func unionIsTheUndividedStore() throws {
    let place = try temporaryFolder()
    let study = try Study(yaml: SweepTests.mixed)
    try sweep(study, place + "/whole.sqlite")
    for k in 1...3 { try sweep(study, place + "/\(k).sqlite", "\(k)/3") }
    let parts = (1...3).map { "\(place)/\($0).sqlite" }
    let all = try SweepStore.merge(parts, into: place + "/all.sqlite", force: false)
    #expect(all.runs == 45 && all.completed == 45 && all.repeated == 0)
    #expect(try rows(place + "/all.sqlite") == rows(place + "/whole.sqlite"))
    // An overlap that agrees is none.
    let overlap = try SweepStore.merge([parts[0], place + "/whole.sqlite"], into: place + "/o.sqlite", force: false)
    #expect(try overlap.completed == 45 && overlap.repeated == SweepStore(reading: parts[0]).counts().completed)
    #expect(try rows(place + "/o.sqlite") == rows(place + "/whole.sqlite"))
    // Two of three, and one of them not finished.
    try sweep(study, place + "/half.sqlite", "2/3", filter: "beta<0.5")
    let some = try SweepStore.merge([parts[0], place + "/half.sqlite"], into: place + "/all.sqlite", force: true)
    let store = try SweepStore(reading: place + "/all.sqlite")
    let missing = try store.missing()
    #expect(some.completed < 45 && missing.runs.reduce(0) { $0 + $1.count } == 45 - some.completed)
    #expect(missing.shards.map(\.shard.description) == ["2/3", "3/3"])
    #expect(try missing.shards.last?.count == SweepStore(reading: parts[2]).counts().runs)
    try sweep(study, place + "/all.sqlite")
    #expect(try rows(place + "/all.sqlite") == rows(place + "/whole.sqlite"))
    #expect(try SweepStore(reading: place + "/all.sqlite").missing().runs.isEmpty)
  }

  @Test func aStoreRemembersItsShard() throws {
    let path = try temporaryFolder() + "/s.sqlite"
    let study = try Study(yaml: SweepTests.mixed)
    try sweep(study, path, "2/3", filter: "beta<0.5")
    for other in ["1/3", "2/4", nil] {
      #expect(throws: InvalidInput.self) { try self.sweep(study, path, other) }
    }
    let larger = try Study(yaml: SweepTests.mixed.replacing("[1, 2, 3]", with: "[1, 2, 3, 4]"))
    #expect(throws: InvalidInput.self) { try self.sweep(larger, path, "2/3") }
    try sweep(study, path, "2/3")
    let store = try SweepStore(reading: path)
    let counts = try store.counts()
    #expect(store.shard == Shard(index: 2, of: 3) && counts.completed == counts.runs && counts.runs < 45)
    let whole = path + ".whole"
    try sweep(study, whole, filter: "beta<0.5")
    #expect(throws: InvalidInput.self) { try self.sweep(study, whole, "2/3") }
  }

  @Test func partsThatDoNotBelongTogetherAreRefused() throws {
    let place = try temporaryFolder()
    let study = try Study(yaml: SweepTests.mixed)
    let (one, two) = (place + "/1.sqlite", place + "/2.sqlite")
    try sweep(study, one, "1/2")
    try sweep(study, two, "2/2")
    let other = place + "/other.sqlite"
    try sweep(try Study(yaml: SweepTests.mixed.replacing("1e-6", with: "1e-5")), other, "2/2", filter: "seed=1")
    func copy(_ name: String, _ sql: String, of store: String? = nil) throws -> String {
      let path = "\(place)/\(name).sqlite"
      try FileManager.default.copyItem(atPath: store ?? two, toPath: path)
      try alter(path, sql)
      return path
    }
    let none = place + "/none.sqlite"
    try Data("no store at all".utf8).write(to: URL(filePath: none))
    let contradiction = try copy(
      "contradiction", "UPDATE runs SET loss = 2 * loss WHERE id = (SELECT MAX(id) FROM runs WHERE loss > 0)", of: one)
    for (parts, message) in [
      ([one, other], "it holds another study than"), ([one, none], "cannot be used as a store"),
      ([one, place + "/nowhere.sqlite"], "there is no such store"), ([one, one], "it is named twice"),
      ([one, contradiction], "contradicts that of"),
      ([one, try copy("older", "ALTER TABLE runs DROP COLUMN path_error")], "another version of mgf"),
      ([one, try copy("later", "INSERT INTO grdb_migrations VALUES ('v9')")], "another version of mgf"),
      ([one, try copy("data", "UPDATE meta SET value = 'x' WHERE key = 'data'")], "other data files"),
      (
        [one, try copy("strange", "UPDATE runs SET id = 99 WHERE id = (SELECT MIN(id) FROM runs)")],
        "its run 99 is none"
      ),
    ] {
      let error = #expect(throws: InvalidInput.self, "\(parts)") {
        try SweepStore.merge(parts, into: place + "/all.sqlite", force: false)
      }
      #expect(error?.description.contains(message) == true, "\(error?.description ?? "none"), not \(message)")
    }
    #expect(!FileManager.default.fileExists(atPath: place + "/all.sqlite"))
    // A part is not replaced by its neighbours.
    let before = try rows(one)
    #expect(throws: InvalidInput.self) { try SweepStore.merge([two], into: one, force: true) }
    #expect(try rows(one) == before)
    let leftovers = try FileManager.default.contentsOfDirectory(atPath: place).filter { $0.hasPrefix(".writing") }
    #expect(leftovers.isEmpty)
  }

  @Test func trajectoriesComeAlong() throws {
    let place = try temporaryFolder()
    let study = try Study(
      yaml: """
        problem: {gaussian: {samples: 4, features: 6, nonzeros: 2}}
        method: heavy-ball
        fixed: {gamma: 0.01}
        axes: {beta: [0, 0.3, 0.5, 0.9]}
        record: {samples: 5}
        stop: {iterations: 20}
        """)
    for k in 1...2 { try sweep(study, place + "/\(k).sqlite", "\(k)/2") }
    let parts = (1...2).map { "\(place)/\($0).sqlite" }
    _ = try SweepStore.merge(parts, into: place + "/all.sqlite", force: false)
    let names = try FileManager.default.contentsOfDirectory(atPath: place + "/all-trajectories").sorted()
    #expect(names == ["beta=0.0.nc", "beta=0.3.nc", "beta=0.5.nc", "beta=0.9.nc"])
    try FileManager.default.removeItem(atPath: place + "/2-trajectories")
    #expect(throws: InvalidInput.self) { try SweepStore.merge(parts, into: place + "/all.sqlite", force: true) }
  }
}
