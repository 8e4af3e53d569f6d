import Descent
import Dynamics
import Networks

/// Something that does not go with some network, motion, goal or team, and why: together they are the table of what the
/// experiments can do, in the documentation and in messages.
package struct Exclusion: Sendable {
  /// What an experiment asks for, with its value; nil when it does not.
  let subject: @Sendable (Experiment, _ team: Int) -> Message?
  /// What it is, for the table.
  let what: String
  /// With what it does not go, for the table.
  let with: String
  /// Why.
  let reason: Message
  /// What would be right.
  let remedy: Message?

  private init(
    _ what: String, with other: String, because reason: Message, remedy: Message? = nil,
    _ subject: @escaping @Sendable (Experiment, _ team: Int) -> Message?
  ) {
    (self.what, with, self.reason, self.remedy, self.subject) = (what, other, reason, remedy, subject)
  }

  /// The table of the documentation, in Markdown.
  package static let table =
    "| what | does not go with |\n|---|---|\n" + all.map { "| \($0.what) | \($0.with) |\n" }.joined()

  /// All of them, in the order in which they are looked at.
  package static let all: [Exclusion] = networks + goals + teams

  private static let diagonalOnly: Message = "it is built for the diagonal network with the square loss"

  private static let networks: [Exclusion] = [
    Exclusion(
      "a start from w0", with: "the diagonal network with the square loss",
      because: "it starts networks of \(.network, "power") or layers, or other losses",
      remedy: "give \(.u) and \(.v), or choose \(.network, "layers") \(.depth, 2)"
    ) { experiment, _ in
      guard case .blocks? = experiment.problem.start, experiment.network == .standard else { return nil }
      return "\(.weights)"
    },
    Exclusion(
      "limit, certify", with: "losses but the square, and networks but the diagonal, layers and powers of depth 2",
      because: "limits are known of the diagonal network with the square loss, and of layers and powers of depth 2",
      remedy: "other networks and losses go with mgf solve, descend and compare"
    ) { experiment, _ in
      experiment.goal.limitCriteria != nil && !experiment.network.hasLimit ? experiment.network.subject : nil
    },
    Exclusion(
      "thresholds", with: "other networks and losses",
      because: "this command works on the diagonal network with the square loss",
      remedy: "other networks and losses go with mgf solve, descend and compare"
    ) { experiment, _ in
      guard experiment.network != .standard, case .thresholds = experiment.goal else { return nil }
      return experiment.network.subject
    },
    Exclusion(
      "compare with orders above 1", with: "other networks and losses", because: diagonalOnly,
      remedy: "choose \(.order, 1)"
    ) { experiment, _ in
      guard experiment.network != .standard, case .compare(_, let criteria) = experiment.goal, criteria.order > 1
      else { return nil }
      return "\(.order, criteria.order)"
    },
    Exclusion("identity", with: "other networks and losses", because: diagonalOnly, remedy: "leave it out") {
      experiment, _ in
      guard experiment.network != .standard, case .descend(_, _, _, true) = experiment.goal else { return nil }
      return "\(.identity)"
    },
    Exclusion(
      "compare with minibatches", with: "other networks and losses", because: diagonalOnly, remedy: "leave it out"
    ) { experiment, _ in
      guard experiment.network != .standard, case .compare(_, let criteria) = experiment.goal else { return nil }
      return criteria.batches == nil ? nil : "\(.batch)"
    },
  ]

  private static let goals: [Exclusion] = [
    Exclusion(
      "sensitivity", with: "anything but mgf and the route project",
      because: "it is one of momentum gradient flow, by the route project", remedy: "leave it out"
    ) { experiment, _ in
      guard case .limit(let subject, let criteria, true) = experiment.goal else { return nil }
      if case .flow(let flow) = subject, flow.kind == .mgf, criteria.route == .project { return nil }
      return "\(.sensitivity)"
    },
    Exclusion(
      "residual_tolerance", with: "the route project", because: "a projection interpolates exactly",
      remedy: "it goes with \(.route, "integrate")"
    ) { experiment, _ in
      guard let criteria = experiment.goal.limitCriteria, criteria.route == .project,
        let residual = criteria.residualTolerance
      else { return nil }
      return "\(.residualTolerance, residual)"
    },
    Exclusion(
      "compare with minibatches", with: "Nesterov's method, or batches without replacement",
      because:
        "the stochastic flow models heavy ball with minibatches drawn with replacement: give \(.replacement), and no other \(.method)"
    ) { experiment, _ in
      guard case .compare(_, let criteria) = experiment.goal, let batches = criteria.batches else { return nil }
      return batches.replacement && criteria.method == .heavyBall ? nil : "\(.batch, batches.size)"
    },
    Exclusion(
      "compare with minibatches", with: "orders above 2", because: "stochastic flows are of order 1 or 2"
    ) { experiment, _ in
      guard case .compare(_, let criteria) = experiment.goal, criteria.batches != nil, criteria.order > 2 else {
        return nil
      }
      return "\(.order, criteria.order)"
    },
  ]

  private static let teams: [Exclusion] = [
    Exclusion(
      "several processes", with: "compare, limit, certify, thresholds",
      because: "only solve and descend are shared among processes", remedy: "start one"
    ) { experiment, team in
      team > 1 && !experiment.goal.hasTrajectory ? "mpirun -n \(team)" : nil
    },
    Exclusion(
      "several processes", with: "other networks and losses",
      because: "only the diagonal network with the square loss is shared among processes"
    ) { experiment, team in team > 1 && experiment.network != .standard ? "\(.network), \(.loss)" : nil },
    Exclusion(
      "several processes", with: "minibatches", because: "minibatches are not shared among processes",
      remedy: "leave it out"
    ) { experiment, team in team > 1 && experiment.goal.batches != nil ? "\(.batch)" : nil },
    Exclusion(
      "several processes", with: "an end by the residual",
      because: "no process has all of X to find out whether it can be reached",
      remedy: "give a fixed end: \(.until, "T") or \(.iterations, "K")"
    ) { experiment, team in
      guard team > 1 else { return nil }
      switch experiment.goal {
      case .solve(_, .residual(let tolerance, _), _), .descend(_, .residual(let tolerance, _), _, _):
        return "\(.residual, tolerance)"
      default: return nil
      }
    },
    Exclusion(
      "several processes", with: "corrected flows", because: "corrected flows are not shared among processes",
      remedy: "choose gf or mgf"
    ) { experiment, team in
      guard team > 1, case .solve(let flow, _, _) = experiment.goal, flow.kind.order > 1 else { return nil }
      return "\(.flow, flow.kind.rawValue)"
    },
    Exclusion(
      "several processes", with: "steppers but auto and taylor",
      because: "processes share a run by its Taylor series only", remedy: "choose taylor"
    ) { experiment, team in
      guard team > 1, case .solve(let flow, _, _) = experiment.goal, flow.method != .auto, flow.method != .taylor
      else { return nil }
      return "\(.stepper, flow.method.name)"
    },
    Exclusion(
      "several processes", with: "identity",
      because: "only plain runs of the diagonal network with the square loss are shared among processes"
    ) { experiment, team in
      if team > 1, case .descend(_, _, _, true) = experiment.goal { "\(.identity)" } else { nil }
    },
  ]
}

extension NetworkModel {
  /// What makes it another than the standard one.
  fileprivate var subject: Message {
    loss == .square ? "\(.network, parametrization.name)" : "\(.loss, loss.rawValue)"
  }
}

extension Goal {
  /// The minibatches.
  package var batches: DescentSettings.Batches? {
    if case .compare(_, let criteria) = self { return criteria.batches }
    if case .descent(let settings)? = motion { return settings.batches }
    return nil
  }

  /// How the limit is found, where one is asked for.
  package var limitCriteria: LimitCriteria? {
    switch self {
    case .limit(_, let criteria, _), .certify(_, let criteria): criteria
    case .solve, .descend, .compare, .thresholds: nil
    }
  }
}
