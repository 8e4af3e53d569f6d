import ArgumentParser
import Experiments

/// The options of an integration.
struct FlowOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Method of integration: auto (Taylor, and Radau where the flow is stiff), taylor, radau (Radau IIA of order 13; radau9, radau5); of GSL rk8pd, rkf45, rkck (explicit Runge–Kutta), msadams, msbdf (multistep), bsimp.",
      valueName: "name"),
    completion: .list(FlowSpecification.Method.all.map(\.name)))
  var stepper: String = FlowSpecification.defaultStepper.name

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Relative local error of every coordinate (default 1e-10; limit: 1e-15 with auto and taylor, 1e-12 with rk8pd).",
      valueName: "r"),
    transform: Parse.real)
  var rtol: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Absolute local error of every coordinate (default 0).", valueName: "a"),
    transform: Parse.real)
  var atol: Double = 0

  /// The specification of a flow of this kind.
  func specification(
    _ kind: FlowSpecification.Kind, lambda: Double?, step: Double? = nil,
    defaultTolerance: Double = FlowSpecification.defaultRelativeTolerance
  ) throws -> FlowSpecification {
    try FlowSpecification(
      kind: kind, lambda: lambda, stepper: stepper, relative: rtol ?? defaultTolerance, absolute: atol,
      step: step)
  }
}
