import Dynamics

/// What a command prints and whether it delivered what was asked for.
public struct RunReport: Sendable {
  /// The JSON object, in the order in which it is to be shown.
  public var json: JSONObject
  /// Whether the result is what was asked for (exit 0), or only a part of it (exit 1).
  public var isComplete: Bool
  /// Whether the user stopped the run (exit 130).
  public var isInterrupted: Bool
  /// Why it is incomplete; `json` says it in plain words.
  public var failure: Message?
  /// What to write to a trajectory file, when the run has one.
  public var record: TrajectoryRecord?

  init(command: String, _ setup: Setup, outcome: Outcome? = nil, failure: Message? = nil) {
    json = JSONObject()
    json["command"] = .string(command)
    json["problem"] = .object(setup.json)
    // A run that stopped itself says why; one that the user stopped does not.
    isInterrupted = outcome == .interrupted && failure == nil
    isComplete = true
    self.failure = failure
    switch outcome {
    case .reached, .residual, nil: break
    case .stationary, .maxTime, .maxIterations, .maxWork, .maxSeconds, .diverged, .nonFinite, .stepTooSmall,
      .interrupted:
      isComplete = false
    }
    if let outcome { json["outcome"] = .string(outcome.rawValue) }
    if let failure { json["failure"] = .string(failure.description) }
  }
}
