import Dynamics
import Experiments

/// What a request to the explorer may cost.
package struct Bounds {
  /// The entries n·d of data that are drawn.
  package static let entries = 1_000_000
  /// The numbers of a recorded array: times × features.
  package static let points = 1_000_000
  /// The seconds of a run.
  package static let seconds = 60.0
  /// Passes over X of a run for a figure, which keeps all that lies between its steps.
  package static let passesOfFigure = 2_000_000
  /// The numbers of a trajectory file that is shown.
  package static let numbersOfFile = 10_000_000
  /// The runs of a store that are shown.
  package static let rows = 200_000
  /// The experiments of one request.
  package static let experiments = 4096
  /// The bytes of a request.
  package static let bytes = 4 << 20

  /// The files that were named when the explorer was started: no others are read.
  let files: Set<String>

  /// Bounds where these files may be read.
  package init(files: Set<String>) { self.files = files }

  /// The experiment with its time bounded. Throws `InvalidInput` for what is too large, and for files that were not named.
  package func admit(_ experiment: Experiment) throws(InvalidInput) -> Experiment {
    for path in experiment.files where !files.contains(path) {
      throw InvalidInput(
        Message(path), because: "the explorer reads only files that were named when it was started",
        remedy: "start it with this problem")
    }
    var features = 1
    if case .gaussian(let drawn) = experiment.problem.source {
      features = drawn.features
      guard Double(drawn.samples) * Double(drawn.features) <= Double(Self.entries) else {
        throw InvalidInput(
          "\(.gaussian, "\(drawn.samples),\(drawn.features),\(drawn.nonzeros)")",
          because: "the explorer draws at most \(Self.entries) numbers",
          remedy: "choose fewer samples or features, or use the command line")
      }
    }
    try requirePoints(of: experiment, features: features)
    var bounded = experiment
    bounded.limit = try WorkLimit(
      passes: experiment.limit?.passes, seconds: min(experiment.limit?.seconds ?? Self.seconds, Self.seconds))
    return bounded
  }
}

extension Bounds {
  /// Throws `InvalidInput` where an experiment records more than may be, as far as its times and features are known.
  func requirePoints(of experiment: Experiment, features: Int) throws(InvalidInput) {
    guard let times = experiment.recordedTimes else {
      throw InvalidInput(
        "\(.everyState)", because: "the explorer does not record every step",
        remedy: "give \(.recordedSamples), or use the command line")
    }
    guard times * Double(features) <= Double(Self.points) else {
      throw InvalidInput(
        "\(.recordedSamples, Int(exactly: times) ?? Int.max)",
        because: "with \(features) features the explorer records at most \(Self.points / features)",
        remedy: "record fewer times, or use the command line")
    }
  }
}

extension Experiment {
  /// How many states are recorded; nil where that is not known before.
  fileprivate var recordedTimes: Double? {
    let recording: RecordedStates
    switch goal {
    case .solve(_, _, let states): recording = states
    case .descend(_, .count(let last), .every, _): return Double(last) + 1
    case .descend(_, _, let states, _): recording = states
    case .compare, .limit, .certify, .thresholds: return 0
    }
    switch recording {
    case .summary: return 2
    case .every: return nil
    case .count(let count), .logarithmic(let count, _): return Double(count)
    case .at(let times): return Double(times.count)
    }
  }

  /// The files that it names.
  var files: [String] {
    var names: [String] = []
    _ = mappingFiles {
      names.append($0)
      return $0
    }
    return names
  }
}
