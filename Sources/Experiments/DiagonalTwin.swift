import Descent
import Dynamics
import Networks
import Regression

/// The same motion as one of the diagonal network with the square loss, where there is one: for layers of depth 2 with
/// w± = w₁ ± w₂, as they stand; for powers of depth 2 with 2w±, at s = 2 times the time with sλ, sε, sγ and the same β. θ(t) is
/// the same, and Δ is |u² − v²| of its θ = u⊙v, for powers 4|w₊w₋|.
///
/// It holds for the flows and for the iterates, minibatches included: for powers 2w(t) obeys 2λẄ + Ẇ ± g⊙W = 0 in the time 2t.
package struct DiagonalTwin {
  /// Data and start of the diagonal network.
  package let setup: Setup
  /// s, its time for each unit of time.
  package let pace: Double

  /// Throws `InvalidInput` for networks and losses whose limits no theory gives.
  package init(_ setup: Setup) throws(InvalidInput) {
    let (model, start) = (setup.model, setup.start)
    guard model.hasLimit, let twin = model.parametrization.asDiagonal(start.weights, start.rates) else {
      throw InvalidInput(
        model.loss == .square ? "\(.network, model.parametrization.name)" : "\(.loss, model.loss.rawValue)",
        because: "limits are known of the diagonal network with the square loss, and of layers and powers of depth 2",
        remedy: "run to a fixed time instead")
    }
    let balanced = Initialization(weights: twin.weights, rates: twin.rates, alpha: start.alpha)
    self.setup = try setup.training(.standard, from: balanced, takingSigns: false)
    pace = twin.pace
  }

  /// The flow or the discrete method of it.
  package func subject(_ subject: LimitSubject) throws(InvalidInput) -> LimitSubject {
    guard pace != 1 else { return subject }
    switch subject {
    case .flow(let flow):
      return .flow(
        try FlowSpecification(
          kind: flow.kind, lambda: flow.kind.hasMomentum ? pace * flow.matchedLambda : nil, stepper: flow.method.name,
          relative: flow.tolerance.relative, absolute: flow.tolerance.absolute, step: flow.step.map { pace * $0 },
          isNesterov: flow.isNesterov))
    case .descent(let settings):
      return .descent(
        try DescentSettings(
          gamma: pace * settings.gamma, beta: settings.beta, method: settings.method, batches: settings.batches))
    }
  }

  /// What is asked of its limit.
  package func criteria(_ criteria: LimitCriteria) throws(InvalidInput) -> LimitCriteria {
    try LimitCriteria(
      route: criteria.route, deltaTolerance: criteria.deltaTolerance, residualTolerance: criteria.residualTolerance,
      maximumTime: pace * criteria.maximumTime, maximumPasses: criteria.maximumPasses, tail: criteria.tail,
      maximumTailTime: pace * criteria.maximumTailTime)
  }
}
