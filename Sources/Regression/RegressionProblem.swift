import Dynamics
import LinearAlgebra

/// A linear regression: design matrix, targets, and what is known beyond them.
public struct RegressionProblem: Sendable {
  /// How the error of a θ is measured beyond the training data.
  public enum TestSet: Sendable, Equatable {
    /// Rows kept aside: mean((xᵀθ − y)²) over them.
    case heldOut(DesignMatrix, [Double])
    /// x ~ N(mean·1, I) and y = xᵀθ*: E(xᵀ(θ − θ*))² = ‖δ‖² + mean²(1ᵀδ)².
    case gaussian(mean: Double)
    /// ‖θ − θ*‖².
    case parameters
    /// Neither held-out rows nor a known θ*.
    case none
  }

  /// A short name: the file, or the synthetic setting.
  public let name: String
  /// X, n × d.
  public let design: DesignMatrix
  /// y, n numbers.
  public let response: [Double]
  /// The names of the d features.
  public let featureNames: [String]
  /// θ*, d numbers, when known.
  public let truth: [Double]?
  /// How the test error is measured.
  public let test: TestSet
  /// The seed, when anything about the problem was drawn.
  public let seed: UInt64?

  /// Throws `InvalidInput` when lengths disagree or a number is not finite.
  public init(
    name: String, design: DesignMatrix, response: [Double], featureNames: [String]? = nil, truth: [Double]? = nil,
    test: TestSet = .none, seed: UInt64? = nil
  ) throws(InvalidInput) {
    guard response.count == design.rows else {
      throw InvalidInput(
        "response", because: "it has \(response.count) values where the design matrix has \(design.rows) rows",
        remedy: "give one target a sample")
    }
    if let bad = response.firstIndex(where: { !$0.isFinite }) {
      throw InvalidInput("response", because: "value \(bad) is \(response[bad])", remedy: "give finite numbers")
    }
    if let truth, truth.count != design.columns {
      throw InvalidInput(
        "θ*", because: "it has \(truth.count) values where the design matrix has \(design.columns) columns")
    }
    let names = featureNames ?? (0..<design.columns).map { "x\($0)" }
    guard names.count == design.columns else {
      throw InvalidInput("feature names", because: "\(names.count) names for \(design.columns) features")
    }
    self.name = name
    self.design = design
    self.response = response
    self.featureNames = names
    self.truth = truth
    self.test = test
    self.seed = seed
  }

  /// The number n of training samples.
  public var sampleCount: Int { design.rows }
  /// The number d of features.
  public var featureCount: Int { design.columns }

  /// The test error of `theta` as `test` says; nil when there is nothing to test against.
  public func testError(_ theta: [Double]) -> Double? {
    switch test {
    case .heldOut(let x, let y):
      let squares = zip(x.times(theta), y).map { ($0 - $1) * ($0 - $1) }
      return squares.reduce(0, +) / Double(y.count)
    case .gaussian(let mean):
      guard let truth else { return nil }
      let delta = zip(theta, truth).map { $0 - $1 }
      let sum = delta.reduce(0, +)
      return delta.reduce(0) { $0 + $1 * $1 } + mean * mean * sum * sum
    case .parameters:
      guard let truth else { return nil }
      return zip(theta, truth).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    case .none:
      return nil
    }
  }

  /// The derivative of the test error at `theta` along `direction`, both of d numbers; nil when there is nothing to test against.
  public func testErrorSlope(_ theta: [Double], along direction: [Double]) -> Double? {
    switch test {
    case .heldOut(let x, let y):
      let products = zip(zip(x.times(theta), y), x.times(direction)).map { ($0.0 - $0.1) * $1 }
      return 2 * products.reduce(0, +) / Double(y.count)
    case .gaussian(let mean):
      guard let truth else { return nil }
      let delta = zip(theta, truth).map { $0 - $1 }
      let product = zip(delta, direction).reduce(0) { $0 + $1.0 * $1.1 }
      return 2 * (product + mean * mean * delta.reduce(0, +) * direction.reduce(0, +))
    case .parameters:
      guard let truth else { return nil }
      return 2 * zip(zip(theta, truth), direction).reduce(0) { $0 + ($1.0.0 - $1.0.1) * $1.1 }
    case .none:
      return nil
    }
  }

  /// λ_cert = n/(4 maxᵢ‖Xᵢ‖₂ ‖r₀‖₂): below it no w± changes sign, where `residual` = Xθ(0) − y and speeds start at zero.
  public func certifiedLambda(initialResidual residual: [Double]) -> Double {
    let norm = residual.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return Double(sampleCount) / (4 * (design.columnNorms.max() ?? 0) * norm)
  }

  /// The block of features that one of several processes holds, which sum by `reduction` whatever runs over all features.
  ///
  /// `range` are its columns, `leastColumns` the fewest that one of the processes has. Nothing is copied.
  public func block(columns range: Range<Int>, leastColumns: Int, sharedBy reduction: any Reduction)
    -> RegressionProblem
  {
    RegressionProblem(self, range, (reduction, leastColumns))
  }

  private init(_ whole: RegressionProblem, _ range: Range<Int>, _ sharing: (any Reduction, Int)) {
    name = whole.name
    design = DesignMatrix(whole.design.packed.view(columns: range, sharing: sharing))
    response = whole.response
    featureNames = Array(whole.featureNames[range])
    truth = whole.truth.map { Array($0[range]) }
    test = whole.test
    seed = whole.seed
  }

  /// How the processes sum that share this problem; nil when one has all of it.
  public var reduction: (any Reduction)? { design.packed.sharing?.reduction }
}
