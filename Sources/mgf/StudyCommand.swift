import ArgumentParser
import Dynamics
import Experiments
import Files
import Foundation
import Questions
import Sweeps

struct StudyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "study",
    abstract: "Answer one of the theory's questions: a sweep with a summary, a verdict and a figure.",
    discussion: questions.map { "  \($0.name): \($0.claim)" }.joined(separator: "\n")
      + "\n\nExample: mgf study order --figure order.svg")

  @Argument(
    help: ArgumentHelp("One of the studies above.", valueName: "name"),
    completion: .list(questions.map(\.name)), transform: Self.named)
  var question: any Question

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

  @OptionGroup var figure: FigureOptions

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

  private static func named(_ text: String) throws -> any Question {
    if let question = questions.first(where: { $0.name == text }) { return question }
    throw ValidationError(
      "there is no such study; choose one of " + questions.map(\.name).joined(separator: ", ") + ".")
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
    var studies = try question.studies(seeds: seeds ?? question.defaultSeeds)
    for part in studies.indices {
      for text in set { try studies[part].override(text) }
      if !set.isEmpty { try studies[part].validate() }
      if let maxWork { try studies[part].set("max_work", "\(maxWork)") }
    }
    for part in studies.indices {
      if let output {
        try OutputFile.check(
          Inquiry.file(output, studies, part), endings: SweepStore.exportEndings, force: figure.force)
      }
    }
    let style = try figure.check()
    let bar = SweepProgress(quiet: report.quiet)
    let inquiry = try Inquiry(question, studies, keeping: store)
    let end = try inquiry.run(
      workers: workers ?? ProcessInfo.processInfo.activeProcessorCount, maximumSeconds: maxSeconds, bar.monitor)
    bar.finish()
    let provenance = Provenance(arguments: CommandLine.arguments, seed: nil)
    let json = JSONObject([
      "command": .string("study"), "study": .string(question.name), "claim": .string(question.claim),
      "verdict": .string(end.answer.verdict), "runs": .integer(end.runs), "completed": .integer(end.completed),
      "failed": .integer(end.failed), "wall_seconds": .number(end.wallSeconds), "summary": .object(end.answer.summary),
      "rows": .array(end.answer.rows.map { .object($0) }), "provenance": .object(provenance.json),
    ])
    var failure: ExportError?
    do throws(ExportError) {
      if let output { try inquiry.export(to: output, provenance: provenance) }
      try figure.write(end.answer.figure, style)
    } catch {
      failure = error
    }
    try printReport(json, report)
    if let failure { throw failure }
    guard end.isComplete || Interrupt.isSet else {
      complain(
        "the time of --max-seconds \(short(maxSeconds ?? 0)) is up; the result is partial"
          + (store == nil ? "" : ", and the same command goes on"))
      throw ExitCode(1)
    }
    guard end.isComplete else {
      complain("interrupted; the result is partial" + (store == nil ? "" : ", and the same command goes on"))
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
