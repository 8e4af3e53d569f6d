import Experiments

extension StoreColumn {
  /// The columns beside the axes, in the order of the table. New ones go to any place: a store without them gets them at
  /// its end.
  package static let all: [StoreColumn] = [
    StoreColumn("status", .derived { $0.result.hasFailed ? "failed" : "done" }, required: true),
    StoreColumn(\.outcome),
    StoreColumn(\.failure),
    StoreColumn("method", .derived { $0.study.methodName($0.stated) }, required: true, scope: .study),
    StoreColumn("gamma", .setting(.gamma)),
    StoreColumn("beta", .setting(.beta)),
    StoreColumn("lambda", .found(.lambda)),
    StoreColumn("step", .setting(.step)),
    StoreColumn("alpha", .setting(.alpha)),
    StoreColumn("seed", .setting(.seed)),
    StoreColumn(\.iterations),
    StoreColumn(\.time),
    StoreColumn(\.loss),
    StoreColumn(\.residualMax),
    StoreColumn(\.deltaRatioMin),
    StoreColumn(\.deltaRatioMedian),
    StoreColumn(\.deltaRatioMax),
    StoreColumn(\.deltaError),
    StoreColumn(\.thetaL1, ofTheta: { $0.theta.reduce(0) { $0 + abs($1) } }),
    StoreColumn(\.testError, ofTheta: \.testError),
    StoreColumn(\.thetaError, ofTheta: \.error),
    StoreColumn(\.plainTestError),
    StoreColumn(\.lambdaCertified),
    StoreColumn(\.lambdaCritical),
    StoreColumn(\.supportOverlap, ofTheta: \.supportOverlap),
    StoreColumn(\.perturbation),
    StoreColumn(\.features99, ofTheta: { featuresCarrying(0.99, of: $0.theta) }),
    StoreColumn(\.topFeatures, ofTheta: \.topFeatures),
    StoreColumn(\.pathError),
    StoreColumn(\.passes),
    StoreColumn("parameters", .derived { $0.study.parameters($0.stated).text }, required: true, scope: .study),
    StoreColumn(\.trajectory),
    StoreColumn(
      "software", .derived { _ in "MomentumFlow \(Provenance.version) \(Provenance.commit)" }, required: true,
      scope: .provenance),
    StoreColumn(\.wallSeconds, required: true, scope: .timing),
    StoreColumn("finished_at", .derived(\.date), required: true, scope: .provenance),
    StoreColumn("host", .derived(\.host), required: true, scope: .provenance),
  ]
}

extension Study {
  /// The method of a run with these settings.
  package func methodName(_ settings: Settings) -> String {
    method == .heavyBall ? discreteMethod(settings).rawValue : method.rawValue
  }

  /// Everything that makes a run what it is.
  package func parameters(_ settings: Settings) -> JSONObject {
    var json = JSONObject()
    for (setting, value) in settings.entries {
      json[setting.rawValue] =
        setting.names != nil
        ? .string(setting.text(value))
        : setting.isInteger
          ? value.unsigned.map { Int(exactly: $0).map { .integer($0) } ?? .unsigned($0) } : .number(value.double)
    }
    json["method"] = .string(method.rawValue)
    if !method.isDiscrete { json["stepper"] = .string(stepper) }
    if replacement { json["replacement"] = .bool(true) }
    switch source {
    case .gaussian: json["problem"] = .string("gaussian")
    case .preset(let name): json["problem"] = .string("preset \(name)")
    case .table(let path, let target, let standardize, let format):
      let problem = "\(path), target \(target)" + (standardize ? ", standardized" : "")
      json["problem"] = .string(([problem] + (format?.options ?? []).map(\.description)).joined(separator: " "))
    case .matrices(let design, let response, _, let format):
      json["problem"] = .string(
        (["\(design), \(response)"] + (format?.options ?? []).map(\.description)).joined(separator: " "))
    }
    return json
  }
}

extension JSONObject {
  fileprivate var text: String { JSONValue.object(self).text() }
}
