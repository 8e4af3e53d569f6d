import Dynamics
import LinearAlgebra
import RandomStreams

/// A Gaussian sparse regression: x ~ N(mean·1, I), y = Xθ*, θ* with `nonzeros` entries ±1 at random positions.
public struct SyntheticProblem: Sendable, Equatable, Codable {
  /// The number n of samples.
  public var samples: Int
  /// The number d of features.
  public var features: Int
  /// The number of non-zero entries of θ*.
  public var nonzeros: Int
  /// The mean of every feature.
  public var mean: Double
  /// The seed of the streams.
  public var seed: UInt64

  /// Throws `InvalidInput` for sizes below one or more non-zeros than features.
  public init(samples: Int, features: Int, nonzeros: Int, mean: Double = 0, seed: UInt64) throws(InvalidInput) {
    for (field, count) in [(Field.samples, samples), (.features, features)] where count < 1 {
      throw InvalidInput(
        "\(field, count)", because: "at least one sample and one feature are needed", remedy: "for example 20 and 30")
    }
    guard !samples.multipliedReportingOverflow(by: 64).overflow,
      !(64 * samples).multipliedReportingOverflow(by: features).overflow
    else {
      throw InvalidInput(
        "\(.features, features)", because: "with \(samples) samples the matrix would not fit into any memory")
    }
    guard (0...features).contains(nonzeros) else {
      throw InvalidInput(
        "\(.nonzeros, nonzeros)",
        because: "\(nonzeros) non-zero coefficients do not fit into \(features) features",
        remedy: "it must lie between 0 and \(features)")
    }
    guard mean.isFinite else {
      throw InvalidInput("\(.mean, mean)", because: "it must be finite")
    }
    self.samples = samples
    self.features = features
    self.nonzeros = nonzeros
    self.mean = mean
    self.seed = seed
  }

  /// Draws the problem: X row by row from substream `design`; from substream `truth` the positions (a partial
  /// Fisher–Yates shuffle) and then one sign bit each. Complexity: O(nd).
  public func problem() throws(InvalidInput) -> RegressionProblem {
    var stream = RandomStream(seed: seed, substream: Substream.design)
    let elements = (0..<samples * features).map { _ in mean + stream.normal() }
    let design = try DesignMatrix(rows: samples, columns: features, elements: elements)
    var truthStream = RandomStream(seed: seed, substream: Substream.truth)
    var truth = [Double](repeating: 0, count: features)
    for position in truthStream.prefixOfPermutation(of: features, length: nonzeros) {
      truth[position] = truthStream.next() & 1 == 0 ? 1 : -1
    }
    return try RegressionProblem(
      name: "gaussian-\(samples)x\(features)", design: design, response: design.times(truth), truth: truth,
      test: .gaussian(mean: mean), seed: seed)
  }
}
