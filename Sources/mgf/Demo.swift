import ArgumentParser
import Dynamics
import Experiments
import Figures
import Files

struct Demo: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Flow and descent side by side on gene expression data: table, trajectories and a figure.",
    discussion: """
      Runs gradient flow, momentum gradient flow and momentum gradient descent at the same λ for several steps on \
      data/leukemia.csv (or the problem given) from α = 1e-3 unless stated, and writes NetCDF, CSV and a figure into --output-directory.

      Example:

        mgf demo --gaussian 20,30,3 --alpha 0.1 --until 20 --output-directory results
      """)

  @OptionGroup(title: "Problem") var problem: ProblemOptions

  @Option(
    parsing: .unconditional, help: ArgumentHelp("λ > 0 of the momentum flow (default 1).", valueName: "λ"),
    transform: Parse.real)
  var lambda: Double = 1

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The steps ε ≤ λ of the descents (default 0.1,0.05,0.025,0.0125).", valueName: "ε1,ε2,…"),
    transform: Parse.reals)
  var steps: [Double] = [0.1, 0.05, 0.025, 0.0125]

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Run to this time (default 100).", valueName: "t"),
    transform: Parse.real)
  var until: Double = 100

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Record this many equal times (default 101).", valueName: "n"),
    transform: Parse.count)
  var samples: Int = 101

  @OptionGroup(title: "Integration") var integration: FlowOptions

  @Option(
    help: ArgumentHelp("Where to write; the directory must exist.", valueName: "directory"), completion: .directory)
  var outputDirectory: String = "."

  @Flag(help: "Replace output files that exist.")
  var force = false

  @OptionGroup(title: "Budget") var budget: WorkOptions
  @OptionGroup(title: "Report") var report: ReportOptions

  func run() throws {
    let flow = try integration.specification(.mgf, lambda: lambda)
    var start = problem
    if start.alpha == nil, start.u0 == nil, start.preset == nil { start.alpha = 1e-3 }
    let experiment = try start.experiment(
      .compare(flow, ComparisonCriteria(steps: steps, until: until)), budget,
      fallback: .table(path: "data/leukemia.csv", target: "lineage", standardize: true))
    try experiment.validate()
    guard !outputDirectory.isEmpty else {
      throw InvalidInput("--output-directory", because: "it is empty", remedy: "name a directory that exists")
    }
    guard samples >= 2 else {
      throw InvalidInput("--samples \(samples)", because: "the first and the last time make at least 2")
    }
    let names = ["gf", "mgf"] + steps.indices.map { "mgd_\($0 + 1)" }
    for name in names {
      for ending in TrajectoryRecord.endings {
        try OutputFile.check(path(name + ending), endings: [ending], force: force)
      }
    }
    for ending in [".svg", ".png"] {
      try OutputFile.check(path("figure" + ending), endings: [ending], force: force)
      try Figure.requireRenderer(for: path("figure" + ending))
    }
    guard experiment.network == .standard else {
      throw InvalidInput(
        "--network, --loss", because: "this command works on the diagonal network with the square loss",
        remedy: "other networks and losses go with mgf solve, descend and compare")
    }
    let setup = try settingUp(experiment, json: report.json, quiet: report.quiet)
    let bar = ProgressBar(quiet: report.quiet)
    let monitor = bar.monitor.paying(WorkMeter(try experiment.limit(on: setup), since: Interrupt.start))
    let demonstration = try demonstrate(
      setup,
      DemonstrationSettings(
        lambda: lambda, steps: steps, end: until, samples: samples, stepper: integration.stepper,
        relativeTolerance: integration.rtol ?? FlowSpecification.defaultRelativeTolerance),
      monitor: monitor)
    bar.finish()
    try deliver(demonstration, experiment, setup)
  }

  private func path(_ name: String) -> String { outputDirectory + "/" + name }

  private func deliver(_ demonstration: Demonstration, _ experiment: Experiment, _ setup: Setup) throws {
    var result = demonstration.measurements
    let provenance = Provenance(
      arguments: CommandLine.arguments, seed: setup.seed, reading: setup.reading, experiment: experiment)
    result.provenance = provenance.json
    var written: [String] = []
    do throws(ExportError) {
      for run in demonstration.runs {
        for ending in TrajectoryRecord.endings {
          let file = path(run.name + ending)
          try run.record.write(
            to: file, title: run.label, provenance: provenance, setup: setup, result)
          written.append(file)
        }
      }
      for ending in [".svg", ".png"] {
        try demonstration.figure.write(to: path("figure" + ending))
        written.append(path("figure" + ending))
      }
    } catch {
      complain(error.text)
      result.set(\.output, nil, otherwise: error.text)
    }
    result.files = written
    try finish(result, options: report)
  }
}
