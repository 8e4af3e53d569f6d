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

  /// Finds out before any work whether the file can be written.
  func check(force: Bool) throws {
    if let output { try OutputFile.check(output, endings: TrajectoryRecord.endings, force: force) }
  }
}

/// Writes the file, prints the result and ends the process with the exit code that the contract states.
func deliver(
  _ result: Measurements, _ experiment: Experiment, _ setup: Setup, options: ReportOptions,
  output: OutputOptions? = nil, figure: () throws -> Void = {},
  wording: Wording = .commandLine
) throws {
  var result = result
  let provenance = Provenance(
    arguments: CommandLine.arguments, seed: setup.seed, reading: setup.reading, experiment: experiment)
  result.provenance = provenance.json
  result.problem?.notes = setup.notes.map { $0.text(wording) }
  if let path = output?.output {
    do {
      try result.record?.write(to: path, title: experiment.title, provenance: provenance, setup: setup, result)
      result.output = path
    } catch {
      result.set(\.output, nil, otherwise: error.text)
      complain(error.text)
    }
  }
  var isDrawn = true
  do {
    try figure()
  } catch {
    isDrawn = false
    complain((error as? ExportError)?.text ?? (error as? InvalidInput)?.text(wording) ?? "\(error)")
  }
  try finish(result, options: options, wording: wording)
  if !isDrawn { throw ExitCode(1) }
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
func finish(_ result: Measurements, options: ReportOptions, wording: Wording = .commandLine) throws {
  try printReport(result.worded(wording).json, options)
  let wasWritten = result.reason(\.output) == nil
  if let shortfall = result.shortfall, wasWritten || result.failure != nil || result.isInterrupted {
    let seconds = result.failure == nil ? 0 : result.forecast?.seconds ?? 0
    complain(shortfall.text(wording) + (seconds > 1 ? " (about \(duration(seconds)) at the rate of this run)" : ""))
  }
  if result.isInterrupted { throw ExitCode(Interrupt.exitCode) }
  if !result.isComplete || !wasWritten { throw ExitCode(1) }
}
