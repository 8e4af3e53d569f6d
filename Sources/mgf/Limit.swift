import ArgumentParser
import Descent
import Dynamics
import Experiments

struct Limit: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Find Δ∞ and θ∞ of a flow or of a discrete method, with their certificate.",
    discussion: """
      Integrates (or iterates) until the residual and the bound on what Δ still changes by are small enough. The \
      additive balance identity is carried along as a self-check.

      Example: the limit of momentum gradient flow, and of momentum gradient descent at the same λ:

        mgf limit --gaussian 20,30,3 --lambda 1
        mgf limit --gaussian 20,30,3 --gamma 0.01 --beta 0.9
      """)

  @OptionGroup(title: "Problem") var problem: ProblemOptions

  @Option(
    help: ArgumentHelp("gf or mgf (default mgf, unless --gamma and --beta are given).", valueName: "flow"),
    completion: .list(["gf", "mgf"]), transform: Parse.flow)
  var flow: FlowSpecification.Kind?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("λ > 0 of momentum gradient flow.", valueName: "λ"),
    transform: Parse.real)
  var lambda: Double?

  @OptionGroup(title: "Discrete method") var method: MethodOptions

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Relative error allowed for every Δ∞ (default 1e-8).", valueName: "r"),
    transform: Parse.real)
  var deltaTolerance: Double = 1e-8

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Largest residual |Xθ − y| allowed at the end (default 1e-10·max|y|).", valueName: "r"),
    transform: Parse.real)
  var residualTolerance: Double?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Longest time (discrete: kε) to run (default 1e6).", valueName: "t"),
    transform: Parse.real)
  var maxTime: Double = 1e6

  @Option(help: ArgumentHelp("integrate: by plain integration.", valueName: "route"))
  var route: String = "integrate"

  @OptionGroup(title: "Integration") var integration: FlowOptions
  @OptionGroup(title: "Report") var report: ReportOptions

  func run() throws {
    guard route == "integrate" else {
      throw InvalidInput(
        "--route \(route)", because: route == "project" ? "it is not built yet" : "there is no such route",
        remedy: "choose --route integrate")
    }
    let subject = try subject()
    func criteria(_ residual: Double) throws -> LimitCriteria {
      try LimitCriteria(deltaTolerance: deltaTolerance, residualTolerance: residual, maximumTime: maxTime)
    }
    _ = try criteria(residualTolerance ?? 1)
    let setup = try problem.load(quiet: report.quiet)
    let criteria = try criteria(residualTolerance ?? 1e-10 * setup.responseScale)
    let bar = ProgressBar(quiet: report.quiet)
    let result = try limit(setup, of: subject, criteria, monitor: bar.monitor)
    bar.finish()
    try deliver(result, setup, options: report, title: "Asymptotic limit")
  }

  private func subject() throws -> LimitSubject {
    switch (method.gamma, method.beta) {
    case (let gamma?, let beta?):
      guard flow == nil, lambda == nil else {
        throw ValidationError("Give --flow and --lambda, or --gamma and --beta, not both.")
      }
      // The integration's options have no say here, but wrong ones are still wrong.
      _ = try integration.specification(.gf, lambda: nil)
      return .descent(try DescentSettings(gamma: gamma, beta: beta, method: method.method ?? .heavyBall))
    case (nil, nil):
      guard method.method == nil else { throw ValidationError("--method goes with --gamma and --beta.") }
      // The default tolerance leaves room below the default --delta-tolerance where that costs little.
      let tolerance =
        integration.stepper == FlowSpecification.defaultStepper.name
        ? 1e-12 : FlowSpecification.defaultRelativeTolerance
      return .flow(try integration.specification(flow ?? .mgf, lambda: lambda, defaultTolerance: tolerance))
    default:
      throw ValidationError("--gamma and --beta go together.")
    }
  }
}
