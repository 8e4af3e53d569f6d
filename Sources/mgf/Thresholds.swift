import ArgumentParser
import Descent
import Dynamics
import Experiments

struct Thresholds: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Find the λ below which every Δ shrinks, and the λ of least test error.",
    discussion: """
      λ_cert, below which no weight changes sign, is known before any run; λ_posterior is the same from the gradient that \
      a run at λ_c has seen; λ_c, where a weight first changes sign, is the root of its signed limit. Below λ_c every \
      Δ∞ < Δ₀. delta_log_slope_at_zero is d ln Δ∞/dλ at λ = 0, −2∫g² along gradient flow. With --optimal FROM,TO all minima \
      of the test error over λ in that range are found, by the sign of its slope: intervals of ln λ are halved while value or \
      slope of a new node differ by more than 1 % from the cubic of its neighbours, down to --resolution or 3000 nodes. \
      lambda_optimal is the least of them; each has a width, on which the test error stays within 1 % of it, and a kind \
      (smooth, kink, flat, lower-end, upper-end, unresolved). Where nodes still differ is listed under unresolved: there \
      and below 1 % minima may be missed. With --step the method is momentum gradient descent with that ε.

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
  var tolerance: Double = 1e-8

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Seek the λ of least test error in this range.", valueName: "λ1,λ2"),
    transform: Parse.reals)
  var optimal: [Double]?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "With --optimal: intervals of ln λ as short as this are not halved (default: 0.001).", valueName: "r"),
    transform: Parse.real)
  var resolution: Double?

  @OptionGroup(title: "Report") var report: ReportOptions

  func run() throws {
    guard method == nil || step != nil else { throw ValidationError("--method goes with --step.") }
    var range: ClosedRange<Double>?
    if let optimal {
      guard optimal.count == 2, optimal[0] > 0, optimal[0] < optimal[1] else {
        throw ValidationError("--optimal needs two values of λ, 0 < λ1 < λ2, such as 1e-3,10.")
      }
      range = optimal[0]...optimal[1]
    }
    guard resolution == nil || range != nil else { throw ValidationError("--resolution goes with --optimal.") }
    let criteria = try ThresholdCriteria(
      step: step, method: method ?? .heavyBall, tolerance: tolerance, range: range,
      resolution: resolution ?? ThresholdCriteria.defaultResolution)
    let setup = try problem.load(quiet: report.quiet)
    let bar = ProgressBar(quiet: report.quiet)
    func find() throws -> RunReport { try thresholds(setup, criteria, monitor: bar.monitor) }
    let result: RunReport
    do {
      result = try find()
    } catch {
      bar.finish()
      guard Interrupt.isSet else { throw error }
      complain("interrupted; there is no result yet")
      throw ExitCode(Interrupt.exitCode)
    }
    bar.finish()
    try deliver(result, setup, options: report, title: "Thresholds of λ")
  }
}
