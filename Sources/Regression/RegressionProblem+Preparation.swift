import Dynamics
import LinearAlgebra
import RandomStreams

extension RegressionProblem {
  /// The same problem with round(`fraction`·n) rows, chosen by the seed, kept aside for the test error.
  ///
  /// Throws `InvalidInput` unless 0 ≤ fraction < 1 and at least one row is left for training. Complexity: O(nd).
  public func holdingOut(_ fraction: Double, seed: UInt64) throws(InvalidInput) -> RegressionProblem {
    guard fraction >= 0, fraction < 1 else {
      throw InvalidInput("\(.holdout, fraction)", because: "it must be at least 0 and less than 1")
    }
    let count = Int((fraction * Double(sampleCount)).rounded())
    guard count < sampleCount else {
      throw InvalidInput(
        "\(.holdout, fraction)", because: "it leaves no row of \(sampleCount) for training", remedy: "hold out less")
    }
    guard count > 0 else { return self }
    var stream = RandomStream(seed: seed, substream: Substream.holdout)
    let held = stream.prefixOfPermutation(of: sampleCount, length: count).sorted()
    let isHeld = Set(held)
    let kept = (0..<sampleCount).filter { !isHeld.contains($0) }
    return try RegressionProblem(
      name: name, design: design.selecting(rows: kept), response: kept.map { response[$0] }, featureNames: featureNames,
      truth: truth, test: .heldOut(design.selecting(rows: held), held.map { response[$0] }), seed: seed)
  }

  /// The same problem with the target centred and every feature centred and divided by its population standard
  /// deviation (1/n); held-out rows are transformed with the training rows' numbers.
  ///
  /// Throws `InvalidInput` when a feature is constant. Complexity: O(nd).
  public func standardized() throws(InvalidInput) -> RegressionProblem {
    let n = Double(sampleCount)
    let d = featureCount
    var means = [Double](repeating: 0, count: d)
    var deviations = [Double](repeating: 0, count: d)
    for i in 0..<sampleCount {
      for j in 0..<d { means[j] += design[i, j] }
    }
    for j in 0..<d { means[j] /= n }
    for i in 0..<sampleCount {
      for j in 0..<d { deviations[j] += (design[i, j] - means[j]) * (design[i, j] - means[j]) }
    }
    for j in 0..<d {
      deviations[j] = (deviations[j] / n).squareRoot()
      guard deviations[j].isFinite else {
        throw InvalidInput(
          "column \"\(featureNames[j])\"", because: "its values are too large to be standardized",
          remedy: "scale it down")
      }
      // A constant column's computed deviation is rounding noise of its mean, not always zero.
      let first = design[0, j]
      guard deviations[j] > 0, (1..<sampleCount).contains(where: { design[$0, j] != first }) else {
        throw InvalidInput(
          "column \"\(featureNames[j])\"", because: "it is constant and cannot be standardized",
          remedy: "remove the column, or leave out \(.standardize)")
      }
    }
    let offset = response.reduce(0, +) / n
    func transform(_ x: DesignMatrix) throws(InvalidInput) -> DesignMatrix {
      var elements = x.elements
      for i in 0..<x.rows {
        for j in 0..<d { elements[i * d + j] = (elements[i * d + j] - means[j]) / deviations[j] }
      }
      return try DesignMatrix(rows: x.rows, columns: d, elements: elements)
    }
    var newTest = test
    if case .heldOut(let x, let y) = test {
      newTest = .heldOut(try transform(x), y.map { $0 - offset })
    }
    return try RegressionProblem(
      name: name, design: try transform(design), response: response.map { $0 - offset }, featureNames: featureNames,
      test: newTest, seed: seed)
  }
}
