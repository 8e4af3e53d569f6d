import AutoSteppers
import Dynamics
import Files
import GSLSteppers
import ImplicitSteppers
import TaylorSteppers

extension FlowSpecification {
  /// A method of integration: its name, what it can do, and how its stepper is made. Another one is another entry of `all`.
  public struct Method: Sendable, Equatable {
    /// The name on the command line.
    public let name: String
    /// The relative tolerance with which it follows a flow to its limit: below that of Δ∞ where digits cost it little.
    public let limitTolerance: Double
    /// Whether it steps by Taylor series where nothing is stiff.
    let hasSeries: Bool
    /// Whether each of its steps is implicit.
    let isImplicit: Bool
    /// The stages of its Radau steps; nil where it takes none.
    let stages: Int?
    /// A stepper at the start of a problem; where the last argument is true, one that asks for no Jacobian if there is a choice.
    let stepper: @Sendable (FlowSpecification, InitialValueProblem, Bool) throws(InvalidInput) -> any Stepper

    /// All of them.
    public static let all: [Method] = [auto, taylor, radau(7), radau(5), radau(3)] + GSLScheme.allCases.map(gsl)

    /// Taylor series where accuracy bounds the step, Radau IIA where stability does.
    public static let auto = Method(
      name: "auto", limitTolerance: 1e-15, hasSeries: true, isImplicit: false, stages: 7
    ) { flow, problem, isExplicit throws(InvalidInput) in
      if isExplicit { return try taylor.stepper(flow, problem, true) }
      // In the stiff phase Taylor's errors add up and digits cost it little; Radau's Newton iterations need three of their own.
      let (relative, absolute) = (flow.tolerance.relative, flow.tolerance.absolute)
      return try AutoStepper(
        problem,
        tolerance: Tolerance(relative: max(0.1 * relative, min(relative, 1e-15)), absolute: 0.1 * absolute),
        implicitTolerance: Tolerance(relative: max(relative, min(1e-12, 1000 * relative)), absolute: absolute),
        method: RadauMethod(stages: 7))
    }

    /// Taylor series.
    static let taylor = Method(
      name: "taylor", limitTolerance: 1e-15, hasSeries: true, isImplicit: false, stages: nil
    ) { flow, problem, _ throws(InvalidInput) in
      try TaylorStepper(problem, control: .adaptive(flow.tolerance))
    }

    /// Radau IIA with this many stages (order 2s − 1).
    private static func radau(_ stages: Int) -> Method {
      Method(
        name: stages == 7 ? "radau" : "radau\(2 * stages - 1)", limitTolerance: defaultRelativeTolerance,
        hasSeries: false, isImplicit: true, stages: stages
      ) { flow, problem, _ throws(InvalidInput) in
        try RadauStepper(problem, control: .adaptive(flow.tolerance), method: RadauMethod(stages: stages))
      }
    }

    /// One of GSL's schemes.
    private static func gsl(_ scheme: GSLScheme) -> Method {
      Method(
        name: scheme.rawValue, limitTolerance: scheme == .rk8pd ? 1e-12 : defaultRelativeTolerance, hasSeries: false,
        isImplicit: scheme.isImplicit, stages: nil
      ) { flow, problem, _ throws(InvalidInput) in
        if scheme.isImplicit {
          // GSL keeps the Jacobian and several matrices of its size.
          let dimension = Double(problem.field.dimension)
          try requireMemory(
            4 * 8 * dimension * dimension, for: "\(.stepper, scheme.rawValue)",
            remedy: "it works with dense matrices of the whole state: choose taylor")
        }
        return try GSLStepper(scheme, problem, control: .adaptive(flow.tolerance))
      }
    }

    /// The method of this name. Throws `InvalidInput` when there is none.
    public init(named name: String) throws(InvalidInput) {
      guard let method = Self.all.first(where: { $0.name == name }) else {
        throw InvalidInput(
          "\(.stepper, name)", because: "there is no stepper of that name",
          remedy: "choose one of " + Self.all.map(\.name).joined(separator: ", "))
      }
      self = method
    }

    private init(
      name: String, limitTolerance: Double, hasSeries: Bool, isImplicit: Bool, stages: Int?,
      stepper: @escaping @Sendable (FlowSpecification, InitialValueProblem, Bool) throws(InvalidInput) -> any Stepper
    ) {
      (self.name, self.limitTolerance, self.hasSeries) = (name, limitTolerance, hasSeries)
      (self.isImplicit, self.stages, self.stepper) = (isImplicit, stages, stepper)
    }

    /// Refuses implicit methods for some flow. Throws `InvalidInput`.
    func requireExplicit(_ what: String) throws(InvalidInput) {
      guard isImplicit else { return }
      throw InvalidInput(
        "\(.stepper, name)", because: "\(what) not offered to implicit methods",
        remedy: "choose taylor, rk8pd, rkf45, rkck or msadams")
    }

    public static func == (one: Method, other: Method) -> Bool { one.name == other.name }
  }
}
