import ArgumentParser
import Dynamics
import Experiments
import Explorer
import Figures
import Files

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Put results into one HTML page: figures, tables, and how to have them again.",
    discussion: """
      Experiments, results and trajectories are computed again; of a store its counts and its map are shown.

      Example: mgf report limit.json flow.nc map.sqlite --output report.html
      """)

  @Argument(
    help: "Experiments (.yaml, .json), results (.json), trajectories (.nc), stores (.sqlite).",
    completion: .file(extensions: ["yaml", "yml", "json", "nc", "sqlite"]))
  var files: [String]

  @Option(
    name: .shortAndLong, help: ArgumentHelp("Write the page to this file.", valueName: "file"),
    completion: .file(extensions: ["html"]))
  var output: String

  @Flag(help: "Replace an output file that exists.")
  var force = false

  @Flag(help: "No progress bar on standard error.")
  var quiet = false

  private static func command(_ again: Report.Again) -> String {
    switch again {
    case .run(let path): "mgf run \(Provenance.quoted(path))"
    case .rerun(let path): "mgf rerun \(Provenance.quoted(path))"
    case .export(let path): "mgf sweep export \(Provenance.quoted(path)) --output runs.csv"
    }
  }

  func run() throws {
    try OutputFile.check(output, endings: [".html"], force: force)
    try Figure.requireRenderer(for: output)
    // A mistake in the last file is told before the first is computed.
    for path in files {
      var subject = Subject()
      try subject.add(path)
    }
    let bar = ProgressBar(quiet: quiet)
    var report = Report(monitor: bar.monitor, describing: reportText, saying: Self.command)
    var isWhole = true
    for path in files {
      let isComplete = try report.add(path)
      if !isComplete { complain("\(path): what was asked for was not reached; the report says what was") }
      isWhole = isWhole && isComplete
      if Interrupt.isSet { break }
    }
    bar.finish()
    try OutputFile.write(text: report.text, to: output)
    if Interrupt.isSet { throw ExitCode(Interrupt.exitCode) }
    if !isWhole { throw ExitCode(1) }
  }
}
