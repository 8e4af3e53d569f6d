import ArgumentParser
import Descent
import Experiments
import Regression

struct Descend: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run momentum gradient descent: heavy ball or Nesterov, full gradient or minibatches.",
    discussion: """
      The step is given as (γ, β) or as (λ, ε) with λ = γ/(1−β)² and ε = γ/(1−β). Iterates are recorded on the \
      clock t = kε, so that they compare with the flow of the same λ.

      Example: 1000 iterations at γ = 0.01, β = 0.9:

        mgf descend --gaussian 20,30,3 --gamma 0.01 --beta 0.9 --iterations 1000
      """)

  @OptionGroup(title: "Problem") var problem: ProblemOptions
  @OptionGroup(title: "Method") var method: MethodOptions
  @OptionGroup(title: "Method") var batches: BatchOptions

  @Option(
    parsing: .unconditional, help: ArgumentHelp("λ > 0; goes with --step.", valueName: "λ"), transform: Parse.real)
  var lambda: Double?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Time step 0 < ε ≤ λ; goes with --lambda.", valueName: "ε"),
    transform: Parse.real)
  var step: Double?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Run this many iterations.", valueName: "k"), transform: Parse.count)
  var iterations: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Run until the largest residual |Xθ − y| is at most this.", valueName: "r"),
    transform: Parse.real)
  var untilResidual: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Most iterations allowed with --until-residual (default 1e7).", valueName: "k"),
    transform: Parse.count)
  var maxIterations: Int?

  @Flag(
    help: ArgumentHelp(
      "Check the exact identity ln(Δ_K/Δ₀) − β ln(Δ_{K−1}/Δ₀) = −(S₊ + S₋) along the run, and report Δ∞/Δ₀ by it."))
  var identity = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Record this many iterations: evenly spread, or in ln(1 + t) with --until-residual.", valueName: "n"),
    transform: Parse.count)
  var samples: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Record these iterations, increasing (default: all).", valueName: "k1,k2,…"),
    transform: Parse.counts)
  var at: [Int]?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Record about this many iterations, geometrically spaced from the first.", valueName: "n"),
    transform: Parse.count)
  var logSamples: Int?

  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Output") var figure: FigureOptions
  @OptionGroup(title: "Budget") var budget: WorkOptions
  @OptionGroup(title: "Report") var report: ReportOptions
  @OptionGroup(title: "Report") var asking: ExperimentOptions

  func run() throws {
    let stop = try stopRule()
    let recording = try recording(stop)
    try perform(
      problem.experiment(
        .descend(settings(), until: stop, recording: recording, identity: identity), budget), asking, report,
      output: output, figure: figure)
  }

  private func settings() throws -> DescentSettings {
    let batches = try batches.batches(seed: problem.seed)
    var (gamma, beta) = (method.gamma, method.beta)
    if gamma == nil, beta == nil, lambda == nil, step == nil, let name = problem.preset {
      let preset = try Preset.named(name)
      (gamma, beta) = (preset.gamma, preset.beta)
    }
    switch (gamma, beta, lambda, step) {
    case (let gamma?, let beta?, nil, nil):
      return try DescentSettings(gamma: gamma, beta: beta, method: method.method ?? .heavyBall, batches: batches)
    case (nil, nil, let lambda?, let step?):
      return try DescentSettings(lambda: lambda, step: step, method: method.method ?? .heavyBall, batches: batches)
    default:
      throw ValidationError(
        "Give the step either as --gamma G --beta B or as --lambda L --step E (a preset may state it).")
    }
  }

  private func stopRule() throws -> IterationRule {
    switch (iterations, untilResidual) {
    case (let count?, nil):
      guard maxIterations == nil else { throw ValidationError("--max-iterations goes with --until-residual.") }
      return .count(count)
    case (nil, let tolerance?):
      return .residual(tolerance: tolerance, maximum: maxIterations ?? IterationRule.defaultMaximum)
    default:
      throw ValidationError("Say where to stop: either --iterations K or --until-residual R.")
    }
  }

  private func recording(_ stop: IterationRule) throws -> RecordedStates {
    guard samples == nil || at == nil else { throw ValidationError("Give --samples or --at, not both.") }
    if let at { return .at(at.map { Double($0) }) }
    if let logSamples {
      guard samples == nil else { throw ValidationError("Give --log-samples, --samples or --at, not several.") }
      guard case .count = stop else { throw ValidationError("--log-samples goes with --iterations.") }
      return .logarithmic(count: logSamples, from: 1)
    }
    if let samples { return .count(samples) }
    return output.output == nil ? .summary : .every
  }
}
