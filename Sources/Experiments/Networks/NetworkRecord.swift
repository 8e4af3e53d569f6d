import DiagonalNetworks
import Dynamics
import Export

/// Recorded states of a deep network, continuous or discrete, with what is derived from them: what files hold.
public struct NetworkRecord: Sendable {
  /// The model.
  public let model: NetworkModel
  /// The times, increasing.
  public private(set) var times: [Double] = []
  /// The iterations, for a discrete run.
  public private(set) var iterations: [Int]?
  /// The weights, times × blocks × d.
  public private(set) var weights: [Double] = []
  /// Their rates (discrete: (w_k − w_{k−1})/ε), times × blocks × d.
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
  public internal(set) var occurrences: [Occurrence] = []
  private let truth: [Double]?

  /// The number d of features.
  public var featureCount: Int { featureNames.count }
  /// The number of recorded times.
  public var count: Int { times.count }

  init(_ setup: Setup, _ model: NetworkModel, isDiscrete: Bool) {
    self.model = model
    featureNames = setup.problem.featureNames
    truth = setup.problem.truth
    iterations = isDiscrete ? [] : nil
  }

  /// Adds a state; `lambda` weighs the kinetic energy. One half pass over X by `network`.
  mutating func append(
    time: Double, iteration: Int? = nil, weights w: [Double], rates v: [Double], lambda: Double, network: DeepNetwork
  ) {
    let value = w.withUnsafeBufferPointer { $0.baseAddress.map { network.value($0) } ?? 0 }
    times.append(time)
    if let iteration { iterations?.append(iteration) }
    weights.append(contentsOf: w)
    rates.append(contentsOf: v)
    loss.append(value)
    if model.loss.isClassification {
      margins.append(Margins(network.leastMargin, model.parametrization.theta(w)))
    } else {
      residualMax.append(network.residualMax)
    }
    let kinetic = lambda * v.reduce(0) { $0 + $1 * $1 } / (2 * model.parametrization.speed)
    energy.append(value + kinetic)
  }

  private var width: Int { model.parametrization.blockCount * featureCount }

  /// The weights at recorded time number `index`, blocks × d.
  public func weights(at index: Int) -> ArraySlice<Double> { weights[index * width..<(index + 1) * width] }

  /// θ at recorded time number `index`, d numbers.
  public func theta(at index: Int) -> [Double] { model.parametrization.theta(weights(at: index)) }

  /// The sign changes as JSON.
  public var signChanges: JSONValue {
    let names = model.parametrization.blockNames
    return .array(
      occurrences.map {
        let (block, feature) = ($0.coordinate / featureCount, $0.coordinate % featureCount)
        return .object([
          "feature": .integer(feature), "name": .string(featureNames[feature]), "coordinate": .string(names[block]),
          "time": .number($0.time), "direction": .integer($0.direction),
        ])
      })
  }

  /// Writes the record as NetCDF or CSV, by the ending of `path`. Throws `ExportError`.
  public func write(
    to path: String, title: String, provenance: Provenance, settings: JSONObject
  ) throws(ExportError) {
    if path.hasSuffix(".csv") {
      try writeCSV(path)
    } else {
      var dataset = dataset
      dataset.attributes = provenance.attributes(title: title)
      dataset.describe(settings)
      try NetCDFFile.write(dataset, to: path)
    }
  }

  /// The scalars of each time by name, with what they are.
  private var scalars: [(name: String, values: [Double], meaning: String)] {
    let judged: [(String, [Double], String)] =
      model.loss.isClassification
      ? [
        ("margin", margins.map(\.least), "smallest y x theta"),
        ("margin_l1", margins.map(\.l1), "smallest y x theta / |theta|_1"),
        ("margin_l2", margins.map(\.l2), "smallest y x theta / |theta|_2"),
      ] : [("residual_max", residualMax, "largest residual |X theta - y|")]
    return [("loss", loss, "\(model.loss.rawValue) loss, mean over the samples")] + judged
      + [("energy", energy, "energy: loss + lambda |dw/dt|^2/(2 s), s = \(short(model.parametrization.speed))")]
  }

  private func writeCSV(_ path: String) throws(ExportError) {
    let (d, width, scalars) = (featureCount, width, scalars)
    let names = model.parametrization.blockNames
    let header =
      ["time"] + scalars.map(\.name)
      + (names + names.map { "\($0)_rate" }).flatMap { name in (0..<d).map { "\(name)_\($0)" } }
    let first = 1 + scalars.count
    try CSVFile.write(path, header: header, rows: count) { row, column in
      switch column {
      case 0: times[row]
      case 1..<first: scalars[column - 1].values[row]
      case first..<first + width: weights[row * width + column - first]
      default: rates[row * width + column - first - width]
      }
    }
  }

  private var dataset: ArrayDataset {
    let (d, width) = (featureCount, width)
    let grid = ["time", "feature"]
    var arrays = [
      NamedArray("time", ["time"], .reals(times), longName: "time of the flow, t = k epsilon for iterates"),
      NamedArray("feature", ["feature"], .strings(featureNames), longName: "name of the feature", units: nil),
    ]
    let kinds: [(values: [Double], suffix: String, meaning: String)] = [
      (weights, "", "weights"), (rates, "_rate", "time derivative of the weights"),
    ]
    for (block, name) in model.parametrization.blockNames.enumerated() {
      for kind in kinds {
        var slice: [Double] = []
        for row in 0..<count {
          let first = row * width + block * d
          slice.append(contentsOf: kind.values[first..<first + d])
        }
        arrays.append(NamedArray(name + kind.suffix, grid, .reals(slice), longName: "\(kind.meaning) \(name)"))
      }
    }
    arrays.append(
      NamedArray("theta", grid, .reals((0..<count).flatMap { theta(at: $0) }), longName: "predictor theta"))
    for (name, values, meaning) in scalars {
      arrays.append(NamedArray(name, ["time"], .reals(values), longName: meaning))
    }
    if let iterations {
      arrays.append(NamedArray("iteration", ["time"], .integers(iterations), longName: "iteration k"))
    }
    if let truth {
      arrays.append(NamedArray("theta_star", ["feature"], .reals(truth), longName: "true coefficients theta*"))
    }
    var dimensions = [(name: "time", count: count), (name: "feature", count: d)]
    if !occurrences.isEmpty {
      dimensions.append((name: "event", count: occurrences.count))
      let events: [(String, [Int], String)] = [
        ("feature", occurrences.map { $0.coordinate % d }, "feature whose weight changes sign, 0-based"),
        ("block", occurrences.map { $0.coordinate / d }, "block of the weight, 0-based"),
        ("direction", occurrences.map(\.direction), "+1 from negative to positive, -1 from positive to negative"),
      ]
      for (name, values, meaning) in events {
        arrays.append(NamedArray("sign_change_\(name)", ["event"], .integers(values), longName: meaning))
      }
      arrays.append(
        NamedArray(
          "sign_change_time", ["event"], .reals(occurrences.map(\.time)),
          longName: "time at which a weight changes sign"))
    }
    return ArrayDataset(dimensions: dimensions, arrays: arrays)
  }
}
