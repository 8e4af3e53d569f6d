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

      With --batch B --replacement the iterates are those of minibatches, the flow is their stochastic-differential \
      model (order 1 or 2), and expectations over --paths are compared (weak error).

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
      "Order in ε of the flow compared with, 1 (the default) to 12: 2 and 3 (Nesterov: 2) are corrected flows, one for each step; above, one expansion in ε.",
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

  @OptionGroup(title: "Minibatches") var batches: BatchOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Paths to average over, with --batch (default 10000).", valueName: "n"), transform: Parse.count)
  var paths: Int?

  @OptionGroup(title: "Integration") var integration: FlowOptions
  @OptionGroup(title: "Budget") var budget: WorkOptions
  @OptionGroup(title: "Report") var report: ReportOptions

  func run() throws {
    guard (1...12).contains(order) else {
      throw InvalidInput("--order \(order)", because: "there is no flow of that order", remedy: "choose 1 to 12")
    }
    _ = try positive(until, "--until")
    guard gapWork >= 0 else { throw InvalidInput("--gap-work \(gapWork)", because: "it must not be negative") }
    let specification = try integration.specification(.mgf, lambda: lambda)
    guard batches.batch != nil || paths == nil else { throw ValidationError("--paths goes with --batch.") }
    guard batches.batch == nil || batches.replacement && method == .heavyBall else {
      throw ValidationError(
        "The stochastic flow models heavy ball with minibatches drawn with replacement: give --replacement, and no other --method."
      )
    }
    let setup = try problem.load(
      budget, json: report.json, quiet: report.quiet, drawingBatches: batches.batch != nil
    ) { _ in true }
    let bar = ProgressBar(quiet: report.quiet)
    let monitor = try budget.monitor(bar, setup)
    let samples = setup.problem.sampleCount
    if let batches = try batches.batches(of: samples, seed: problem.seed) {
      let result = try compareWeakly(
        setup, specification, order: order, steps: steps, batches: batches, paths: paths ?? 10_000, until: until,
        monitor: monitor)
      bar.finish()
      return try deliver(result, setup, options: report, title: "Stochastic flow against minibatch descent")
    }
    let result = try compare(
      setup, specification, order: order, method: method, steps: steps, until: until,
      gap: GapCriteria(work: gapWork), monitor: monitor)
    bar.finish()
    try deliver(result, setup, options: report, title: "Flow against descent")
  }
}
