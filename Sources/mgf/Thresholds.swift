import ArgumentParser
import Descent
import Experiments

struct Thresholds: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Find the λ below which every Δ shrinks, and the λ of least test error.",
    discussion: """
      λ_cert, below which no weight changes sign, is known before any run; λ_posterior is the same from the gradient that \
      a run at λ_c has seen; λ_c, where a weight first changes sign, is the root of its signed limit. Below λ_c every \
      Δ∞ < Δ₀. delta_log_slope_at_zero is d ln Δ∞/dλ at λ = 0, −2∫g² along gradient flow. With --optimal FROM,TO the λ of \
      least test error in that range is found too. With --step the method is momentum gradient descent with that ε.

      Example:

        mgf thresholds --gaussian 20,30,3 --optimal 1e-3,10
      """)

  @OptionGroup(title: "Problem") var problem: ProblemOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Time step ε of momentum gradient descent (default: the flow).", valueName: "ε"),
    transform: Parse.real)
  var step: Double?

  @Option(help: ArgumentHelp("With --step: heavy-ball (the default) or nesterov.", valueName: "name"))
  var method: DescentSettings.Method?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Relative width to which λ_c and λ* are found.", valueName: "r"), transform: Parse.real)
  var tolerance: Double = ThresholdCriteria.defaultTolerance

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Seek the λ of least test error in this range.", valueName: "λ1,λ2"),
    transform: Parse.reals)
  var optimal: [Double]?

  @OptionGroup(title: "Output") var figure: FigureOptions
  @OptionGroup(title: "Budget") var budget: WorkOptions
  @OptionGroup(title: "Report") var report: ReportOptions
  @OptionGroup(title: "Report") var asking: ExperimentOptions

  func run() throws {
    guard method == nil || step != nil else { throw ValidationError("--method goes with --step.") }
    var range: ClosedRange<Double>?
    if let optimal {
      guard optimal.count == 2, optimal[0] > 0, optimal[0] < optimal[1] else {
        throw ValidationError("--optimal needs two values of λ, 0 < λ1 < λ2, such as 1e-3,10.")
      }
      range = optimal[0]...optimal[1]
    }
    let criteria = try ThresholdCriteria(
      step: step, method: method ?? .heavyBall, tolerance: tolerance, range: range)
    try perform(problem.experiment(.thresholds(criteria), budget), asking, report, figure: figure)
  }
}
