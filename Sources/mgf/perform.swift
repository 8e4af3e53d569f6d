import ArgumentParser
import Dynamics
import Experiments
import MessagePassing

/// The option that asks what would be run.
struct ExperimentOptions: ParsableArguments {
  @Flag(help: "Print what would be run, as a file for mgf run, and stop.")
  var printExperiment = false
}

/// Carries out an experiment, by all processes that were started for it, and reports: what every command does that runs one.
func perform(
  _ experiment: Experiment, _ asking: ExperimentOptions, _ report: ReportOptions, output: OutputOptions? = nil,
  figure: FigureOptions, wording: Wording = .commandLine
) throws {
  if asking.printExperiment {
    try experiment.validate()
    return try printResult(experiment.text)
  }
  if let path = output?.output, !experiment.goal.hasTrajectory {
    throw InvalidInput(
      "--output \(path)", because: "\(experiment.goal.command) records no trajectory",
      remedy: "redirect --json to a file")
  }
  try output?.check(force: figure.force)
  let style = try figure.check()
  let experiment = figure.isWanted ? experiment.recordingForFigure() : experiment
  let team = experiment.goal.hasTrajectory ? try Team.join(experiment.goal.command) : .alone
  defer { team.leave() }
  try experiment.validate(team: team.size)
  let isQuiet = report.quiet || team.rank > 0
  let setup = try settingUp(experiment, json: report.json, quiet: isQuiet, wording)
  let bar = ProgressBar(quiet: isQuiet)
  let monitor = bar.monitor.paying(WorkMeter(try experiment.limit(on: setup), since: Interrupt.start))
  var result = try experiment.run(on: setup, sharedBy: team, keepingPath: figure.isWanted, monitor: monitor)
  bar.finish()
  if team.size > 1 { result?.communicationSeconds = team.seconds }
  if let result {
    try deliver(
      result, experiment, setup, options: report, output: output,
      figure: {
        if figure.isWanted { try figure.write(experiment.figure(result, on: setup, monitor: monitor), style) }
      },
      wording: wording)
  }
}

/// The setup of an experiment; what is worth saying is said on standard error.
func settingUp(_ experiment: Experiment, json: Bool, quiet: Bool, _ wording: Wording = .commandLine) throws -> Setup {
  let setup = try WorkOptions.settingUp(seconds: experiment.limit?.seconds, json: json, quiet: quiet) {
    (monitor) throws(InvalidInput) in try experiment.setup(monitor: monitor)
  }
  if !quiet { for text in setup.notes { note("note: \(text.text(wording))") } }
  return setup
}
