import Descent
import Dynamics
import Experiments

extension Field {
  // Parts of a study that are no settings.
  static let stop = Field(rawValue: "study.stop")
  static let record = Field(rawValue: "study.record")
  static let axes = Field(rawValue: "study.axes")

  /// The field of a setting.
  init(_ setting: Setting) { self.init(rawValue: "study." + setting.rawValue) }
}

extension Study {
  /// Throws `InvalidInput`, with the place where the study was written, unless every setting is used and has no value that
  /// no run can be made of.
  public func validate() throws(InvalidInput) {
    do throws(InvalidInput) {
      try requireConsistent()
    } catch {
      throw origin.located(error)
    }
    try requireUsable()
  }

  private func requireConsistent() throws(InvalidInput) {
    func require(_ condition: Bool, _ subject: Message, _ reason: Message, _ remedy: Message? = nil)
      throws(InvalidInput)
    {
      if !condition { throw InvalidInput(subject, because: reason, remedy: remedy) }
    }
    let ends = [Setting.deltaTolerance, .lambdaTolerance, .iterations, .until, .residual].filter(has)
    try require(
      ends.count == 1, "\(.stop)", "exactly one end is needed, and \(ends.isEmpty ? "none" : "several") given",
      "give one of delta_tolerance, lambda_tolerance, iterations, until and residual")
    var used: Set<Setting> = [.seed, .holdout, .maxWork, ends[0]]
    switch source {
    case .gaussian:
      used.formUnion([.samples, .features, .nonzeros, .mean])
      for setting in [Setting.samples, .features, .nonzeros] {
        try require(has(setting), "\(.gaussian)", "\(setting.rawValue) is missing")
      }
    case .preset: used.insert(.mean)
    case .table, .matrices: break
    }
    if start == nil { used.insert(.alpha) }
    if mayVanish(.lambda) {
      try require(method == .mgf, "\(.lambda, 0)", "λ = 0 is gradient flow, for method mgf", "choose λ > 0")
    }
    if mixesFlows {
      try require(
        (has(.lambda) || seeksLambda) && !has(.batch) && !has(.order) && ends[0] != .iterations, "\(.step, 0)",
        "ε = 0 is momentum gradient flow: it needs lambda, and has neither iterations nor batches", "choose ε > 0")
    }
    if method == .heavyBall { used.insert(.nesterov) }
    if seeksLambda {
      try require(method != .gf, "\(.method, "gf")", "gradient flow has no λ to seek")
      try require(samples == nil, "\(.record)", "no trajectories are written of runs that seek λ")
      if has(.lambdaTolerance) {
        used.formUnion([.lambdaFrom, .lambdaTo])
      } else {
        used.insert(.lambdaRatio)
        try require(ends[0] == .deltaTolerance, "\(Field(.lambdaRatio))", "it needs stop.delta_tolerance")
      }
      if method.isDiscrete {
        used.formUnion([.step, .maxIterations])
        try require(has(.step), "\(.method, method.rawValue)", "step is missing")
      }
    } else if method.isDiscrete {
      used.formUnion([.batch, .maxIterations])
      var given = [Setting.gamma, .beta, .lambda, .step].filter(has)
      if given.isEmpty, try presetRates() != nil { given = [.gamma, .beta] }
      used.formUnion(given)
      let pairs: [Set<Setting>] = [[.gamma, .beta], [.lambda, .step], [.lambda, .beta]]
      try require(
        pairs.contains(Set(given)), "\(.method, method.rawValue)",
        "it needs gamma and beta, lambda and step, or lambda and beta; given: "
          + (given.isEmpty ? "none" : given.map(\.rawValue).joined(separator: ", ")))
      if ends[0] == .iterations || ends[0] == .until { used.remove(.maxIterations) }
      if ends[0] == .until, !has(.batch), has(.lambda) && has(.step) || !has(.order) { used.insert(.order) }
    } else {
      used.formUnion([.rtol, .atol, .maxTime])
      if method == .mgf {
        used.insert(.lambda)
        try require(has(.lambda), "\(.method, "mgf")", "lambda is missing")
      }
      try require(ends[0] != .iterations, "\(.iterations)", "a flow has none", "choose until")
      if ends[0] == .until { used.remove(.maxTime) }
    }
    if !seeksLambda { used.formUnion([.network, .depth, .lossFunction]) }
    for setting in Setting.allCases where has(setting) && !used.contains(setting) {
      throw InvalidInput(
        "\(Field(setting))", because: "nothing uses it with this problem, method and stop",
        remedy: "leave it out")
    }
    _ = try runCount()
  }
}
