import Dynamics
import Networks

/// Recorded states of a run, continuous or discrete, with what is derived from them: what files hold.
public struct TrajectoryRecord: Sendable {
  /// The network and its loss.
  public let model: NetworkModel
  /// The times, increasing.
  public private(set) var times: [Double] = []
  /// The iterations, for a discrete run.
  public private(set) var iterations: [Int]?
  /// The weights, times × blocks × d, row-major.
  public private(set) var weights: [Double] = []
  /// Their rates (discrete: (w_k − w_{k−1})/ε), times × blocks × d, row-major.
  public private(set) var rates: [Double] = []
  /// L(θ) at each time.
  public private(set) var loss: [Double] = []
  /// ‖Xθ − y‖∞ at each time, for the square loss.
  public private(set) var residualMax: [Double] = []
  /// The margins at each time, for losses of classification.
  public private(set) var margins: [Margins] = []
  /// E = F + λ‖ẇ‖²/(2s) at each time, s the speed of the parametrisation.
  public private(set) var energy: [Double] = []
  /// The names of the d features.
  public let featureNames: [String]
  /// The sign changes, in order of time.
  public private(set) var occurrences: [Occurrence]

  /// The number d of features.
  public var featureCount: Int { featureNames.count }
  /// The number of recorded times.
  public var count: Int { times.count }
  /// The numbers of a state.
  var width: Int { model.parametrization.blockCount * featureCount }

  init(_ setup: Setup, occurrences: [Occurrence] = [], isDiscrete: Bool) {
    model = setup.model
    featureNames = setup.problem.featureNames
    self.occurrences = occurrences
    iterations = isDiscrete ? [] : nil
  }

  /// Adds a state; `lambda` weighs the kinetic energy. One half pass over X by `network`.
  mutating func append(
    time: Double, iteration: Int? = nil, weights w: [Double], rates v: [Double], lambda: Double,
    network: any Network
  ) {
    let look = network.look(at: w)
    times.append(time)
    if let iteration { iterations?.append(iteration) }
    weights.append(contentsOf: w)
    rates.append(contentsOf: v)
    loss.append(look.loss)
    if let margin = look.leastMargin {
      margins.append(Margins(margin, model.parametrization.theta(w)))
    } else {
      residualMax.append(look.residualMax)
    }
    let kinetic = model.parametrization.kineticEnergy(v, lambda: lambda)
    energy.append(look.loss + (network.problem.reduction?.sum(kinetic) ?? kinetic))
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
    model = setup.model
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

  /// The weights at recorded time number `index`, blocks × d.
  public func weights(at index: Int) -> ArraySlice<Double> { weights[index * width..<(index + 1) * width] }

  /// θ at recorded time number `index`, d numbers.
  public func theta(at index: Int) -> [Double] { model.parametrization.theta(weights(at: index)) }

  /// When which weights were too small for doubles, a row each.
  func describe(_ episodes: [FarWeights.Episode]) -> [Measurements] {
    episodes.map { episode in
      var row = named(episode.coordinate)
      row.from = episode.start
      row.set(\.until, episode.end, otherwise: "it was so to the end of the run")
      return row
    }
  }

  /// The sign changes, a row each.
  public var signChanges: [Measurements] {
    occurrences.map { occurrence in
      var row = named(occurrence.coordinate)
      if model == .standard { row.sign = occurrence.coordinate < featureCount ? 1 : -1 }
      (row.time, row.way) = (occurrence.time, occurrence.direction)
      return row
    }
  }

  /// A row on a weight: its feature, and which weight of it.
  private func named(_ coordinate: Int) -> Measurements {
    var row = Measurements()
    let (block, feature) = (coordinate / featureCount, coordinate % featureCount)
    (row.feature, row.name) = (feature, featureNames[feature])
    row.coordinate = model.coordinateNames[block]
    return row
  }
}
