import Dynamics

extension RegressionProblem {
  /// The same samples with labels ±1 for classification: −1 for the smaller of exactly two target values, +1 for the larger;
  /// `takingSigns` (of synthetic targets xᵀθ*) labels by their sign instead. Held-out rows are labelled alike.
  ///
  /// Throws `InvalidInput` when the training targets do not have exactly two values, or a held-out one is neither.
  public func labelled(takingSigns: Bool, option: Message) throws(InvalidInput) -> RegressionProblem {
    let values = takingSigns ? [-1, 1] : Set(response).sorted()
    guard values.count == 2 else {
      let some = values.prefix(4).map { "\($0)" }.joined(separator: ", ") + (values.count > 4 ? ", …" : "")
      throw InvalidInput(
        option,
        because: "targets must have exactly two values, and these have \(values.count): \(some)",
        remedy: "choose a column of two values, such as 0 and 1, or \(.loss, "square")")
    }
    func label(_ targets: [Double]) throws(InvalidInput) -> [Double] {
      if takingSigns { return targets.map { $0 < 0 ? -1 : 1 } }
      if let other = targets.first(where: { !values.contains($0) }) {
        throw InvalidInput(
          option, because: "the held-out target \(other) is none of the training targets' two values")
      }
      return targets.map { $0 == values[0] ? -1 : 1 }
    }
    let labels = try label(response)
    guard Set(labels).count == 2 else {
      throw InvalidInput(
        option, because: "all targets have the same sign: there is only one class", remedy: "choose another \(.seed)")
    }
    let newTest: TestSet = if case .heldOut(let x, let y) = test { .heldOut(x, try label(y)) } else { .none }
    return try RegressionProblem(
      name: name, design: design, response: labels, featureNames: featureNames, truth: truth, test: newTest, seed: seed)
  }

  /// The fraction of held-out rows on the wrong side of θ (labels ±1); nil when none are held out.
  public func misclassified(_ theta: [Double]) -> Double? {
    guard case .heldOut(let x, let labels) = test else { return nil }
    let wrong = zip(x.times(theta), labels).count { !($0 * $1 > 0) }
    return Double(wrong) / Double(labels.count)
  }

  /// min_q y_q x_qᵀθ, where targets are ±1.
  public func leastMargin(_ theta: [Double]) -> Double {
    zip(design.times(theta), response).reduce(Double.infinity) { min($0, $1.0 * $1.1) }
  }
}
