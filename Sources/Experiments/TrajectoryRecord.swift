import DiagonalNetworks
import Dynamics

/// Recorded states of a run, continuous or discrete, with what is derived from them: what files hold.
public struct TrajectoryRecord: Sendable {
  /// The times, increasing.
  public private(set) var times: [Double] = []
  /// The iterations, for a discrete run.
  public private(set) var iterations: [Int]?
  /// w±, times × 2d, row-major.
  public private(set) var weights: [Double] = []
  /// ẇ± (discrete: (w_k − w_{k−1})/ε), times × 2d, row-major.
  public private(set) var rates: [Double] = []
  /// L(θ) at each time.
  public private(set) var loss: [Double] = []
  /// ‖Xθ − y‖∞ at each time.
  public private(set) var residualMax: [Double] = []
  /// E = F + λ(‖ẇ₊‖² + ‖ẇ₋‖²)/4 at each time.
  public private(set) var energy: [Double] = []
  /// The names of the d features.
  public let featureNames: [String]
  /// The sign changes, in order of time.
  public let occurrences: [Occurrence]

  /// The number d of features.
  public var featureCount: Int { featureNames.count }
  /// The number of recorded times.
  public var count: Int { times.count }

  init(_ setup: Setup, occurrences: [Occurrence], isDiscrete: Bool) {
    featureNames = setup.problem.featureNames
    self.occurrences = occurrences
    iterations = isDiscrete ? [] : nil
  }

  /// Adds a state; `lambda` weighs the kinetic energy. One half pass over X by `network`.
  mutating func append(
    time: Double, iteration: Int? = nil, weights w: [Double], rates v: [Double], lambda: Double,
    network: DiagonalNetwork
  ) {
    let value = w.withUnsafeBufferPointer { $0.baseAddress.map { network.value($0) } ?? 0 }
    times.append(time)
    if let iteration { iterations?.append(iteration) }
    weights.append(contentsOf: w)
    rates.append(contentsOf: v)
    loss.append(value)
    residualMax.append(network.residualMax)
    energy.append(value + NetworkQuantities.kineticEnergy(v, lambda: lambda))
  }

  /// w± at recorded time number `index`, 2d numbers.
  public func weights(at index: Int) -> ArraySlice<Double> {
    weights[index * 2 * featureCount..<(index + 1) * 2 * featureCount]
  }

  /// θ at recorded time number `index`, d numbers.
  public func theta(at index: Int) -> [Double] { NetworkQuantities.theta(weights(at: index)) }

  /// The sign changes as JSON.
  public var signChanges: JSONValue {
    .array(
      occurrences.map { occurrence in
        let isPlus = occurrence.coordinate < featureCount
        let feature = isPlus ? occurrence.coordinate : occurrence.coordinate - featureCount
        return .object([
          "feature": .integer(feature), "name": .string(featureNames[feature]),
          "coordinate": .string(isPlus ? "plus" : "minus"), "sign": .integer(isPlus ? 1 : -1),
          "time": .number(occurrence.time), "direction": .integer(occurrence.direction),
        ])
      })
  }
}

extension JSONValue {
  /// An object from a literal list of entries.
  static func object(_ entries: KeyValuePairs<String, JSONValue>) -> JSONValue { .object(JSONObject(entries)) }
}
