import Dynamics
import Experiments
import Explorer
import Files
import FoundationEssentials
import Regression
import Synchronization
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What jobs did, in order.
private final class Diary: Sendable {
  private let entries = Mutex<[String]>([])
  func note(_ entry: String) { entries.withLock { $0.append(entry) } }
  var all: [String] { entries.withLock { $0 } }
}

/// Lets jobs wait for the test.
private final class Gate: Sendable {
  private let isOpen = Atomic<Bool>(false)
  func open() { isOpen.store(true, ordering: .releasing) }
  func wait() { while !isOpen.load(ordering: .acquiring) { usleep(200) } }
}

private func job(
  _ tab: String, _ lane: String, background: Bool = false, _ step: @escaping @Sendable (Job) -> Bool
) -> Job {
  Job(tab: tab, lane: lane, isBackground: background, isGone: { false }, step: step)
}

private func settle(_ bench: Workbench) { while bench.counts != (0, 0) { usleep(200) } }

struct WorkbenchTests {
  @Test func aNewerRequestEndsTheOlderOne() throws {
    let (bench, diary, gate) = (Workbench(), Diary(), Gate())
    try bench.add(
      job("a", "flow") { job in
        while job.stopReason == nil { usleep(200) }
        diary.note("old: \(job.stopReason ?? "")")
        return false
      })
    try bench.add(
      job("a", "limit") { job in
        gate.wait()
        diary.note(job.stopReason ?? "limit")
        return false
      })
    try bench.add(
      job("a", "flow") { job in
        diary.note("new")
        return false
      })
    while diary.all.count < 2 { usleep(200) }
    gate.open()
    settle(bench)
    #expect(diary.all == ["old: a newer request took its place", "new", "limit"])
  }

  @Test func lanesOfOtherTabsGoOn() throws {
    let (bench, gate, diary) = (Workbench(), Gate(), Diary())
    for tab in ["a", "b"] {
      try bench.add(
        job(tab, "flow") { job in
          gate.wait()
          diary.note(job.stopReason ?? tab)
          return false
        })
    }
    gate.open()
    settle(bench)
    #expect(diary.all.sorted() == ["a", "b"])
  }

  @Test func longListsGiveWay() throws {
    let (bench, diary, gate) = (Workbench(), Diary(), Gate())
    let pieces = Atomic<Int>(0)
    try bench.add(
      job("a", "map", background: true) { _ in
        let piece = pieces.add(1, ordering: .relaxed).newValue
        if piece == 2 { gate.open() }
        if piece > 2 { usleep(1000) }
        return piece < 200
      })
    gate.wait()
    try bench.add(
      job("a", "flow") { _ in
        diary.note("flow after \(pieces.load(ordering: .relaxed))")
        return false
      })
    settle(bench)
    #expect(pieces.load(ordering: .relaxed) == 200)
    #expect(diary.all.first != "flow after 200")
  }

  @Test func tenTabsGetTurns() throws {
    let (bench, gate, diary) = (Workbench(), Gate(), Diary())
    // One tab asks for much, nine for little: theirs does not wait for all of the first one's.
    for k in 0..<40 {
      try bench.add(
        job("greedy", "lane \(k)") { _ in
          gate.wait()
          usleep(1000)
          diary.note("greedy")
          return false
        })
    }
    for tab in 1..<10 {
      try bench.add(
        job("tab \(tab)", "flow") { _ in
          gate.wait()
          diary.note("modest")
          return false
        })
    }
    gate.open()
    settle(bench)
    #expect(diary.all.count == 49)
    #expect(diary.all.prefix(20).count { $0 == "modest" } == 9)
  }

  @Test func tooManyAreRefused() throws {
    let (bench, gate) = (Workbench(), Gate())
    func add(_ k: Int) throws(InvalidInput) {
      try bench.add(
        job("a", "\(k)") { _ in
          gate.wait()
          return false
        })
    }
    for k in 0..<66 { try add(k) }
    #expect(throws: InvalidInput.self) { try add(66) }
    gate.open()
    settle(bench)
    try add(67)
    settle(bench)
  }

  @Test func whoHasGoneLeavesNoWork() throws {
    let (bench, isGone) = (Workbench(), Gate())
    let gone = Atomic<Bool>(false)
    try bench.add(
      Job(tab: "a", lane: "flow", isBackground: false, isGone: { gone.load(ordering: .relaxed) }) { job in
        isGone.open()
        while job.stopReason == nil { usleep(200) }
        return false
      })
    isGone.wait()
    gone.store(true, ordering: .relaxed)
    settle(bench)
  }
}

struct BoundsTests {
  private func experiment(_ text: String) throws -> Experiment {
    try Experiment(JSONDecoder().decode(JSONValue.self, from: Data(text.utf8)))
  }

  private func fault(_ text: String) throws -> InvalidInput? {
    let experiment = try experiment(text)
    do {
      _ = try Bounds(files: ["named.csv"]).admit(experiment)
      return nil
    } catch { return error }
  }

  private func solve(_ problem: String, _ recording: String) -> String {
    """
    {"command": "solve", "problem": \(problem), "motion": {"lambda": 1}, "goal": {"until": 1}, "recording": \(recording)}
    """
  }

  private let small = #"{"gaussian": {"samples": 20, "features": 30, "nonzeros": 3}}"#

  @Test func whatIsSmallIsAdmitted() throws {
    #expect(try fault(solve(small, #"{"samples": 401}"#)) == nil)
    let bounded = try Bounds(files: []).admit(experiment(solve(small, "{}")))
    #expect(bounded.limit?.seconds == Bounds.seconds)
  }

  @Test func sizes() throws {
    let large = #"{"gaussian": {"samples": 1001, "features": 1000, "nonzeros": 3}}"#
    #expect(try fault(solve(large, "{}"))?.field == .gaussian)
    #expect(try fault(solve(small, #"{"samples": 40000}"#))?.field == .recordedSamples)
    #expect(try fault(solve(small, #"{"every": true}"#))?.field == .everyState)
  }

  @Test func onlyFilesThatWereNamed() throws {
    func table(_ path: String) -> String { #"{"data": "\#(path)", "target": "y"}"# }
    #expect(try fault(solve(table("named.csv"), "{}")) == nil)
    for path in ["/etc/passwd", "./named.csv", "other.csv"] {
      #expect(try fault(solve(table(path), "{}"))?.subject.description == path)
    }
    let start =
      #"{"command": "limit", "problem": \#(small), "initialisation": {"u0": "u.csv", "v0": "v.csv"}, "motion": {"lambda": 1}}"#
    #expect(try fault(start)?.subject.description == "u.csv")
  }
}

struct FrameTests {
  @Test func numbersBehindTheLine() throws {
    var frame = Frame(["index": .integer(3)])
    frame.add(
      ArrayDataset(
        dimensions: [("time", 2), ("feature", 1)],
        arrays: [
          NamedArray("time", ["time"], .reals([0, 0.1]), longName: "time"),
          NamedArray("feature", ["feature"], .strings(["a\n"]), longName: "name", units: nil),
          NamedArray("theta", ["time", "feature"], .integers([-1, 7]), longName: "θ"),
        ]))
    let bytes = frame.bytes
    let end = try #require(bytes.firstIndex(of: 0x0A))
    let value = try JSONDecoder().decode(JSONValue.self, from: Data(bytes[..<end]))
    guard case .object(let object) = value, case .array(let arrays)? = object["arrays"] else {
      return #expect(Bool(false))
    }
    #expect(object["bytes"] == .integer(32))
    #expect(bytes.count == end + 1 + 32)
    #expect(arrays.count == 3)
    let numbers = stride(from: end + 1, to: bytes.count, by: 8).map { start in
      Double(bitPattern: (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[start + $1]) << (8 * UInt64($1)) })
    }
    #expect(numbers == [0, 0.1, -1, 7])
  }
}
