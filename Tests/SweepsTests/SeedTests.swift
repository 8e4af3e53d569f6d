import Dynamics
import Experiments
import Foundation
import Regression
import Sweeps
import TestSupport
import Testing

/// Seeds up to 2⁶⁴ − 1 are the very seeds everywhere: in files, axes, overrides, filters, stores, merges and messages.
@Suite struct SeedTests {
  static let seeds: [UInt64] = [1 << 53, (1 << 53) + 1, 1 << 63, .max]

  private func place() throws -> String { try temporaryFolder() + "/s.sqlite" }

  private func text(_ problem: String, _ axes: String) -> String {
    "problem: {\(problem)}\nmethod: gf\naxes: {\(axes)}\nstop: {until: 1}\n"
  }

  private static let gaussian = "gaussian: {samples: 5, features: 8, nonzeros: 2}"

  /// The test errors that `solve` finds with seeds of its own.
  private func expected(_ seeds: [UInt64]) throws -> [Double] {
    try seeds.map { seed in
      let problem = try SyntheticProblem(samples: 5, features: 8, nonzeros: 2, seed: seed).problem()
      let setup = try Setup(problem: problem, start: Initialization(alpha: 0.1, features: 8), seed: seed)
      let flow = try FlowSpecification(kind: .gf, lambda: nil, stepper: "auto", relative: 1e-10, absolute: 0)
      return try #require(solve(setup, flow, stop: .time(1), sampling: .endpoints).json.number("test_error"))
    }
  }

  private func column(_ store: SweepStore, _ name: String) throws -> [StoredValue] {
    let place = try #require(store.columnNames.firstIndex(of: name))
    var cells: [StoredValue] = []
    try store.forEachRow { cells.append($0[place]) }
    return cells
  }

  @Test func axesDrawTheProblemsOfTheirSeeds() throws {
    let list = Self.seeds.map { "\($0)" }.joined(separator: ", ")
    let study = try Study(yaml: text(Self.gaussian, "seed: [\(list)]"))
    let path = try place()
    do {
      let store = try SweepStore(writing: path, study)
      _ = try Sweep(store, workers: 2).run(RunMonitor())
    }
    let store = try SweepStore(reading: path)
    #expect(store.study == study)
    #expect(try column(store, "seed").map(\.text) == Self.seeds.map { "\($0)" })
    let errors = try column(store, "test_error").map(\.number)
    #expect(try errors == expected(Self.seeds) && Set(errors).count == 4)
    #expect(try column(store, "parameters").map { $0.text.contains("\"seed\":") } == [true, true, true, true])
    for (cell, seed) in zip(try column(store, "parameters"), Self.seeds) {
      #expect(cell.text.contains("\"seed\":\(seed),"))
    }
    // A smaller grid with small seeds alone keeps integers, and may grow to one that does not.
    let growing = try place()
    do {
      let small = try SweepStore(writing: growing, Study(yaml: text(Self.gaussian, "seed: [1, \(Self.seeds[1])]")))
      _ = try Sweep(small, workers: 1).run(RunMonitor())
      #expect(try column(small, "seed") == [.integer(1), .integer(Int64(Self.seeds[1]))])
    }
    let large = try SweepStore(
      writing: growing, Study(yaml: text(Self.gaussian, "seed: [\(Self.seeds[3]), 1, \(Self.seeds[1])]")))
    #expect(try Sweep(large, workers: 1).pending() == [0])
    _ = try Sweep(large, workers: 1).run(RunMonitor())
    #expect(try column(large, "seed") == [.unsigned(.max), .integer(1), .integer(Int64(Self.seeds[1]))])
    #expect(try column(large, "test_error").map(\.number) == expected([.max, 1, Self.seeds[1]]))
  }

  @Test func scalarsRangesOverridesAndFilters() throws {
    let fixed = try Study(
      yaml: text("gaussian: {samples: 5, features: 8, nonzeros: 2, seed: 18446744073709551615}", "alpha: [0.1]"))
    #expect(fixed.settings(0).seed == .max)
    for (source, seed) in [("preset: pesme-2021", "seed"), (Self.gaussian, "seed")] {
      let study = try Study(yaml: text("\(source), \(seed): 9007199254740993", "alpha: [0.1]"))
      #expect(study.settings(0).seed == (1 << 53) + 1)
      #expect(try Run.load(study, study.settings(0)).seed == (1 << 53) + 1)
    }
    func seeds(_ study: Study) throws -> [UInt64?] { (0..<(try study.runCount())).map { study.settings($0).seed } }
    let range = try Study(
      yaml: text(Self.gaussian, "seed: {linear: [18446744073709551610, 18446744073709551615, 6]}"))
    #expect(try seeds(range) == (0..<6).map { UInt64.max - 5 + $0 })
    let falling = try Study(yaml: text(Self.gaussian, "seed: {linear: [18446744073709551615, 0, 6]}"))
    #expect(try seeds(falling) == (0..<6).map { UInt64.max - UInt64($0) * (.max / 5) })
    var study = range
    try study.set("seed", "9007199254740993,9007199254740992,9223372036854775808")
    #expect(try seeds(study) == [(1 << 53) + 1, 1 << 53, 1 << 63])
    for (filter, admitted) in [
      ("seed=9007199254740993", [0]), ("seed>9007199254740992", [0, 2]), ("seed!=9223372036854775808", [0, 1]),
      ("seed<=9007199254740992", [1]), ("seed>=18446744073709551615", []), ("seed<1e30", [0, 1, 2]), ("seed<3", []),
    ] {
      let condition = try RunFilter(filter, study)
      #expect((0..<3).filter { condition.admits(study.settings($0)) } == admitted, "\(filter)")
    }
    for text in [
      "seed: [18446744073709551616]", "seed: [-1]", "seed: [0.5]", "seed: [9007199254740992, 9007199254740992]",
    ] {
      #expect(throws: InvalidInput.self, "\(text)") { try Study(yaml: self.text(Self.gaussian, text)) }
    }
  }

  /// What travels between processes and into the store is the same study.
  @Test func encodingIsExact() throws {
    let study = try Study(
      yaml: text(Self.gaussian, "seed: [\(Self.seeds.map { "\($0)" }.joined(separator: ", "))], until: [1, 1e18]"))
    let data = try JSONEncoder().encode(study)
    let read = try JSONDecoder().decode(Study.self, from: data)
    #expect(read == study && read.settings(3).seed == Self.seeds[1] && read.settings(7)[.until] == 1e18)
    // Stores of earlier versions, which kept doubles.
    let old = String(decoding: data, as: UTF8.self).replacing("1000000000000000000", with: "1e+18")
    #expect(try JSONDecoder().decode(Study.self, from: Data(old.utf8)) == study)
  }

  @Test func mergeComparesSeeds() throws {
    let study = try Study(yaml: text(Self.gaussian, "seed: [\(UInt64.max - 1), \(UInt64.max), 5]"))
    let (one, two, whole) = (try place(), try place(), try place())
    for (path, shard) in [(one, "1/2"), (two, "2/2")] {
      let store = try SweepStore(writing: path, study, Shard(shard))
      _ = try Sweep(store, workers: 1).run(RunMonitor())
    }
    _ = try SweepStore.merge([one, two], into: whole, force: false)
    #expect(try column(SweepStore(reading: whole), "seed") == [.unsigned(.max - 1), .unsigned(.max), .integer(5)])
  }
}
