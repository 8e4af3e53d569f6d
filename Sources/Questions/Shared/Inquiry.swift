import Experiments
import Files
import FoundationEssentials
import Sweeps

/// A question being asked: its studies into a store each, and the answer from all of them.
public final class Inquiry {
  /// How it ended.
  public struct End {
    /// What the runs say that are done.
    public let answer: Answer
    /// Runs, and how many of them are done and failed.
    public let (runs, completed, failed): (Int, Int, Int)
    /// Seconds it took.
    public let wallSeconds: Double
    /// Whether all of them are done.
    public let isComplete: Bool
  }

  private let question: any Question
  private let stores: [SweepStore]
  /// Where stores are that are not to be kept.
  private let folder: URL?

  /// An inquiry by the studies of a question, in stores at `path`, gone on with if there, or in none that are kept. Throws
  /// `InvalidInput` or `ExportError` when the stores cannot be written.
  public init(_ question: any Question, _ studies: [Study], keeping path: String?) throws {
    self.question = question
    if let path {
      folder = nil
      stores = try studies.indices.map { try SweepStore(writing: Self.file(path, studies, $0), studies[$0]) }
    } else {
      let place = FileManager.default.temporaryDirectory.appending(path: "mgf-study-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
      folder = place
      let path = place.appending(path: "study.sqlite").path()
      do {
        stores = try studies.indices.map { try SweepStore(writing: Self.file(path, studies, $0), studies[$0]) }
      } catch {
        try? FileManager.default.removeItem(at: place)
        throw error
      }
    }
  }

  deinit { if let folder { try? FileManager.default.removeItem(at: folder) } }

  /// The file of a part: the first has the name given, others their own before its ending.
  public static func file(_ path: String, _ studies: [Study], _ part: Int) -> String {
    guard part > 0 else { return path }
    let name = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
    let dot = path[name...].lastIndex(of: ".") ?? path.endIndex
    return path[..<dot] + "-" + studies[part].name + path[dot...]
  }

  /// Does what the stores lack, part by part, for at most so many seconds. Throws `ExportError` when one cannot be written.
  public func run(workers: Int, maximumSeconds: Double?, _ monitor: RunMonitor) throws(ExportError) -> End {
    var (seconds, isComplete) = (0.0, true)
    for store in stores where isComplete {
      var sweep = Sweep(store, workers: workers)
      sweep.maximumSeconds = maximumSeconds.map { max($0 - seconds, 1e-3) }
      let end = try sweep.run(monitor)
      seconds += end.wallSeconds
      isComplete = end.isComplete
    }
    var (runs, completed, failed) = (0, 0, 0)
    for store in stores {
      let counts = try store.counts()
      runs += counts.runs
      completed += counts.completed
      failed += counts.failed
    }
    return End(
      answer: try question.answer(stores), runs: runs, completed: completed, failed: failed, wallSeconds: seconds,
      isComplete: isComplete)
  }

  /// Writes all runs, a file for each part. Throws `ExportError`.
  public func export(to path: String, provenance: Provenance) throws(ExportError) {
    for (part, store) in stores.enumerated() {
      try store.export(to: Self.file(path, stores.map(\.study), part), provenance: provenance)
    }
  }
}
