import Descent
import Dynamics
import ImplicitBias
import RealModule

/// λ*, the λ whose limit has the least test error E within a range, and all other local minima of E there.
///
/// `MinimumFinder` on ln λ, with E and dE/d ln λ = λ ∇E(θ∞)·dθ∞/dλ by the sensitivities of momentum gradient flow. Where those
/// are out of reach (stiff: the run itself took implicit steps, or a bounded integration did not come to its limit), for
/// discrete methods E alone: then slopes are differences of neighbouring nodes. What E may be off by is
/// the limit's own estimate, and the gap between the two integrations where there are two.
package struct OptimalLambda {
  /// A local minimum of E.
  package struct Minimum: Sendable {
    package let lambda: Double
    package let testError: Double
    /// The last bracket, and how flat E is within its error.
    package let uncertainty: Double
    /// Where E ≤ 1.01 of the minimum.
    package let width: ClosedRange<Double>
    package let kind: MinimumFinder.Kind
  }

  /// All that were found, the lowest first.
  package let minima: [Minimum]
  /// The test error at the smallest λ.
  package let plainError: Double
  /// θ∞ at λ*.
  package let theta: [Double]
  /// Runs to a limit that the search took: the nodes.
  package let runs: Int
  /// The widest gap in ln λ between nodes: what is narrower may have been missed.
  package let resolution: Double
  /// How it was sought, in a sentence.
  package let sought: String

  private let best: Minimum
  /// λ*.
  package var value: Double { best.lambda }
  /// How far λ* may be off.
  package var uncertainty: Double { best.uncertainty }
  /// The test error at λ*.
  package var testError: Double { best.testError }
  /// Whether it lies at an end of the range: then the least error may lie beyond.
  package var isAtEdge: Bool { best.kind == .edge }

  /// How thorough a search is.
  package enum Effort {
    /// Gaps of 0.1 in ln λ, at most 240 nodes and 120 more to close in.
    case thorough
    /// Gaps of 0.15, at most 100 nodes and 40 more. For one of many runs.
    case moderate
  }

  /// - Parameters:
  ///   - range: of λ; for a discrete method not below ε.
  ///   - tolerance: relative, of each minimum.
  /// Throws `InvalidInput` when there is no test error, or no run has a limit.
  package init(
    _ setup: Setup, _ motion: CriticalLambda.Motion, in range: ClosedRange<Double>, tolerance: Double,
    effort: Effort = .moderate, monitor: RunMonitor = RunMonitor()
  ) throws(InvalidInput) {
    guard range.lowerBound > 0, range.upperBound.isFinite else {
      throw InvalidInput("range of λ", because: "its ends must be positive and finite")
    }
    var low = range.lowerBound
    if case .descent(let step, _) = motion { low = max(low, step) }
    guard low < range.upperBound else {
      throw InvalidInput("range of λ", because: "it ends below ε", remedy: "choose a smaller ε")
    }
    let isThorough = effort == .thorough
    let options = MinimumFinder.Options(
      resolution: isThorough ? 0.1 : 0.15, tolerance: tolerance, maximumNodes: isThorough ? 240 : 100,
      maximumRefinements: isThorough ? 120 : 40)
    let ends = Double.log(low)...Double.log(range.upperBound)
    let samples = LimitSamples(setup, motion, monitor: monitor)
    let finder = try MinimumFinder(in: ends, options) { x throws(InvalidInput) in
      // The ends themselves, not what rounding makes of them.
      let lambda = x == ends.lowerBound ? low : x == ends.upperBound ? range.upperBound : .exp(x)
      return try samples.sample(lambda, of: options.maximumNodes)
    }
    func lambda(_ x: Double) -> Double {
      x == ends.lowerBound ? low : x == ends.upperBound ? range.upperBound : .exp(x)
    }
    minima = finder.minima.map { found in
      let at = lambda(found.x)
      return Minimum(
        lambda: at, testError: found.value, uncertainty: at * .expMinusOne(found.uncertainty),
        width: lambda(found.width.lowerBound)...lambda(found.width.upperBound), kind: found.kind)
    }
    guard let best = minima.first, let theta = samples.best?.theta else {
      throw InvalidInput("λ*", because: "no run of the range came to its limit")
    }
    self.best = best
    self.theta = theta
    plainError = finder.nodes.first?.value ?? .nan
    runs = samples.count
    resolution = finder.resolution
    sought = Self.sought(finder, samples)
  }

  private static func sought(_ finder: MinimumFinder, _ samples: LimitSamples) -> String {
    let slopes =
      samples.slopes == samples.count
      ? "the test error and its slope by sensitivities"
      : samples.slopes == 0
        ? "the test error alone, slopes by differences of nodes,"
        : "the test error and its slope by sensitivities (by differences at \(samples.count - samples.slopes) of the nodes),"
    var text =
      "\(slopes) at \(samples.count) nodes no further apart than \(short(finder.resolution, digits: 2)) in ln λ; "
      + "minima that are narrower may be missed"
    if finder.unresolved > 0 {
      text += "; in \(finder.unresolved) intervals it is rougher than the nodes resolve"
    }
    if finder.isBounded { text += "; the number of nodes was bounded" }
    return text
  }
}
