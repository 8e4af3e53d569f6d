import Descent
import Dynamics
import Experiments
import Files
import Regression

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
  public var fixed: Settings
  /// Axes that advance together, one group for each dimension of the grid; the last varies fastest.
  public var groups: [[Axis]]
  /// States of each trajectory to write; nil for none.
  public var samples: Int?
  /// Where it was written; no part of what it is.
  var origin = StudyOrigin()

  private enum CodingKeys: String, CodingKey {
    case name, source, start, method, stepper, replacement, fixed, groups, samples
  }

  /// A study from its parts.
  init(name: String, source: Source, method: Method) {
    (self.name, self.source, self.method) = (name, source, method)
    (start, stepper, replacement, fixed, groups, samples) = (nil, "auto", false, [:], [], nil)
  }

  /// The shape of the grid.
  public var shape: [Int] { groups.map { $0[0].values.count } }

  /// The number of runs. Throws `InvalidInput` for more than 10⁷.
  public func runCount() throws(InvalidInput) -> Int {
    var count = 1
    for length in shape {
      count *= length
      guard count <= 10_000_000 else {
        throw InvalidInput(
          "\(.axes)", because: "the study \(name) has more than 10⁷ runs", remedy: "choose coarser axes")
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
  public func settings(_ index: Int) -> Settings { settings(at: position(index)) }

  /// The settings at a place of the grid.
  func settings(at position: [Int]) -> Settings {
    var settings = fixed
    for (group, k) in zip(groups, position) {
      for axis in group { settings[exactly: axis.setting] = axis.values[k] }
    }
    return settings
  }

  /// Settings with the seed and the scale that serve where none is given (a preset has a scale of its own).
  func completed(_ settings: Settings) -> Settings {
    var defaults: Settings = [.seed: 1]
    if start == nil {
      if case .preset = source {} else { defaults[.alpha] = ProblemSpecification.defaultAlpha }
    }
    return settings.completed(by: defaults)
  }

  /// Which runs share their data: equal numbers say so.
  func problemNumber(_ index: Int) -> Int {
    var number = 0
    for (group, k) in zip(groups, position(index)) where group.contains(where: \.setting.belongsToProblem) {
      number = number * group[0].values.count + k
    }
    return number
  }

  /// Loads the data if all runs share them. Throws `InvalidInput` when that cannot be done, or a minibatch has more samples
  /// than they: then no run could be.
  public func requireProblem() throws(InvalidInput) {
    guard !axes.contains(where: \.setting.belongsToProblem) else { return }
    let setup: Setup
    do throws(InvalidInput) { setup = try Run.load(self, settings(0)) } catch { throw origin.located(error) }
    for (place, batch) in values(of: .batch).enumerated() {
      do throws(InvalidInput) {
        _ = try DescentSettings.Batches(
          size: Int(batch.double), of: setup.problem.sampleCount, replacement: replacement, seed: 1)
      } catch {
        throw origin.located(error, .batch, place)
      }
    }
  }

  /// Throws `InvalidInput` when so many runs cannot be kept account of in this machine's memory: about 17 bytes a run and
  /// 600 a problem (measured at 10⁵ of them).
  public func requireMemory() throws(InvalidInput) {
    let isData = groups.map { $0.contains(where: \.setting.belongsToProblem) }
    let problems = zip(shape, isData).reduce(1.0) { $1.1 ? $0 * Double($1.0) : $0 }
    do throws(InvalidInput) {
      try Files.requireMemory(
        17 * Double(runCount()) + 600 * problems, for: "\(.axes)", remedy: "choose coarser axes, or divide the study")
    } catch {
      throw origin.located(error)
    }
  }

  /// The values that a setting takes: those of its axis, or the one that is fixed.
  package func values(of setting: Setting) -> [SettingValue] {
    axes.first { $0.setting == setting }?.values ?? fixed[exactly: setting].map { [$0] } ?? []
  }

  /// Whether a seed is beyond the signed integers of 64 bits.
  var hasUnsignedSeeds: Bool { values(of: .seed).contains(where: \.exceedsSigned) }

  /// γ and β of a preset that states them. Throws `InvalidInput` for a preset that does not exist.
  func presetRates() throws(InvalidInput) -> (gamma: Double, beta: Double)? {
    guard case .preset(let name) = source else { return nil }
    let preset = try Preset.named(name)
    guard let gamma = preset.gamma, let beta = preset.beta else { return nil }
    return (gamma, beta)
  }

  /// Whether runs of a discrete method go side by side in lanes: where many share each problem, so that lanes are filled.
  var usesLanes: Bool {
    guard method.isDiscrete, !has(.order), !has(.nesterov), !seeksLambda, !mixesFlows, isStandard else { return false }
    var count = 1
    for group in groups where !group.contains(where: \.setting.belongsToProblem) {
      count *= group[0].values.count
      if count >= 4 { return true }
    }
    return false
  }

  /// Whether a setting is 0 in some run.
  func mayVanish(_ setting: Setting) -> Bool {
    fixed[setting] == 0 || axes.contains { $0.setting == setting && $0.values.contains(0.0) }
  }

  /// Whether some runs are of a discrete method and others, with ε = 0, of the flow.
  var mixesFlows: Bool { method.isDiscrete && mayVanish(.step) }

  /// Whether each run finds its λ itself.
  var seeksLambda: Bool { has(.lambdaRatio) || has(.lambdaTolerance) }

  /// Whether all runs are of the diagonal network with the square loss.
  var isStandard: Bool { ![.network, .depth, .lossFunction].contains(where: has) }

  /// Whether a setting is fixed or an axis.
  func has(_ setting: Setting) -> Bool {
    fixed[setting] != nil || axes.contains { $0.setting == setting }
  }
}
