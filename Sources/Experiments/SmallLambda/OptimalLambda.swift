import DiagonalNetworks
import Dynamics
import RealModule

/// λ*, the λ whose limit has the least test error within a range, and all other minima of the test error: those of ln E as
/// a function of ln λ, sought as `Minima` does with the slopes of `TestErrorCurve`.
///
/// Far above λ_c the test error is a rough function of λ. What is finer than `resolution` in ln λ, or shallower than 1 % of
/// E, may be missed; where neighbours still disagree at that resolution is told.
package struct OptimalLambda {
  /// A minimum of the test error.
  package struct Candidate: Sendable {
    /// λ there.
    package let lambda: Double
    /// The test error there.
    package let testError: Double
    /// How far off λ may be: what is left of the bracket, and the error of the slope over the curvature.
    package let uncertainty: Double
    /// The stretch of λ about it with a test error within 1 % of that.
    package let basin: ClosedRange<Double>
    /// What kind it is.
    package let kind: Minimum.Kind
  }

  /// λ*, the least of them.
  package let best: Candidate
  /// All of them, by λ.
  package let minima: [Candidate]
  /// The test error at the smallest λ.
  package let plainError: Double
  /// θ∞ at λ*.
  package let theta: [Double]
  /// Intervals of ln λ as short as this were not divided.
  package let resolution: Double
  /// Stretches of λ where neighbours disagree at that resolution, the nodes ran out, or there is no limit.
  package let unresolved: [ClosedRange<Double>]
  /// The λ at which the test error was found.
  package let nodes: Int
  /// How many of their slopes are differences of values.
  package let differences: Int
  /// Runs to a limit, and passes over X, that the search took.
  package let cost: (runs: Int, passes: Int)

  /// λ*.
  package var value: Double { best.lambda }
  /// Whether it lies at an end of the range: then the least error may lie beyond.
  package var isAtEdge: Bool { best.kind == .lowerEnd || best.kind == .upperEnd }

  /// The most nodes of a search.
  package static let maximumNodes = 3000

  /// - Parameters:
  ///   - range: of λ; for a discrete method not below ε.
  ///   - tolerance: relative, of each minimum.
  ///   - resolution: in ln λ.
  /// Throws `InvalidInput` when there is no test error, or no run has a limit.
  package init(
    _ setup: Setup, _ motion: CriticalLambda.Motion, in range: ClosedRange<Double>, tolerance: Double,
    resolution: Double, monitor: RunMonitor = RunMonitor()
  ) throws(InvalidInput) {
    guard range.lowerBound > 0, range.upperBound.isFinite else {
      throw InvalidInput("range of λ", because: "its ends must be positive and finite")
    }
    var low = range.lowerBound
    if case .descent(let step, _) = motion { low = max(low, step) }
    guard low < range.upperBound else {
      throw InvalidInput("range of λ", because: "it ends below ε", remedy: "choose a smaller ε")
    }
    let curve = try TestErrorCurve(setup, motion, in: low...range.upperBound, resolution: resolution, monitor: monitor)
    var (resolved, last) = (0.0, 0)
    func tell(_ x: Double) {
      guard curve.runs >= last + 4 else { return }
      last = curve.runs
      monitor.progress(resolved, "λ* at λ = \(short(Double.exp(x))): \(curve.runs) runs")
    }
    let found = try Minima(
      of: { (x: Double) throws(InvalidInput) -> Minima.Sample in
        let sample = try curve.sample(x)
        tell(x)
        return sample
      }, in: Double.log(low)...Double.log(range.upperBound),
      Minima.Fineness(
        // Six a decade, halved at least once.
        spacing: Double.log(10) / 6, resolution: resolution, depth: 0.01, tolerance: tolerance,
        maximumNodes: Self.maximumNodes)
    ) { resolved = max(resolved, 0.95 * $0) }
    func lambda(_ x: Double) -> Double { min(max(Double.exp(x), low), range.upperBound) }
    minima = found.all.map {
      let x = lambda($0.x)
      let error = curve.thetas[$0.x].flatMap { setup.problem.testError($0) } ?? .exp($0.value)
      return Candidate(
        lambda: x, testError: error, uncertainty: x * $0.uncertainty,
        basin: lambda($0.basin.lowerBound)...lambda($0.basin.upperBound), kind: $0.kind)
    }
    guard let least = found.least, let k = found.all.firstIndex(where: { $0.x == least.x }),
      let theta = curve.thetas[least.x]
    else {
      throw InvalidInput("λ*", because: "no run of the range came to its limit")
    }
    best = minima[k]
    self.theta = theta
    plainError = found.nodes.first.map { Double.exp($0.sample.value) } ?? .infinity
    self.resolution = resolution
    unresolved = found.unresolved.map { lambda($0.lowerBound)...lambda($0.upperBound) }
    nodes = found.nodeCount
    differences = curve.differences
    cost = (curve.runs, curve.passes)
  }
}
