import ArgumentParser
import Descent
import Dynamics
import Experiments

struct Compare: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure how far momentum gradient descent is from momentum gradient flow at the same λ.",
    discussion: """
      For each step ε the iterates with β = 1 − ε/λ, γ = ε²/λ are compared with the flow at their own times kε, and \
      the order of the error is fitted. The limits Δ∞ and θ∞ of both are compared too, within --gap-work.

      Example:

        mgf compare --gaussian 20,30,3 --lambda 0.5 --steps 0.04,0.02,0.01 --until 20
      """)

  @OptionGroup(title: "Problem") var problem: ProblemOptions

  @Option(parsing: .unconditional, help: ArgumentHelp("λ > 0.", valueName: "λ"), transform: Parse.real)
  var lambda: Double

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The steps ε ≤ λ.", valueName: "ε1,ε2,…"), transform: Parse.reals)
  var steps: [Double]

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Compare up to this time.", valueName: "t"), transform: Parse.real)
  var until: Double

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Order of the flow compared with: 1 (the default), 2 or 3 (Nesterov: 1 or 2); above 1 each step has its own.",
      valueName: "p"),
    transform: Parse.count)
  var order: Int = 1

  @Option(help: ArgumentHelp("heavy-ball (the default) or nesterov.", valueName: "name"))
  var method: DescentSettings.Method = .heavyBall

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Multiply-adds that each run to its limit may take (default 5e9, seconds); 0 leaves limit_gap out.",
      valueName: "n"),
    transform: Parse.real)
  var gapWork: Double = GapCriteria.defaultWork

  @OptionGroup(title: "Integration") var integration: FlowOptions
  @OptionGroup(title: "Report") var report: ReportOptions

  func run() throws {
    guard (1...(method == .nesterov ? 2 : 3)).contains(order) else {
      throw InvalidInput(
        "--order \(order)", because: "there is no flow of that order",
        remedy: method == .nesterov ? "choose 1 or 2" : "choose 1, 2 or 3")
    }
    _ = try positive(until, "--until")
    guard gapWork >= 0 else { throw InvalidInput("--gap-work \(gapWork)", because: "it must not be negative") }
    let specification = try integration.specification(.mgf, lambda: lambda)
    let model = try problem.model()
    guard model == .standard || order == 1 else {
      throw InvalidInput(
        "--order \(order)", because: "corrected flows are built for the diagonal network with the square loss",
        remedy: "choose --order 1")
    }
    let setup = try model == .standard ? problem.load(quiet: report.quiet) : problem.load(model, quiet: report.quiet)
    let bar = ProgressBar(quiet: report.quiet)
    let result =
      try model == .standard
      ? compare(
        setup, specification, order: order, method: method, steps: steps, until: until,
        gap: GapCriteria(work: gapWork), monitor: bar.monitor)
      : compare(setup, model, specification, method: method, steps: steps, until: until, monitor: bar.monitor)
    bar.finish()
    try deliver(result, setup, options: report, title: "Flow against descent")
  }
}
