import ArgumentParser
import Descent
import Experiments

struct Limit: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Find Δ∞ and θ∞ of a flow or of a discrete method, with their certificate.",
    discussion: """
      Integrates (or iterates) only until the limit can be projected: from there on the logarithms of the weights move \
      within the row space of X, up to a tail term that is known to third order. The error estimate says when. Gradient \
      flow needs no integration at all. A discrete method that has become slow before goes on in long steps, each in place of \
      thousands of iterations. With --route integrate the run goes on until the residual itself is small.

      Example: the limit of momentum gradient flow, and of momentum gradient descent at the same λ:

        mgf limit --gaussian 20,30,3 --lambda 1
        mgf limit --gaussian 20,30,3 --gamma 0.01 --beta 0.9
      """)

  @OptionGroup(title: "Problem") var problem: ProblemOptions

  @Option(
    help: ArgumentHelp(
      "gf, mgf, or corrected2 to corrected12 with --step (default mgf, unless --gamma and --beta are given).",
      valueName: "flow"),
    completion: .list(FlowSpecification.Kind.all.map(\.rawValue)), transform: Parse.flow)
  var flow: FlowSpecification.Kind?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("λ > 0 of momentum gradient flow.", valueName: "λ"),
    transform: Parse.real)
  var lambda: Double?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The iterates' time step ε ≤ λ, for corrected flows.", valueName: "ε"),
    transform: Parse.real)
  var step: Double?

  @OptionGroup(title: "Discrete method") var method: MethodOptions
  @OptionGroup(title: "Discrete method") var batches: BatchOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Relative error allowed for every Δ∞ (default 1e-10; by integration or rk8pd 1e-8, by other steppers 1e-6).",
      valueName: "r"),
    transform: Parse.real)
  var deltaTolerance: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "With --route integrate: largest residual |Xθ − y| allowed at the end (default 1e-10·max|y|).", valueName: "r"),
    transform: Parse.real)
  var residualTolerance: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Longest time (discrete: kε) to run (default 1e6; in long steps 1e15: by auto, radau, --tail auto).",
      valueName: "t"),
    transform: Parse.real)
  var maxTime: Double?

  @Option(
    help: ArgumentHelp(
      "project (the default), or integrate: the second, independent and slower route.", valueName: "route"),
    completion: .list(LimitRoute.allCases.map(\.rawValue)), transform: Parse.route)
  var route: LimitRoute = .project

  @Option(
    help: ArgumentHelp(
      "The slow tail of a discrete method: auto (long steps where possible, the default), or iterate.",
      valueName: "tail"),
    completion: .list(LimitTail.allCases.map(\.rawValue)), transform: Parse.tail)
  var tail: LimitTail?

  @Flag(help: "Add the sensitivities d ln Δ∞/dλ and dθ∞/dλ of momentum gradient flow.")
  var sensitivity = false

  @OptionGroup(title: "Integration") var integration: FlowOptions
  @OptionGroup(title: "Output") var figure: FigureOptions
  @OptionGroup(title: "Budget") var budget: WorkOptions
  @OptionGroup(title: "Report") var report: ReportOptions
  @OptionGroup(title: "Report") var asking: ExperimentOptions

  func run() throws {
    let (motion, criteria) = try (motion(), criteria())
    try perform(
      problem.experiment(.limit(motion, criteria, sensitivity: sensitivity), budget), asking, report, figure: figure)
  }

  /// Whether the discrete method is meant.
  private var isDiscrete: Bool { method.gamma != nil }

  /// How the limit is to be found. Throws for options that do not go together.
  func criteria() throws -> LimitCriteria {
    guard residualTolerance == nil || route == .integrate else {
      throw ValidationError("--residual-tolerance goes with --route integrate: a projection interpolates exactly.")
    }
    guard tail == nil || route == .project && isDiscrete else {
      throw ValidationError("--tail goes with --gamma and --beta and the route project.")
    }
    return try LimitCriteria(
      of: motion(), route: route, deltaTolerance: deltaTolerance, residualTolerance: residualTolerance,
      maximumTime: maxTime, tail: tail)
  }

  /// The flow or the discrete method.
  func motion() throws -> LimitSubject {
    switch (method.gamma, method.beta) {
    case (let gamma?, let beta?):
      guard flow == nil, lambda == nil else {
        throw ValidationError("Give --flow and --lambda, or --gamma and --beta, not both.")
      }
      // The integration's options have no say here, but wrong ones are still wrong.
      _ = try integration.specification(.gf, lambda: nil)
      return .descent(
        try DescentSettings(
          gamma: gamma, beta: beta, method: method.method ?? .heavyBall, batches: batches.batches(seed: problem.seed)))
    case (nil, nil):
      guard batches.batch == nil else { throw ValidationError("--batch goes with --gamma and --beta.") }
      guard method.method == nil else { throw ValidationError("--method goes with --gamma and --beta.") }
      return .flow(
        try integration.specification(
          flow ?? .mgf, lambda: lambda, step: step,
          defaultTolerance: FlowSpecification.limitTolerance(stepper: integration.stepper)))
    default:
      throw ValidationError("--gamma and --beta go together.")
    }
  }
}
