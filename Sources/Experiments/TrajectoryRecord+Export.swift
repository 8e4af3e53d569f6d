import DiagonalNetworks
import Export

extension TrajectoryRecord {
  /// The endings of files that trajectories can be written to.
  public static let endings = [".nc", ".csv"]

  /// Writes the record as NetCDF or CSV, by the ending of `path`. Throws `ExportError`.
  public func write(to path: String, title: String, provenance: Provenance, setup: Setup, settings: JSONObject)
    throws(ExportError)
  {
    if path.hasSuffix(".csv") {
      try writeCSV(path)
    } else {
      var dataset = dataset(setup)
      dataset.attributes = provenance.attributes(title: title)
      dataset.describe(settings)
      try NetCDFFile.write(dataset, to: path)
    }
  }

  private func writeCSV(_ path: String) throws(ExportError) {
    let d = featureCount
    let header =
      ["time", "loss", "residual_max", "energy"]
      + ["w_plus", "w_minus", "w_plus_rate", "w_minus_rate"].flatMap { name in (0..<d).map { "\(name)_\($0)" } }
    try CSVFile.write(path, header: header, rows: count) { row, column in
      switch column {
      case 0: times[row]
      case 1: loss[row]
      case 2: residualMax[row]
      case 3: energy[row]
      case 4..<4 + 2 * d: weights[row * 2 * d + column - 4]
      default: rates[row * 2 * d + column - 4 - 2 * d]
      }
    }
  }

  private func dataset(_ setup: Setup) -> ArrayDataset {
    let d = featureCount
    func halves(_ values: [Double], plus: Bool) -> NamedArray.Values {
      .reals(
        (0..<count).flatMap { row in
          let first = row * 2 * d + (plus ? 0 : d)
          return values[first..<first + d]
        })
    }
    let grid = ["time", "feature"]
    var arrays = [
      NamedArray("time", ["time"], .reals(times), longName: "time of the flow, t = k epsilon for iterates"),
      NamedArray("feature", ["feature"], .strings(featureNames), longName: "name of the feature", units: nil),
      NamedArray("w_plus", grid, halves(weights, plus: true), longName: "balanced coordinate w+ = u + v"),
      NamedArray("w_minus", grid, halves(weights, plus: false), longName: "balanced coordinate w- = u - v"),
      NamedArray("w_plus_rate", grid, halves(rates, plus: true), longName: "time derivative of w+"),
      NamedArray("w_minus_rate", grid, halves(rates, plus: false), longName: "time derivative of w-"),
      NamedArray(
        "theta", grid, .reals((0..<count).flatMap { theta(at: $0) }), longName: "predictor theta = (w+^2 - w-^2)/4"),
      NamedArray(
        "balancedness", grid, .reals((0..<count).flatMap { NetworkQuantities.balancedness(weights(at: $0)) }),
        longName: "balancedness Delta = |u^2 - v^2| = |w+ w-|"),
      NamedArray("loss", ["time"], .reals(loss), longName: "loss |X theta - y|^2/(2n)"),
      NamedArray("residual_max", ["time"], .reals(residualMax), longName: "largest residual |X theta - y|"),
      NamedArray(
        "energy", ["time"], .reals(energy), longName: "energy: loss + lambda (|dw+/dt|^2 + |dw-/dt|^2)/4"),
    ]
    if let iterations {
      arrays.append(NamedArray("iteration", ["time"], .integers(iterations), longName: "iteration k"))
    }
    if let truth = setup.problem.truth {
      arrays.append(NamedArray("theta_star", ["feature"], .reals(truth), longName: "true coefficients theta*"))
    }
    var dimensions = [(name: "time", count: count), (name: "feature", count: d)]
    if !occurrences.isEmpty {
      let event = ["event"]
      dimensions.append((name: "event", count: occurrences.count))
      arrays += [
        NamedArray(
          "sign_change_time", event, .reals(occurrences.map(\.time)), longName: "time at which a weight changes sign"),
        NamedArray(
          "sign_change_feature", event, .integers(occurrences.map { $0.coordinate % d }),
          longName: "feature whose weight changes sign, 0-based"),
        NamedArray(
          "sign_change_coordinate", event, .integers(occurrences.map { $0.coordinate < d ? 1 : -1 }),
          longName: "which weight: +1 for w+, -1 for w-"),
        NamedArray(
          "sign_change_direction", event, .integers(occurrences.map(\.direction)),
          longName: "+1 from negative to positive, -1 from positive to negative"),
      ]
    }
    return ArrayDataset(dimensions: dimensions, arrays: arrays)
  }
}

extension ArrayDataset {
  /// Adds the numbers and texts of a report as global attributes.
  mutating func describe(_ settings: JSONObject) {
    for (key, value) in settings.entries {
      switch value {
      case .string(let text): attributes.append((key, .text(text)))
      case .number(let number): attributes.append((key, .number(number)))
      case .integer(let number): attributes.append((key, .integer(number)))
      default: break
      }
    }
  }
}
