import ArgumentParser
import Descent
import Dynamics
import Experiments

/// The options of a discrete method beside its step.
struct MethodOptions: ParsableArguments {
  @Option(
    parsing: .unconditional, help: ArgumentHelp("Step γ > 0; goes with --beta.", valueName: "γ"), transform: Parse.real)
  var gamma: Double?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Momentum 0 ≤ β < 1; goes with --gamma.", valueName: "β"),
    transform: Parse.real)
  var beta: Double?

  @Option(help: ArgumentHelp("heavy-ball (the default) or nesterov.", valueName: "name"))
  var method: DescentSettings.Method?
}

extension DescentSettings.Method: ExpressibleByArgument {}
