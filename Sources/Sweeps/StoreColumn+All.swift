import Experiments

extension StoreColumn {
  /// The columns beside the axes, in the order of the table. New ones go to any place: a store without them gets them at
  /// its end.
  package static let all: [StoreColumn] = [
    StoreColumn("status", .derived { $0.result.hasFailed ? "failed" : "done" }, required: true),
    StoreColumn("outcome", .text(\.outcomeName)),
    StoreColumn("failure", .text(\.failure)),
    StoreColumn("method", .derived { $0.study.methodName($0.stated) }, required: true, scope: .study),
    StoreColumn("gamma", .setting(.gamma)),
    StoreColumn("beta", .setting(.beta)),
    StoreColumn("lambda", .found(.lambda, \.lambda)),
    StoreColumn("step", .setting(.step)),
    StoreColumn("alpha", .setting(.alpha)),
    StoreColumn("seed", .setting(.seed)),
    StoreColumn("iterations", .integer(\.iterations), "iterations of the discrete method"),
    StoreColumn("time", .real(\.time), "time t, discrete kε"),
    StoreColumn("loss", .real(\.loss)),
    StoreColumn("residual_max", .real(\.residualMax), "‖Xθ − y‖∞"),
    StoreColumn("delta_ratio_min", .real(\.deltaRatioMin), "least Δ∞/Δ₀ of the features"),
    StoreColumn("delta_ratio_median", .real(\.deltaRatioMedian), "median Δ∞/Δ₀ of the features"),
    StoreColumn("delta_ratio_max", .real(\.deltaRatioMax), "largest Δ∞/Δ₀ of the features"),
    StoreColumn("delta_error", .real(\.deltaError), "estimated relative error of Δ∞"),
    StoreColumn("theta_l1", .real(\.thetaL1), "‖θ‖₁"),
    StoreColumn("test_error", .real(\.testError), "test error"),
    StoreColumn("theta_error", .real(\.thetaError), "‖θ − θ*‖²"),
    StoreColumn("plain_test_error", .real(\.plainTestError), "test error at the smallest λ of the search"),
    StoreColumn("lambda_certified", .real(\.lambdaCertified), "λ_cert"),
    StoreColumn("lambda_critical", .real(\.lambdaCritical), "λ_c"),
    StoreColumn(
      "support_overlap", .real(\.supportOverlap), "share of the support of θ* among as many largest |θᵢ|"),
    StoreColumn("perturbation", .real(\.perturbation), "max|θ̃₀|/max|θ∞|"),
    StoreColumn("features_99", .integer(\.features99), "how many of the largest |θᵢ| carry 99 % of ‖θ‖₁"),
    StoreColumn("top_features", .text(\.topFeatures), "names of the ten largest |θᵢ|"),
    StoreColumn("path_error", .real(\.pathError), "largest distance in w from the flow of the order asked for"),
    StoreColumn("gradient_evaluations", .integer(\.passes), "passes over X"),
    StoreColumn("parameters", .derived { $0.study.parameters($0.stated).text }, required: true, scope: .study),
    StoreColumn("trajectory", .text(\.trajectory)),
    StoreColumn(
      "software", .derived { _ in "MomentumFlow \(Provenance.version) \(Provenance.commit)" }, required: true,
      scope: .provenance),
    StoreColumn(
      "wall_seconds", .real(\.wallSeconds), "seconds of computing", required: true, scope: .timing, unit: "s"),
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
