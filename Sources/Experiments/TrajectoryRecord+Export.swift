import Files
import Networks

extension TrajectoryRecord {
  /// The endings of files that trajectories can be written to.
  public static let endings = [".nc", ".csv"]

  /// Writes the record as NetCDF or CSV, by the ending of `path`. Throws `ExportError`.
  public func write(to path: String, title: String, provenance: Provenance, setup: Setup, _ measurement: Measurements)
    throws(ExportError)
  {
    if path.hasSuffix(".csv") {
      try writeCSV(path)
    } else {
      var dataset = dataset(setup)
      dataset.attributes = provenance.attributes(title: title)
      dataset.describe(measurement)
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
    let words = model.words
    return [("loss", loss, words.loss)] + judged + [("energy", energy, words.energy)]
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

  /// Weights and their rates, block by block.
  private var blocks: [NamedArray] {
    let (d, width, words) = (featureCount, width, model.words)
    let names = model.parametrization.blockNames
    func array(_ block: Int, isRate: Bool) -> NamedArray {
      let all = isRate ? rates : weights
      var values: [Double] = []
      for row in 0..<count {
        let first = row * width + block * d
        values.append(contentsOf: all[first..<first + d])
      }
      return NamedArray(
        isRate ? names[block] + "_rate" : names[block], ["time", "feature"], .reals(values),
        longName: isRate ? words.rates[block] : words.blocks[block])
    }
    if model == .standard {
      return [false, true].flatMap { isRate in names.indices.map { array($0, isRate: isRate) } }
    }
    return names.indices.flatMap { [array($0, isRate: false), array($0, isRate: true)] }
  }

  /// The sign changes, event by event.
  private var events: [NamedArray] {
    let d = featureCount
    let time = NamedArray(
      "sign_change_time", ["event"], .reals(occurrences.map(\.time)), longName: "time at which a weight changes sign")
    func array(_ name: String, _ values: [Int], _ meaning: String) -> NamedArray {
      NamedArray("sign_change_\(name)", ["event"], .integers(values), longName: meaning)
    }
    let feature = array(
      "feature", occurrences.map { $0.coordinate % d }, "feature whose weight changes sign, 0-based")
    let direction = array(
      "direction", occurrences.map(\.direction), "+1 from negative to positive, -1 from positive to negative")
    guard model == .standard else {
      return [
        feature, array("block", occurrences.map { $0.coordinate / d }, "block of the weight, 0-based"), direction, time,
      ]
    }
    let sign = array(
      "coordinate", occurrences.map { $0.coordinate < d ? 1 : -1 }, "which weight: +1 for w+, -1 for w-")
    return [time, feature, sign, direction]
  }

  /// The record as named arrays, with the true coefficients of `setup`, where they are known.
  package func dataset(_ setup: Setup) -> ArrayDataset {
    let d = featureCount
    let grid = ["time", "feature"]
    var arrays =
      [
        NamedArray("time", ["time"], .reals(times), longName: "time of the flow, t = k epsilon for iterates"),
        NamedArray("feature", ["feature"], .strings(featureNames), longName: "name of the feature", units: nil),
      ] + blocks
    arrays.append(
      NamedArray("theta", grid, .reals((0..<count).flatMap { theta(at: $0) }), longName: model.words.theta))
    if model == .standard {
      arrays.append(
        NamedArray(
          "balancedness", grid, .reals((0..<count).flatMap { NetworkQuantities.balancedness(weights(at: $0)) }),
          longName: "balancedness Delta = |u^2 - v^2| = |w+ w-|"))
    }
    arrays += scalars.map { NamedArray($0.name, ["time"], .reals($0.values), longName: $0.meaning) }
    if let iterations {
      arrays.append(NamedArray("iteration", ["time"], .integers(iterations), longName: "iteration k"))
    }
    if let truth = setup.problem.truth {
      arrays.append(NamedArray("theta_star", ["feature"], .reals(truth), longName: "true coefficients theta*"))
    }
    var dimensions = [(name: "time", count: count), (name: "feature", count: d)]
    if !occurrences.isEmpty {
      dimensions.append((name: "event", count: occurrences.count))
      arrays += events
    }
    return ArrayDataset(dimensions: dimensions, arrays: arrays)
  }
}

extension ArrayDataset {
  /// Adds the numbers and texts of a measurement as global attributes.
  mutating func describe(_ measurement: Measurements) {
    for (key, value) in measurement.json.entries {
      switch value {
      case .string(let text): attributes.append((key, .text(text)))
      case .number(let number): attributes.append((key, .number(number)))
      case .integer(let number): attributes.append((key, .integer(number)))
      default: break
      }
    }
  }
}
