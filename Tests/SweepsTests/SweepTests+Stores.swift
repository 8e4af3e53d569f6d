import Dynamics
import Experiments
import Foundation
import Sweeps
import TestSupport
import Testing

/// What becomes of a store: company, failures, extensions, damage.
extension SweepTests {
  /// The same bits for any number of workers, and whatever was done before; runs that diverge are results, too.
  @Test func companyDoesNotShow() throws {
    let one = try swept(Self.mixed)
    let expected = try rows(one, without: Self.volatile)
    #expect(expected.count == 45)
    for workers in [2, 5] {
      #expect(try rows(swept(Self.mixed, workers: workers), without: Self.volatile) == expected)
    }
    let path = try place()
    let study = try Study(yaml: Self.mixed)
    do {
      let store = try SweepStore(writing: path, study)
      var part = Sweep(store, workers: 2)
      part.filters = [try RunFilter("beta>0.3", study), try RunFilter("seed!=2", study)]
      let end = try part.run(RunMonitor())
      #expect(end.isComplete && end.done == 18)
    }
    #expect(try rows(swept(Self.mixed, workers: 2, at: path), without: Self.volatile) == expected)
    let names = try one.outcomes().map(\.name)
    #expect(names.contains("diverged") && names.contains("reached"))
  }

  @Test func failuresAreRecordedAndRetried() throws {
    let text = """
      problem: {gaussian: {samples: 4, features: 6, nonzeros: 2}}
      method: heavy-ball
      axes: {lambda: [0.01, 1], step: [0.005, 0.1]}
      stop: {iterations: 10}
      """
    let path = try place()
    do {
      let store = try swept(text, at: path)
      let counts = try store.counts()
      #expect(counts.runs == 4 && counts.completed == 4 && counts.failed == 1)
      #expect(try store.outcomes().contains { $0.name.contains("it is above λ = 0.01") })
      #expect(try Sweep(store, workers: 1).pending().isEmpty)
      var again = Sweep(store, workers: 1)
      again.retriesFailed = true
      #expect(try again.pending() == [1])
      _ = try again.run(RunMonitor())
      #expect(try store.counts().failed == 1)
    }
  }

  @Test func axesMayBeExtendedAndNothingElse() throws {
    let path = try place()
    do { _ = try swept(Self.mixed, at: path) }
    let larger = Self.mixed.replacing("seed: [1, 2, 3]", with: "seed: [3, 1, 4, 2]")
      .replacing("[1e-3, 1e-2, 5]", with: "[1e-4, 1e-3, 1e-2, 5]")
    do {
      let store = try SweepStore(writing: path, Study(yaml: larger))
      #expect(try Sweep(store, workers: 1).pending().count == 80 - 45)
      _ = try Sweep(store, workers: 2).run(RunMonitor())
      #expect(try rows(store, without: Self.volatile) == rows(swept(larger), without: Self.volatile))
    }
    for other in [
      Self.mixed, larger.replacing("1e-6", with: "1e-7"), larger.replacing("heavy-ball", with: "nesterov"),
      larger.replacing("samples: 5", with: "samples: 4"),
    ] {
      #expect(throws: InvalidInput.self) { try SweepStore(writing: path, Study(yaml: other)) }
    }
    #expect(try SweepStore(reading: path).counts().completed == 80)
  }

  @Test func oneWriterAtATime() throws {
    let path = try place()
    let store = try SweepStore(writing: path, Study(yaml: Self.mixed))
    #expect(throws: InvalidInput.self) { try SweepStore(writing: path, Study(yaml: Self.mixed)) }
    #expect(StoreLock.isHeld(path))
    // Readers are welcome.
    #expect(try SweepStore(reading: path).counts().completed == 0)
    withExtendedLifetime(store) {}
  }

  @Test func whatIsNoStoreIsRefused() throws {
    let path = try place()
    #expect(throws: InvalidInput.self) { try SweepStore(reading: path) }
    try Data(String(repeating: "not a database ", count: 100).utf8).write(to: URL(filePath: path))
    #expect(throws: InvalidInput.self) { try SweepStore(reading: path) }
    #expect(throws: InvalidInput.self) { try SweepStore(writing: path, Study(yaml: Self.mixed)) }
    #expect(throws: InvalidInput.self) { try SweepStore(writing: "/nowhere/s.sqlite", Study(yaml: Self.mixed)) }
  }

  /// A power cut may lose the end of the log, never the rest: the log is cut at random places, and the sweep goes on.
  @Test func aCutLogLosesOnlyItsEnd() throws {
    let expected = try rows(swept(Self.mixed), without: Self.volatile)
    let path = try place()
    let store = try SweepStore(writing: path, Study(yaml: Self.mixed))
    for seed in [1, 2, 3] {
      var sweep = Sweep(store, workers: 1)
      sweep.filters = [try RunFilter("seed=\(seed)", store.study)]
      _ = try sweep.run(RunMonitor())
    }
    let (main, log) = (try Data(contentsOf: URL(filePath: path)), try Data(contentsOf: URL(filePath: path + "-wal")))
    #expect(log.count > 10_000)
    var stream = SystemRandomNumberGenerator()
    var found: Set<Int> = []
    for _ in 0..<12 {
      let copy = try place()
      try main.write(to: URL(filePath: copy))
      let kept = Int.random(in: 0...log.count, using: &stream)
      try log.prefix(kept).write(to: URL(filePath: copy + "-wal"))
      let again = try SweepStore(writing: copy, Study(yaml: Self.mixed))
      found.insert(try again.counts().completed)
      _ = try Sweep(again, workers: 2).run(RunMonitor())
      #expect(try rows(again, without: Self.volatile) == expected, "cut after \(kept) bytes")
    }
    #expect(found.count > 1)
    withExtendedLifetime(store) {}
  }

  /// A limit less certain than asked for is a failure, as `limit` says; what diverged has no test error.
  @Test func uncertainLimitsFail() throws {
    let text = """
      problem: {gaussian: {samples: 6, features: 10, nonzeros: 2}}
      method: mgf
      fixed: {rtol: 1e-5}
      axes: {lambda: [1, 30]}
      stop: {delta_tolerance: 1e-10}
      """
    let store = try swept(text)
    #expect(try store.counts().failed == 2)
    #expect(try store.outcomes().allSatisfy { $0.name == "reached" })
    let diverging = try swept(Self.mixed)
    let outcome = try #require(diverging.columnNames.firstIndex(of: "outcome"))
    for row in try rows(diverging) where row[outcome] == .text("diverged") {
      #expect(try value(diverging, row, "test_error").isNaN && value(diverging, row, "delta_ratio_min").isNaN)
    }
  }

  /// Trajectories are named by what they are, not by numbers that change when an axis grows.
  @Test func trajectoriesSurviveAnExtension() throws {
    let path = try place()
    func text(_ betas: String) -> String {
      """
      problem: {gaussian: {samples: 4, features: 6, nonzeros: 2}}
      method: heavy-ball
      fixed: {gamma: 0.01}
      axes: {beta: \(betas)}
      record: {samples: 5}
      stop: {iterations: 20}
      """
    }
    do { _ = try swept(text("[0.5, 0.9]"), at: path) }
    let store = try swept(text("[0, 0.5, 0.7, 0.9]"), at: path)
    let names = try FileManager.default.contentsOfDirectory(atPath: store.trajectoryFolder).sorted()
    #expect(names == ["beta=0.0.nc", "beta=0.5.nc", "beta=0.7.nc", "beta=0.9.nc"])
  }

  @Test func changedDataAndForeignDatabasesAreRefused() throws {
    let path = try place()
    let folder = URL(filePath: path).deletingLastPathComponent().path()
    let table = folder + "/d.csv"
    try Data("x,y\n1,2\n3,5\n4,1\n".utf8).write(to: URL(filePath: table))
    let text = "problem: {data: \(table), target: y}\nmethod: gf\naxes: {alpha: [0.1, 0.2]}\nstop: {until: 1}"
    do { _ = try swept(text, at: path) }
    try Data("x,y\n1,2\n3,5\n4,2\n".utf8).write(to: URL(filePath: table))
    #expect(throws: InvalidInput.self) { try SweepStore(writing: path, Study(yaml: text)) }
    let other = folder + "/other.sqlite"
    let process = try Process.run(
      URL(filePath: "/usr/bin/env"),
      arguments: [
        "python3", "-c",
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('CREATE TABLE t (x)'); c.commit()",
        other,
      ])
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    let before = try Data(contentsOf: URL(filePath: other))
    #expect(throws: InvalidInput.self) { try SweepStore(writing: other, Study(yaml: text)) }
    #expect(try Data(contentsOf: URL(filePath: other)) == before)
    // A link is the same store.
    let link = folder + "/link.sqlite"
    try Data().write(to: URL(filePath: folder + "/real.sqlite"))
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: folder + "/real.sqlite")
    let store = try SweepStore(writing: folder + "/real.sqlite", Study(yaml: text))
    #expect(throws: InvalidInput.self) { try SweepStore(writing: link, Study(yaml: text)) }
    withExtendedLifetime(store) {}
  }
}
