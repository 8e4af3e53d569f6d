import Descent
import Dynamics
import Experiments
import Regression

extension Study {
  /// Settings that decide, without any data, whether a run can be made.
  private static let deciding: Set<Setting> = [
    .samples, .features, .nonzeros, .mean, .holdout, .alpha, .gamma, .beta, .lambda, .step, .batch, .order, .nesterov,
    .network, .depth, .lossFunction, .rtol, .atol, .until, .lambdaFrom, .lambdaTo,
  ]
  /// How many combinations are tried for each value before it is left to the runs.
  private static let tries = 10_000

  /// Throws `InvalidInput`, with its place, for a value of an axis that no run can use; then for settings that make every
  /// run impossible. That single combinations are impossible (ε > λ in a corner of the grid) is told in their rows.
  ///
  /// Complexity: one look a value where grids are as they should be.
  func requireUsable() throws(InvalidInput) {
    let places = groups.indices.filter { groups[$0].contains { Self.deciding.contains($0.setting) } }
    var fault: InvalidInput?
    for group in places {
      let others = places.filter { $0 != group }
      var faults: [(value: Int, error: InvalidInput)] = []
      let count = groups[group][0].values.count
      var looks = 0
      for value in stride(from: 0, to: count, by: 1 + count / 100_000) {
        if let error = firstFault(group, value, others) { faults.append((value, error)) }
        looks += 1
        // Where every value so far fails, it is hardly the axis that is at fault.
        if faults.count == looks, looks == 100 { break }
      }
      guard let first = faults.first else { continue }
      guard faults.count < looks || owns(group, first.error.field), count > 1 else {
        fault = fault ?? origin.located(first.error)
        continue
      }
      throw located(first.error, group, first.value)
    }
    if let fault { throw fault }
    guard places.isEmpty else { return }
    do throws(InvalidInput) { try requireUsable(settings(0)) } catch { throw origin.located(error) }
  }

  /// Why no run can have a value of a group; nil when one can, or more than `tries` combinations would have to be tried.
  private func firstFault(_ group: Int, _ value: Int, _ others: [Int]) -> InvalidInput? {
    var position = [Int](repeating: 0, count: groups.count)
    position[group] = value
    var first: InvalidInput?
    for _ in 0..<Self.tries {
      do throws(InvalidInput) {
        try requireUsable(settings(at: position))
        return nil
      } catch {
        first = first ?? error
      }
      // The next combination of the others; the last varies fastest.
      var place = others.count - 1
      while place >= 0 {
        position[others[place]] += 1
        if position[others[place]] < groups[others[place]][0].values.count { break }
        position[others[place]] = 0
        place -= 1
      }
      if place < 0 { return first }
    }
    return nil
  }

  private func owns(_ group: Int, _ field: Field?) -> Bool {
    groups[group].contains { $0.setting.rawValue == field?.name }
  }

  private func located(_ error: InvalidInput, _ group: Int, _ value: Int) -> InvalidInput {
    let axis = groups[group].first { $0.setting.rawValue == error.field?.name } ?? groups[group][0]
    return origin.located(error, axis.setting, value)
  }

  /// Throws `InvalidInput` when no data could make a run of these settings.
  private func requireUsable(_ settings: Settings) throws(InvalidInput) {
    func whole(_ setting: Setting) -> Int { Int(settings[setting] ?? 0) }
    var rows: Int?
    switch source {
    case .gaussian:
      let problem = try SyntheticProblem(
        samples: whole(.samples), features: whole(.features), nonzeros: whole(.nonzeros), mean: settings[.mean] ?? 0,
        seed: 1)
      rows = problem.samples
    case .preset(let name): rows = try Preset.named(name).samples
    case .table, .matrices: break
    }
    if let count = rows, let fraction = settings[.holdout] {
      let kept = count - Int((fraction * Double(count)).rounded())
      guard kept > 0 else {
        throw InvalidInput(
          "\(.holdout, fraction)", because: "it leaves no row of \(count) for training", remedy: "hold out less")
      }
      rows = kept
    }
    let model = try network(settings)
    if settings[.residual] != nil { try model.requireResidual("\(.residual)") }
    guard start == nil || model.parametrization == .diagonal else {
      throw InvalidInput(
        "\(.network, model.parametrization.name)", because: "u0 and v0 start the network diagonal",
        remedy: "give alpha in their place")
    }
    if start == nil, let alpha = settings[.alpha] {
      // What is wrong with a scale does not depend on how many features there are.
      _ = try model.start(alpha: alpha, fallback: alpha, features: 1)
    }
    if has(.lambdaTolerance) {
      let (from, to) = (settings[.lambdaFrom] ?? 1e-3, settings[.lambdaTo] ?? 100)
      guard from < to else {
        throw InvalidInput(
          "\(Field(settings[.lambdaFrom] == nil ? .lambdaTo : .lambdaFrom))",
          because: "the range from \(from) to \(to) has nothing in it", remedy: "choose lambda_from below lambda_to")
      }
    }
    guard !has(.lambdaRatio) else { return }
    let goal = try experiment(settings).goal
    if let batches = goal.batches, let rows {
      _ = try DescentSettings.Batches(size: batches.size, of: rows, replacement: replacement, seed: 1)
    }
    if case .compare(_, let criteria) = goal, let step = criteria.steps.first, step > criteria.end {
      throw InvalidInput(
        "\(Field(.until), criteria.end)", because: "it is shorter than the step ε = \(step)",
        remedy: "choose a longer time")
    }
  }
}
