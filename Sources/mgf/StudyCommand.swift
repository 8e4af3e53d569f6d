import ArgumentParser
import Dynamics
import Experiments
import Export
import Foundation
import Sweeps

struct StudyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "study",
    abstract: "Answer one of the theory's questions: a sweep with a summary, a verdict and a figure.",
    discussion: NamedStudy.allCases.map { "  \($0.rawValue): \($0.claim)" }.joined(separator: "\n")
      + "\n\nExample: mgf study order --figure order.svg")

  @Argument(
    help: ArgumentHelp("One of the studies above.", valueName: "name"),
    completion: .list(NamedStudy.allCases.map(\.rawValue)), transform: Self.named)
  var name: NamedStudy

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Repetitions with seeds 1 … k, shown as median and quartiles (default 5, or 3).", valueName: "k"),
    transform: Parse.count)
  var seeds: Int?

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("Override a setting of the study, as for sweep.", valueName: "setting"))
  var set: [String] = []

  @Option(
    help: ArgumentHelp("Keep the runs in this store, and go on with it (default: none is kept).", valueName: "file"),
    completion: .file(extensions: ["sqlite"]))
  var store: String?

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Write all runs to this file, .nc or .csv; .sqlite keeps them in that store, as --store does.", valueName: "file"),
    completion: .file(extensions: ["nc", "csv", "sqlite"]))
  var output: String?

  @Option(
    help: ArgumentHelp("Draw the figure, .svg, .png or .pdf.", valueName: "file"),
    completion: .file(extensions: ["svg", "png", "pdf"]))
  var figure: String?

  @Flag(help: "Replace files that exist.")
  var force = false

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Threads that compute (default: all cores).", valueName: "n"),
    transform: Parse.count)
  var workers: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Most passes over X, or iterations, of each run (default: 2e13 multiply-adds, about an hour).", valueName: "k"),
    transform: Parse.count)
  var maxWork: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Stop after this many seconds, with what there is.", valueName: "s"), transform: Parse.real)
  var maxSeconds: Double?

  @OptionGroup(title: "Report") var report: ReportOptions

  /// The file of a part: the first has the name given, others their own before its ending.
  private func file(_ path: String, _ study: Study, _ part: Int) -> String {
    guard part > 0 else { return path }
    let name = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
    let dot = path[name...].lastIndex(of: ".") ?? path.endIndex
    return path[..<dot] + "-" + study.name + path[dot...]
  }

  private static func named(_ text: String) throws -> NamedStudy {
    if let study = NamedStudy(rawValue: text) { return study }
    throw ValidationError(
      "there is no such study; choose one of "
        + NamedStudy.allCases.map(\.rawValue).joined(separator: ", ") + ".")
  }

  mutating func validate() throws {
    // Of sweep the store is the output, and so it may be called here.
    if let output, output.hasSuffix(".sqlite") {
      guard store ?? output == output else {
        throw ValidationError("--output \(output): the store is that of --store already; name a .nc or .csv file.")
      }
      (store, self.output) = (output, nil)
    }
    guard seeds ?? 1 >= 1, seeds ?? 1 <= 100_000 else {
      throw ValidationError("--seeds \(seeds ?? 0): between 1 and 100,000 are needed.")
    }
    guard workers ?? 1 >= 1, workers ?? 1 <= 1024 else {
      throw ValidationError("--workers \(workers ?? 0): between 1 and 1024 are needed.")
    }
    guard maxSeconds ?? 1 > 0 else { throw ValidationError("--max-seconds must be positive.") }
  }

  func run() throws {
    var studies = try name.studies(seeds: seeds ?? name.defaultSeeds)
    for part in studies.indices {
      for text in set { try studies[part].override(text) }
      if !set.isEmpty { try studies[part].validate() }
      if let maxWork { try studies[part].set("max_work", "\(maxWork)") }
    }
    for (part, study) in studies.enumerated() {
      if let output {
        try OutputFile.check(file(output, study, part), endings: SweepStore.exportEndings, force: force)
      }
    }
    if let figure { try OutputFile.check(figure, endings: Figure.endings, force: force) }
    let folder = FileManager.default.temporaryDirectory.appending(path: "mgf-study-\(UUID().uuidString)").path()
    if store == nil { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }
    defer { if store == nil { try? FileManager.default.removeItem(atPath: folder) } }
    let path = store ?? folder + "/study.sqlite"
    let stores = try studies.enumerated().map { part, study in try SweepStore(writing: file(path, study, part), study) }
    let bar = SweepProgress(quiet: report.quiet)
    var (seconds, isComplete) = (0.0, true)
    for store in stores where isComplete {
      var sweep = Sweep(store, workers: workers ?? ProcessInfo.processInfo.activeProcessorCount)
      sweep.maximumSeconds = maxSeconds.map { max($0 - seconds, 1e-3) }
      let end = try sweep.run(bar.monitor)
      seconds += end.wallSeconds
      isComplete = end.isComplete
    }
    bar.finish()
    let counts = try stores.map { try $0.counts() }
    let found = try name.report(stores)
    let provenance = Provenance(arguments: CommandLine.arguments, seed: nil)
    var json = JSONObject()
    json["command"] = .string("study")
    json["study"] = .string(name.rawValue)
    json["claim"] = .string(name.claim)
    json["verdict"] = .string(found.verdict)
    json["runs"] = .integer(counts.reduce(0) { $0 + $1.runs })
    json["completed"] = .integer(counts.reduce(0) { $0 + $1.completed })
    json["failed"] = .integer(counts.reduce(0) { $0 + $1.failed })
    json["wall_seconds"] = .number(seconds)
    json["summary"] = .object(found.summary)
    json["rows"] = .array(found.rows.map { .object($0) })
    json["provenance"] = .object(provenance.json)
    var failure: ExportError?
    do throws(ExportError) {
      if let output {
        for (part, store) in stores.enumerated() {
          try store.export(to: file(output, store.study, part), provenance: provenance)
        }
      }
      if let figure { try found.figure.write(to: figure) }
    } catch {
      failure = error
    }
    try printReport(json, report)
    if let failure { throw failure }
    guard isComplete || Interrupt.isSet else {
      complain(
        "the time of --max-seconds \(short(maxSeconds ?? 0)) is up; the result is partial"
          + (self.store == nil ? "" : ", and the same command goes on"))
      throw ExitCode(1)
    }
    guard isComplete else {
      complain("interrupted; the result is partial" + (self.store == nil ? "" : ", and the same command goes on"))
      throw ExitCode(Interrupt.exitCode)
    }
  }
}

extension Study {
  /// Applies SETTING=VALUE; `validate()` is to be called after the last. Throws `InvalidInput` or a usage error.
  mutating func override(_ text: String) throws {
    guard let equals = text.firstIndex(of: "=") else {
      throw ValidationError("--set \(text): write SETTING=VALUE, such as lambda=0.1.")
    }
    try set(String(text[..<equals]), String(text[text.index(after: equals)...]), isLast: false)
  }
}
