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
  public private(set) var occurrences: [Occurrence]

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
    let kinetic = NetworkQuantities.kineticEnergy(v, lambda: lambda)
    energy.append(value + (network.problem.reduction?.sum(kinetic) ?? kinetic))
  }

  /// Adds later sign changes.
  mutating func append(occurrences later: [Occurrence]) { occurrences += later }

  /// The record of all features from those of the processes that share them: rank 0 has it.
  init?(_ own: TrajectoryRecord, of setup: Setup, joinedBy team: any Reduction) {
    let places = own.occurrences.flatMap { [Double($0.coordinate), $0.time, Double($0.direction)] }
    // All take part in all four.
    let weights = team.gather(own.weights)
    let rates = team.gather(own.rates)
    let counts = team.gather([Double(places.count)])
    let events = team.gather(places)
    guard team.rank == 0 else { return nil }
    (times, iterations, loss, residualMax, energy) = (own.times, own.iterations, own.loss, own.residualMax, own.energy)
    featureNames = setup.problem.featureNames
    let d = featureNames.count
    let blocks = (0..<team.size).map { Setup.block($0, of: team.size, features: d) }
    func whole(_ parts: [Double]) -> [Double] {
      var result = [Double](repeating: 0, count: own.times.count * 2 * d)
      var first = 0
      for block in blocks {
        let width = block.count
        let part = parts[first...]
        defer { first += own.times.count * 2 * width }
        for t in own.times.indices {
          for j in 0..<2 * width {
            let place = j < width ? block.lowerBound + j : d + block.lowerBound + j - width
            result[t * 2 * d + place] = part[first + t * 2 * width + j]
          }
        }
      }
      return result
    }
    self.weights = whole(weights)
    self.rates = whole(rates)
    var occurrences: [Occurrence] = []
    var next = 0
    for (count, block) in zip(counts, blocks) {
      let end = next + Int(count)
      defer { next = end }
      for k in stride(from: next, to: end, by: 3) {
        let j = Int(events[k])
        occurrences.append(
          Occurrence(
            coordinate: j < block.count ? block.lowerBound + j : d + block.lowerBound + j - block.count,
            time: events[k + 1], direction: Int(events[k + 2])))
      }
    }
    self.occurrences = occurrences.sorted { ($0.time, $0.coordinate) < ($1.time, $1.coordinate) }
  }

  /// w± at recorded time number `index`, 2d numbers.
  public func weights(at index: Int) -> ArraySlice<Double> {
    weights[index * 2 * featureCount..<(index + 1) * 2 * featureCount]
  }

  /// θ at recorded time number `index`, d numbers.
  public func theta(at index: Int) -> [Double] { NetworkQuantities.theta(weights(at: index)) }

  /// When which weights were too small for doubles, as JSON.
  func describe(_ episodes: [FarWeights.Episode]) -> JSONValue {
    .array(
      episodes.map { episode in
        let isPlus = episode.coordinate < featureCount
        let feature = isPlus ? episode.coordinate : episode.coordinate - featureCount
        return .object([
          "feature": .integer(feature), "name": .string(featureNames[feature]),
          "coordinate": .string(isPlus ? "plus" : "minus"), "from": .number(episode.start),
          "until": episode.end.map { .number($0) } ?? .null,
        ])
      })
  }

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
