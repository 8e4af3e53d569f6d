import ArgumentParser
import Descent
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
  @OptionGroup(title: "Output") var figure: FigureOptions
  @OptionGroup(title: "Budget") var budget: WorkOptions
  @OptionGroup(title: "Report") var report: ReportOptions
  @OptionGroup(title: "Report") var asking: ExperimentOptions

  func run() throws {
    guard batches.batch != nil || paths == nil else { throw ValidationError("--paths goes with --batch.") }
    let criteria = ComparisonCriteria(
      method: method, order: order, steps: steps, until: until, gap: GapCriteria(work: gapWork),
      batches: try batches.batches(seed: problem.seed), paths: paths ?? ComparisonCriteria.defaultPaths)
    let flow = try integration.specification(.mgf, lambda: lambda)
    try perform(problem.experiment(.compare(flow, criteria), budget), asking, report, figure: figure)
  }
}
