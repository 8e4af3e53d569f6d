import ArgumentParser
import Dynamics
import Experiments
import MessagePassing
import RealModule

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
  @OptionGroup(title: "Budget") var budget: WorkOptions
  @OptionGroup(title: "Report") var report: ReportOptions

  func run() throws {
    let stop = try stopRule()
    let sampling = try sampling(stop)
    let specification = try integration.specification(flow, lambda: lambda, step: step)
    try output.check()
    let model = try problem.model()
    let team = try Team.join("solve")
    defer { team.leave() }
    let isQuiet = report.quiet || team.rank > 0
    var setup =
      try model == .standard
      ? problem.load(budget, json: report.json, quiet: isQuiet)
      : problem.load(model, budget, json: report.json, quiet: isQuiet)
    if model == .standard, case .time(let end) = stop {
      setup = problem.noting(setup, quiet: isQuiet) { $0.noting(specification, until: end) }
    }
    let bar = ProgressBar(quiet: isQuiet)
    let monitor = try budget.monitor(bar, setup)
    if team.size > 1 {
      guard model == .standard else {
        throw InvalidInput(
          "--network, --loss", because: "only the diagonal network with the square loss is shared among processes")
      }
      var result = try solve(
        setup, specification, stop: stop, sampling: sampling, sharedBy: team, monitor: monitor)
      bar.finish()
      result?.json["communication_seconds"] = .number(team.seconds)
      if let result { try deliver(result, setup, options: report, output: output, title: title) }
      return
    }
    let result =
      try model == .standard
      ? solve(setup, specification, stop: stop, sampling: sampling, monitor: monitor)
      : solve(setup, model, specification, stop: stop, sampling: sampling, monitor: monitor)
    bar.finish()
    try deliver(
      result, setup, options: report, output: output,
      title: title)
  }

  private var title: String {
    switch flow {
    case .gf: "Gradient flow"
    case .mgf: "Momentum gradient flow"
    case .corrected: "Corrected momentum gradient flow of order \(flow.order)"
    }
  }

  private func stopRule() throws -> StopRule {
    switch (until, untilResidual) {
    case (let time?, nil):
      guard time > 0 else {
        throw InvalidInput("--until \(time)", because: "the time must be positive")
      }
      guard maxTime == nil else { throw ValidationError("--max-time goes with --until-residual.") }
      return .time(time)
    case (nil, let tolerance?):
      return try .residual(
        tolerance: positive(tolerance, "--until-residual"), maximum: positive(maxTime ?? 1e6, "--max-time"))
    default:
      throw ValidationError("Say where to stop: either --until T or --until-residual R.")
    }
  }

  private func sampling(_ stop: StopRule) throws -> Sampling {
    guard samples == nil || at == nil else { throw ValidationError("Give --samples or --at, not both.") }
    guard logFrom == nil || logSamples != nil else { throw ValidationError("--log-from goes with --log-samples.") }
    if let logSamples {
      guard samples == nil, at == nil else {
        throw ValidationError("Give --log-samples, --samples or --at, not several.")
      }
      guard case .time(let end) = stop else { throw ValidationError("--log-samples goes with --until.") }
      return .times(
        try geometric(logSamples, from: positive(logFrom ?? 1, "--log-from"), to: end, end: "--until \(end)"))
    }
    if let samples {
      guard samples >= 2 else {
        throw InvalidInput("--samples \(samples)", because: "the first and the last time make at least 2")
      }
      return .count(samples)
    }
    if let at {
      let end: Double =
        switch stop {
        case .time(let time): time
        case .residual(_, let maximum): maximum
        }
      try requireIncreasing(at, "--at", upTo: end)
      return .times(at)
    }
    return output.output == nil ? .summary : .everyStep
  }
}

/// `value`, which must be positive. Throws `InvalidInput` naming `option`.
func positive(_ value: Double, _ option: String) throws -> Double {
  guard value > 0 else { throw InvalidInput("\(option) \(value)", because: "it must be positive") }
  return value
}

/// `count` geometrically spaced values from `first` to `last`. Throws `InvalidInput` unless there are at least 2.
func geometric(_ count: Int, from first: Double, to last: Double, end option: String) throws -> [Double] {
  guard count >= 2, count <= 1_000_000 else {
    throw InvalidInput(
      "--log-samples \(count)", because: "the first and the last make at least 2, and a million are the most allowed")
  }
  guard first < last else {
    throw InvalidInput(
      option, because: "it does not lie after the first of --log-samples, \(first)", remedy: "give a smaller --log-from"
    )
  }
  let ratio = Double.log(last / first) / Double(count - 1)
  return (0..<count).map { $0 == count - 1 ? last : first * Double.exp(Double($0) * ratio) }
}

/// Throws `InvalidInput` unless `values` increase and lie in [0, `end`].
func requireIncreasing<T: Comparable & Numeric>(_ values: [T], _ option: String, upTo end: T) throws {
  guard !values.isEmpty else { throw InvalidInput(option, because: "no value is given") }
  for (index, value) in values.enumerated() {
    guard value >= 0, value <= end else {
      throw InvalidInput("\(option) \(value)", because: "it lies outside 0 … \(end)")
    }
    guard index == 0 || values[index - 1] < value else {
      throw InvalidInput(
        option, because: "\(values[index - 1]) is followed by \(value)", remedy: "values must increase")
    }
  }
}
