import Descent
import Dynamics

/// What a limit is asked of: a flow or a discrete method.
public enum LimitSubject: Sendable, Equatable {
  /// A flow.
  case flow(FlowSpecification)
  /// A discrete method.
  case descent(DescentSettings)
}

extension LimitSubject {
  /// The relative error of Δ∞ that its method can deliver.
  func deltaTolerance(_ route: LimitRoute) -> Double {
    guard case .flow(let flow) = self, flow.kind != .gf || route == .integrate else {
      return route == .project ? 1e-10 : 1e-8
    }
    return switch (route, flow.method) {
    case (.project, .auto), (.project, .taylor): 1e-10
    case (_, .auto), (_, .taylor), (_, .gsl(.rk8pd)): 1e-8
    default: 1e-6
    }
  }

  /// The longest time to follow it to: longer by methods whose steps grow with time.
  package var longestTime: Double {
    guard case .flow(let flow) = self else { return 1e6 }
    return switch flow.method {
    case .auto, .radau: 1e15
    case .taylor, .gsl: 1e6
    }
  }
}

extension FlowSpecification {
  /// The relative tolerance with which a stepper follows a flow to its limit: it leaves room below that of Δ∞ where this costs
  /// little.
  public static func limitTolerance(stepper: String) -> Double {
    switch stepper {
    case "auto", "taylor": 1e-15
    case "rk8pd": 1e-12
    default: defaultRelativeTolerance
    }
  }
}
