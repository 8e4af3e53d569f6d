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
    if flow.method.limitTolerance == FlowSpecification.defaultRelativeTolerance { return 1e-6 }
    return route == .project && flow.method.hasSeries ? 1e-10 : 1e-8
  }

  /// The longest time to follow it to: longer by methods whose steps grow with time.
  package var longestTime: Double {
    guard case .flow(let flow) = self else { return 1e6 }
    return flow.method.stages == nil ? 1e6 : 1e15
  }
}

extension FlowSpecification {
  /// The relative tolerance with which a stepper follows a flow to its limit: it leaves room below that of Δ∞ where this costs
  /// little.
  public static func limitTolerance(stepper: String) -> Double {
    Method.all.first { $0.name == stepper }?.limitTolerance ?? defaultRelativeTolerance
  }
}
