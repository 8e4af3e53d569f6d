import Dynamics
import Experiments
import Export

extension SweepStore {
  /// The endings of files that results can be exported to.
  public static let exportEndings = [".csv", ".nc"]

  /// Writes all runs: as CSV, a row each, or as NetCDF with the axes as coordinates, by the ending of `path`; what is not
  /// there yet is not-a-number or empty. Throws `ExportError`.
  public func export(to path: String, provenance: Provenance) throws(ExportError) {
    if path.hasSuffix(".csv") {
      try CSVFile.write(path, header: columnNames) { put throws(ExportError) in
        try forEachRow { put($0.map(\.text)) }
      }
    } else {
      try NetCDFFile.write(try dataset(provenance), to: path)
    }
  }

  private static let textColumns: Set<String> = ["status", "outcome", "failure", "trajectory"]
  /// What the store alone keeps: it is the same for all runs, or said by the axes.
  private static let storeColumns: Set<String> = ["id", "method", "parameters", "software", "finished_at", "host"]

  private func dataset(_ provenance: Provenance) throws(ExportError) -> ArrayDataset {
    let (groups, shape) = (study.groups, study.shape)
    let count = shape.reduce(1, *)
    let axes = Set(study.axes.map(\.setting.rawValue))
    let columns = columnNames.indices.filter {
      !Self.storeColumns.contains(columnNames[$0]) && !axes.contains(columnNames[$0])
    }
    let isText = columns.map { Self.textColumns.contains(columnNames[$0]) }
    var texts = isText.map { [String](repeating: "", count: $0 ? count : 0) }
    var numbers = isText.map { [Double](repeating: .nan, count: $0 ? 0 : count) }
    try forEachRow { row in
      guard case .integer(let id) = row[0], id < count else { return }
      for (k, column) in columns.enumerated() {
        if isText[k] { texts[k][Int(id)] = row[column].text } else { numbers[k][Int(id)] = row[column].number }
      }
    }
    // A dimension bears the name of its first axis; zipped ones are further coordinates along it.
    let names = groups.map { $0[0].setting.rawValue }
    var arrays: [NamedArray] = []
    for (group, name) in zip(groups, names) {
      for axis in group {
        let values: NamedArray.Values =
          axis.setting.isInteger ? .integers(axis.values.map { Int($0) }) : .reals(axis.values)
        arrays.append(NamedArray(axis.setting.rawValue, [name], values, longName: "axis of the study"))
      }
    }
    let further = groups.flatMap { $0.dropFirst().map(\.setting.rawValue) }
    for (k, column) in columns.enumerated() {
      let name = columnNames[column]
      arrays.append(
        NamedArray(
          name, names, isText[k] ? .strings(texts[k]) : .reals(numbers[k]), longName: Self.longNames[name] ?? name,
          units: isText[k] ? nil : name.hasSuffix("seconds") ? "s" : "1",
          coordinates: further.isEmpty ? nil : further.joined(separator: " ")))
    }
    return ArrayDataset(
      dimensions: zip(names, shape).map { ($0, $1) }, arrays: arrays,
      attributes: provenance.attributes(title: "Study \(study.name)") + [("method", .text(study.method.rawValue))])
  }

  private static let longNames = [
    "delta_ratio_min": "least Δ∞/Δ₀ of the features", "delta_ratio_median": "median Δ∞/Δ₀ of the features",
    "delta_ratio_max": "largest Δ∞/Δ₀ of the features", "delta_error": "estimated relative error of Δ∞",
    "theta_l1": "‖θ‖₁", "theta_error": "‖θ − θ*‖²",
    "features_99": "how many of the largest |θᵢ| carry 99 % of ‖θ‖₁", "top_features": "names of the ten largest |θᵢ|",
    "plain_test_error": "test error at the smallest λ of the search", "lambda_certified": "λ_cert",
    "lambda_critical": "λ_c",

    "support_overlap": "share of the support of θ* among as many largest |θᵢ|",
    "perturbation": "max|θ̃₀|/max|θ∞|", "path_error": "largest distance in w from the flow of the order asked for",
    "test_error": "test error", "residual_max": "‖Xθ − y‖∞", "loss": "loss",
    "iterations": "iterations of the discrete method", "time": "time t, discrete kε",
    "gradient_evaluations": "passes over X", "wall_seconds": "seconds of computing",
  ]
}
