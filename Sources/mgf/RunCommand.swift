import ArgumentParser
import Dynamics
import Experiments
import Sweeps

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Run one experiment from a file: what another command's options would say.",
    discussion: """
      The file is YAML or JSON, with the parts command, problem, initialisation, network, motion, numerics, goal and \
      recording; --print-experiment of solve, descend, compare, limit, certify and thresholds prints one. Files that it \
      names are sought beside it.

      Example:

        mgf limit --gaussian 20,30,3 --lambda 1 --print-experiment > limit.json
        mgf run limit.json
      """)

  @Argument(help: "The experiment, a YAML or JSON file.", completion: .file(extensions: ["yaml", "yml", "json"]))
  var file: String

  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Output") var figure: FigureOptions
  @OptionGroup(title: "Budget") var budget: WorkOptions
  @OptionGroup(title: "Report") var report: ReportOptions
  @OptionGroup(title: "Report") var asking: ExperimentOptions

  func run() throws {
    let file = try ExperimentFile(file)
    do {
      try perform(
        budget.changing(file.experiment()), asking, report, output: output, figure: figure,
        wording: ExperimentFile.wording)
    } catch let error as InvalidInput {
      throw file.located(error)
    }
  }
}

struct RerunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rerun",
    abstract: "Run the experiment that a result came from once more.",
    discussion: """
      Every NetCDF file of a trajectory and every JSON object that a command prints holds its experiment. On the same \
      type of processor the same numbers come out, bit for bit.

      Example: mgf rerun flow.nc --output again.nc
      """)

  @Argument(help: "A NetCDF file, or JSON, that mgf has written.", completion: .file(extensions: ["nc", "json"]))
  var file: String

  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Output") var figure: FigureOptions
  @OptionGroup(title: "Budget") var budget: WorkOptions
  @OptionGroup(title: "Report") var report: ReportOptions
  @OptionGroup(title: "Report") var asking: ExperimentOptions

  func run() throws {
    try perform(
      budget.changing(Experiment(of: file)), asking, report, output: output, figure: figure,
      wording: ExperimentFile.wording)
  }
}
