import DiagonalNetworks
import Dynamics
import Experiments
import Foundation

/// A grid of runs: what is fixed, what varies, and when a run ends.
public struct Study: Sendable, Equatable, Codable {
  /// Where the data come from; numbers are settings.
  public enum Source: Sendable, Equatable, Codable {
    case gaussian
    case table(path: String, target: String, standardize: Bool, format: TableFormat? = nil)
    case matrices(design: String, response: String, truth: String?, format: TableFormat? = nil)
    case preset(String)
  }

  /// What runs.
  public enum Method: String, Sendable, Codable, CaseIterable {
    case heavyBall = "heavy-ball"
    case nesterov
    case gf
    case mgf

    /// Whether it is one of the discrete methods.
    public var isDiscrete: Bool { self == .heavyBall || self == .nesterov }
  }

  /// Files of a start.
  public struct StartFiles: Sendable, Equatable, Codable {
    let u: String
    let v: String
  }

  /// The name.
  public var name: String
  /// The data.
  public var source: Source
  /// The start, when it is not by α.
  public var start: StartFiles?
  /// The method.
  public var method: Method
  /// The stepper of flows.
  public var stepper: String
  /// Whether minibatches are drawn with replacement.
  public var replacement: Bool
  /// Settings that all runs share.
  public var fixed: [Setting: Double]
  /// Axes that advance together, one group for each dimension of the grid; the last varies fastest.
  public var groups: [[Axis]]
  /// States of each trajectory to write; nil for none.
  public var samples: Int?

  /// The shape of the grid.
  public var shape: [Int] { groups.map { $0[0].values.count } }

  /// The number of runs. Throws `InvalidInput` for more than 10⁷.
  public func runCount() throws(InvalidInput) -> Int {
    var count = 1
    for length in shape {
      count *= length
      guard count <= 10_000_000 else {
        throw InvalidInput("study \(name)", because: "it has more than 10⁷ runs", remedy: "choose coarser axes")
      }
    }
    return count
  }

  /// All axes.
  public var axes: [Axis] { groups.flatMap { $0 } }

  /// Which value each dimension of the grid has in run `index`.
  public func position(_ index: Int) -> [Int] {
    var rest = index
    var position = [Int](repeating: 0, count: groups.count)
    for (k, length) in shape.enumerated().reversed() {
      position[k] = rest % length
      rest /= length
    }
    return position
  }

  /// The settings of run `index`.
  public func settings(_ index: Int) -> [Setting: Double] {
    var settings = fixed
    for (group, k) in zip(groups, position(index)) {
      for axis in group { settings[axis.setting] = axis.values[k] }
    }
    return settings
  }

  /// Settings with the seed and the scale that serve where none is given (a preset has a scale of its own).
  func completed(_ settings: [Setting: Double]) -> [Setting: Double] {
    var defaults: [Setting: Double] = [.seed: 1]
    if start == nil {
      if case .preset = source {} else { defaults[.alpha] = ProblemSpecification.defaultAlpha }
    }
    return settings.merging(defaults) { own, _ in own }
  }

  /// Which runs share their data: equal numbers say so.
  func problemNumber(_ index: Int) -> Int {
    var number = 0
    for (group, k) in zip(groups, position(index)) where group.contains(where: \.setting.belongsToProblem) {
      number = number * group[0].values.count + k
    }
    return number
  }

  /// A number that tells the contents of the data files (FNV-1a); empty without any. Throws `InvalidInput`.
  func dataFingerprint() throws(InvalidInput) -> String {
    var files: [String] = []
    switch source {
    case .table(let path, _, _, _): files = [path]
    case .matrices(let design, let response, let truth, _): files = [design, response] + (truth.map { [$0] } ?? [])
    case .gaussian, .preset: break
    }
    if let start { files += [start.u, start.v] }
    guard !files.isEmpty else { return "" }
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for file in files {
      guard let data = FileManager.default.contents(atPath: file) else {
        throw InvalidInput(file, because: "it cannot be read", remedy: "check its name and permissions")
      }
      for byte in data { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    }
    return String(hash, radix: 16)
  }

  /// Loads the data if all runs share them. Throws `InvalidInput` when that cannot be done: then no run could be.
  public func requireProblem() throws(InvalidInput) {
    guard !axes.contains(where: \.setting.belongsToProblem) else { return }
    _ = try Run.load(self, settings(0))
  }

  /// γ and β of a preset that states them. Throws `InvalidInput` for a preset that does not exist.
  func presetRates() throws(InvalidInput) -> (gamma: Double, beta: Double)? {
    guard case .preset(let name) = source else { return nil }
    let preset = try Preset.named(name)
    guard let gamma = preset.gamma, let beta = preset.beta else { return nil }
    return (gamma, beta)
  }

  /// Whether runs of a discrete method go side by side in lanes: where many share each problem, so that lanes are filled.
  var usesLanes: Bool {
    guard method.isDiscrete, !has(.order), !has(.nesterov), !seeksLambda, !mixesFlows else { return false }
    var count = 1
    for group in groups where !group.contains(where: \.setting.belongsToProblem) {
      count *= group[0].values.count
      if count >= 4 { return true }
    }
    return false
  }

  /// Whether a setting is 0 in some run.
  private func mayVanish(_ setting: Setting) -> Bool {
    fixed[setting] == 0 || axes.contains { $0.setting == setting && $0.values.contains(0) }
  }

  /// Whether some runs are of a discrete method and others, with ε = 0, of the flow.
  var mixesFlows: Bool { method.isDiscrete && mayVanish(.step) }

  /// Whether each run finds its λ itself.
  var seeksLambda: Bool { has(.lambdaRatio) || has(.lambdaTolerance) }

  /// Whether a setting is fixed or an axis.
  func has(_ setting: Setting) -> Bool {
    fixed[setting] != nil || axes.contains { $0.setting == setting }
  }

  /// Throws `InvalidInput` unless every run can be made of the settings, and every setting is used.
  func validate() throws(InvalidInput) {
    func require(_ condition: Bool, _ subject: String, _ reason: String, _ remedy: String? = nil) throws(InvalidInput) {
      if !condition { throw InvalidInput(subject, because: reason, remedy: remedy) }
    }
    let ends = [Setting.deltaTolerance, .lambdaTolerance, .iterations, .until, .residual].filter(has)
    try require(
      ends.count == 1, "stop", "exactly one end is needed, and \(ends.isEmpty ? "none" : "several") given",
      "give one of delta_tolerance, lambda_tolerance, iterations, until and residual")
    var used: Set<Setting> = [.seed, .holdout, ends[0]]
    switch source {
    case .gaussian:
      used.formUnion([.samples, .features, .nonzeros, .mean])
      for setting in [Setting.samples, .features, .nonzeros] {
        try require(has(setting), "problem.gaussian", "\(setting.rawValue) is missing")
      }
    case .preset: used.insert(.mean)
    case .table, .matrices: break
    }
    if start == nil { used.insert(.alpha) }
    if mayVanish(.lambda) {
      try require(method == .mgf, "fixed.lambda 0", "λ = 0 is gradient flow, for method mgf", "choose λ > 0")
    }
    if mixesFlows {
      try require(
        (has(.lambda) || seeksLambda) && !has(.batch) && !has(.order) && ends[0] != .iterations, "fixed.step 0",
        "ε = 0 is momentum gradient flow: it needs lambda, and has neither iterations nor batches", "choose ε > 0")
    }
    if method == .heavyBall { used.insert(.nesterov) }
    if seeksLambda {
      try require(method != .gf, "method gf", "gradient flow has no λ to seek")
      try require(samples == nil, "record", "no trajectories are written of runs that seek λ")
      if has(.lambdaTolerance) {
        used.formUnion([.lambdaFrom, .lambdaTo])
      } else {
        used.insert(.lambdaRatio)
        try require(ends[0] == .deltaTolerance, "fixed.lambda_ratio", "it needs stop.delta_tolerance")
      }
      if method.isDiscrete {
        used.formUnion([.step, .maxIterations])
        try require(has(.step), "method \(method.rawValue)", "step is missing")
      }
    } else if method.isDiscrete {
      used.formUnion([.batch, .maxIterations])
      var given = [Setting.gamma, .beta, .lambda, .step].filter(has)
      if given.isEmpty, try presetRates() != nil { given = [.gamma, .beta] }
      used.formUnion(given)
      let pairs: [Set<Setting>] = [[.gamma, .beta], [.lambda, .step], [.lambda, .beta]]
      try require(
        pairs.contains(Set(given)), "method \(method.rawValue)",
        "it needs gamma and beta, lambda and step, or lambda and beta; given: "
          + (given.isEmpty ? "none" : given.map(\.rawValue).joined(separator: ", ")))
      if ends[0] == .iterations || ends[0] == .until { used.remove(.maxIterations) }
      if ends[0] == .until, !has(.batch), has(.lambda) && has(.step) || !has(.order) { used.insert(.order) }
    } else {
      _ = try FlowSpecification(
        kind: .gf, lambda: nil, stepper: stepper, relative: FlowSpecification.defaultRelativeTolerance, absolute: 0)
      used.formUnion([.rtol, .atol, .maxTime])
      if method == .mgf {
        used.insert(.lambda)
        try require(has(.lambda), "method mgf", "lambda is missing")
      }
      try require(ends[0] != .iterations, "stop.iterations", "a flow has none", "choose until")
      if ends[0] == .until { used.remove(.maxTime) }
      if ends[0] == .until || ends[0] == .residual, samples == nil { used.insert(.depth) }
    }
    for setting in Setting.allCases where has(setting) && !used.contains(setting) {
      throw InvalidInput(
        "\(setting.room).\(setting.rawValue)", because: "nothing uses it with this problem, method and stop",
        remedy: "leave it out")
    }
    _ = try runCount()
  }
}
