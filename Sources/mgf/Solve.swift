import ArgumentParser
import Experiments

struct Solve: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Integrate gradient flow or momentum gradient flow under error control.",
    discussion: """
      Example: momentum gradient flow on 20 samples and 30 features, 101 equal times to a NetCDF file:

        mgf solve --gaussian 20,30,3 --lambda 1 --until 100 --samples 101 --output flow.nc
      """)

  @OptionGroup(title: "Problem") var problem: ProblemOptions

  @Option(
    help: ArgumentHelp(
      "gf (gradient flow), mgf (momentum gradient flow, the default), or corrected2 to corrected12 (what iterates with --step follow to that order).",
      valueName: "flow"),
    completion: .list(FlowSpecification.Kind.all.map(\.rawValue)), transform: Parse.flow)
  var flow: FlowSpecification.Kind = .mgf

  @Option(
    parsing: .unconditional, help: ArgumentHelp("λ = γ/(1−β)² > 0 of momentum gradient flow.", valueName: "λ"),
    transform: Parse.real)
  var lambda: Double?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The iterates' time step ε ≤ λ, for corrected flows.", valueName: "ε"),
    transform: Parse.real)
  var step: Double?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Integrate to this time.", valueName: "t"), transform: Parse.real)
  var until: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Integrate until the largest residual |Xθ − y| is at most this.", valueName: "r"),
    transform: Parse.real)
  var untilResidual: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Longest time allowed with --until-residual (default 1e6).", valueName: "t"),
    transform: Parse.real)
  var maxTime: Double?

  @OptionGroup(title: "Integration") var integration: FlowOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Record this many times: equal ones, or step ends with --until-residual.", valueName: "n"),
    transform: Parse.count)
  var samples: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Record these times, increasing (default: every accepted step).", valueName: "t1,t2,…"),
    transform: Parse.reals)
  var at: [Double]?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Record this many geometrically spaced times, from --log-from to the end.", valueName: "n"),
    transform: Parse.count)
  var logSamples: Int?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The first time of --log-samples (default 1).", valueName: "t"),
    transform: Parse.real)
  var logFrom: Double?

  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Output") var figure: FigureOptions
  @OptionGroup(title: "Budget") var budget: WorkOptions
  @OptionGroup(title: "Report") var report: ReportOptions
  @OptionGroup(title: "Report") var asking: ExperimentOptions

  func run() throws {
    let stop = try stopRule()
    let recording = try recording(stop)
    let flow = try integration.specification(flow, lambda: lambda, step: step)
    try perform(
      problem.experiment(.solve(flow, until: stop, recording: recording), budget), asking, report, output: output,
      figure: figure)
  }

  private func stopRule() throws -> StopRule {
    switch (until, untilResidual) {
    case (let time?, nil):
      guard maxTime == nil else { throw ValidationError("--max-time goes with --until-residual.") }
      return .time(time)
    case (nil, let tolerance?):
      return .residual(tolerance: tolerance, maximum: maxTime ?? StopRule.defaultMaximumTime)
    default:
      throw ValidationError("Say where to stop: either --until T or --until-residual R.")
    }
  }

  private func recording(_ stop: StopRule) throws -> RecordedStates {
    guard samples == nil || at == nil else { throw ValidationError("Give --samples or --at, not both.") }
    guard logFrom == nil || logSamples != nil else { throw ValidationError("--log-from goes with --log-samples.") }
    if let logSamples {
      guard samples == nil, at == nil else {
        throw ValidationError("Give --log-samples, --samples or --at, not several.")
      }
      guard case .time = stop else { throw ValidationError("--log-samples goes with --until.") }
      return .logarithmic(count: logSamples, from: logFrom ?? 1)
    }
    if let samples { return .count(samples) }
    if let at { return .at(at) }
    return output.output == nil ? .summary : .every
  }
}
