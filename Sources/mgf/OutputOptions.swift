import ArgumentParser
import Dynamics
import Experiments
import Files

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The options that say how to report.
struct ReportOptions: ParsableArguments {
  @Flag(help: "Print one JSON object instead of a table.")
  var json = false

  @Flag(help: "No progress bar and no notes on standard error.")
  var quiet = false
}

/// Where to write a trajectory.
struct OutputOptions: ParsableArguments {
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Write the trajectory to this file, NetCDF (.nc) or CSV (.csv).", valueName: "file"),
    completion: .file(extensions: ["nc", "csv"]))
  var output: String?

  @Flag(help: "Replace an output file that exists.")
  var force = false

  /// Finds out before any work whether the file can be written.
  func check() throws {
    if let output { try OutputFile.check(output, endings: TrajectoryRecord.endings, force: force) }
  }
}

/// Writes the file, prints the result and ends the process with the exit code that the contract states.
func deliver(
  _ report: RunReport, _ experiment: Experiment, _ setup: Setup, options: ReportOptions, output: OutputOptions? = nil,
  wording: Wording = .commandLine
) throws {
  var report = report
  let provenance = Provenance(
    arguments: CommandLine.arguments, seed: setup.seed, reading: setup.reading, experiment: experiment)
  let title = experiment.title
  report.json["provenance"] = .object(provenance.json)
  if case .object(var problem)? = report.json["problem"] {
    problem["notes"] = .array(setup.notes.map { .string($0.text(wording)) })
    report.json["problem"] = .object(problem)
  }
  if let path = output?.output {
    do {
      let settings = report.json
      if let record = report.record {
        try record.write(to: path, title: title, provenance: provenance, setup: setup, settings: settings)
      }
      report.json["output"] = .string(path)
    } catch {
      report.isComplete = false
      report.json["output"] = .null
      report.json["output_reason"] = .string(error.text)
      complain(error.text)
    }
  }
  try finish(report, options: options, wording: wording)
}

/// Writes `text` to standard output. Throws `ExportError` when it cannot be written; a reader that has gone away (a
/// closed pipe) has what it wanted.
func printResult(_ text: String) throws(ExportError) {
  print(text)
  let flushed = fflush(nil) == 0
  guard flushed || errno == EPIPE else {
    throw ExportError(.failed, "standard output", "it cannot be written: \(String(cString: strerror(errno)))")
  }
}

/// Prints an object as JSON or as a table.
func printReport(_ json: JSONObject, _ options: ReportOptions) throws(ExportError) {
  try printResult(options.json ? JSONValue.object(json).text() : reportText(json))
}

/// Prints the result and ends with the exit code that belongs to it.
func finish(_ report: RunReport, options: ReportOptions, wording: Wording = .commandLine) throws {
  var report = report
  let failure = report.failure?.text(wording)
  if let failure { report.json["failure"] = .string(failure) }
  try printReport(report.json, options)
  if report.isInterrupted {
    complain("interrupted; the result is partial")
    throw ExitCode(Interrupt.exitCode)
  }
  if let failure {
    var text = failure
    if case .object(let forecast)? = report.json["forecast"], case .number(let seconds)? = forecast["seconds"],
      seconds > 1
    {
      text += " (about \(duration(seconds)) at the rate of this run)"
    }
    complain(text)
  }
  if !report.isComplete {
    let wasWritten = report.json["output_reason"] == nil
    if wasWritten, report.failure == nil, case .string(let outcome)? = report.json["outcome"] {
      let remedy =
        switch outcome {
        case "max-time": "; raise --max-time, or ask for less accuracy"
        case "max-iterations": "; raise --max-iterations or --max-time, or ask for less accuracy"
        default: ""
        }
      complain("the run ended with outcome \(outcome); the result is partial\(remedy)")
    }
    throw ExitCode(1)
  }
}
