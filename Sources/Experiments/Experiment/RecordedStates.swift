import Descent
import Dynamics
import RealModule

/// Which states of a run are kept.
public enum RecordedStates: Sendable, Equatable {
  /// As few as the summary of a run needs.
  case summary
  /// Every accepted step, or iteration.
  case every
  /// This many: equally spaced with the first and the last, or spread in ln(1 + t) where the end is not known before.
  case count(Int)
  /// These times, or iterations, increasing.
  case at([Double])
  /// This many, geometrically spaced from the first one named to the end.
  case logarithmic(count: Int, from: Double)

  /// The times of a flow. Throws `InvalidInput` for what its end does not allow.
  func sampling(_ stop: StopRule) throws(InvalidInput) -> Sampling {
    switch (self, stop) {
    case (.summary, _): return .summary
    case (.every, _): return .everyStep
    case (.count(let count), _):
      guard count >= 2 else {
        throw InvalidInput(
          "\(.recordedSamples, count)", because: "the first and the last time make at least 2")
      }
      return .count(count)
    case (.at(let times), .time(let end)), (.at(let times), .residual(_, let end)):
      try Self.requireIncreasing(times, upTo: end)
      return .times(times)
    case (.logarithmic(let count, let first), .time(let end)):
      return .times(try Self.geometric(count, from: first, to: end, "\(.until, end)"))
    case (.logarithmic, .residual):
      throw InvalidInput(
        "\(.logSamples)", because: "where they end is not known before", remedy: "it goes with \(.until)")
    }
  }

  /// The iterations of a discrete run. Throws `InvalidInput` for what its end does not allow.
  func iterations(_ stop: IterationRule) throws(InvalidInput) -> IterateRecording {
    let last: Int =
      switch stop {
      case .count(let count): count
      case .residual(_, let maximum): maximum
      }
    switch (self, stop) {
    case (.summary, _): return .endpoints
    case (.every, _): return .every
    case (.count(let count), _):
      guard count >= 2 else {
        throw InvalidInput(
          "\(.recordedSamples, count)", because: "the first and the last iteration make at least 2")
      }
      if case .residual = stop { return .logarithmic(count: count) }
      return .even(count: count)
    case (.at(let list), _):
      try Self.requireIncreasing(list, upTo: Double(last), whole: true)
      return .at(list.map { Int($0) })
    case (.logarithmic(let count, let first), .count):
      var list: [Int] = []
      for value in try Self.geometric(count, from: first, to: Double(last), "\(.iterations, last)") {
        let k = Int(value.rounded())
        if list.last != k { list.append(k) }
      }
      return .at(list)
    case (.logarithmic, .residual):
      throw InvalidInput(
        "\(.logSamples)", because: "where they end is not known before", remedy: "it goes with \(.iterations)")
    }
  }

  /// `count` geometrically spaced values from `first` to `last`. Throws `InvalidInput` unless there are at least 2.
  private static func geometric(
    _ count: Int, from first: Double, to last: Double, _ end: Message
  ) throws(InvalidInput) -> [Double] {
    guard count >= 2, count <= 1_000_000 else {
      throw InvalidInput(
        "\(.logSamples, count)", because: "the first and the last make at least 2, and a million are the most allowed")
    }
    guard first > 0 else { throw InvalidInput("\(.logFrom, first)", because: "it must be positive") }
    guard first < last else {
      throw InvalidInput(
        end, because: "it does not lie after the first of \(.logSamples), \(first)",
        remedy: "give a smaller \(.logFrom)")
    }
    let ratio = Double.log(last / first) / Double(count - 1)
    return (0..<count).map { $0 == count - 1 ? last : first * Double.exp(Double($0) * ratio) }
  }

  private static func requireIncreasing(
    _ values: [Double], upTo end: Double, whole: Bool = false
  ) throws(InvalidInput) {
    guard !values.isEmpty else { throw InvalidInput("\(.recordedTimes)", because: "no value is given") }
    func text(_ value: Double) -> String { whole ? Int(exactly: value).map { "\($0)" } ?? "\(value)" : "\(value)" }
    for (index, value) in values.enumerated() {
      guard value >= 0, value <= end, !whole || value == value.rounded() else {
        throw InvalidInput("\(.recordedTimes, text(value))", because: "it lies outside 0 … \(text(end))")
      }
      guard index == 0 || values[index - 1] < value else {
        throw InvalidInput(
          "\(.recordedTimes)", because: "\(text(values[index - 1])) is followed by \(text(value))",
          remedy: "values must increase")
      }
    }
  }
}
