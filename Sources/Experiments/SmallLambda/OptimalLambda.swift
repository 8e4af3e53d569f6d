import Descent
import DiagonalNetworks
import Dynamics
import ImplicitBias
import RealModule

/// λ*, the λ whose limit has the least test error, within a range: a logarithmic grid, then golden sections about its best
/// point. The test error need not have one minimum only: what is finer than the grid may be missed.
package struct OptimalLambda {
  /// λ*.
  package let value: Double
  /// How far the search has closed in on it.
  package let uncertainty: Double
  /// The test error there.
  package let testError: Double
  /// The test error at the smallest λ.
  package let plainError: Double
  /// Whether it lies at an end of the range: then the least error may lie beyond.
  package let isAtEdge: Bool
  /// θ∞ at λ*.
  package let theta: [Double]
  /// Runs to a limit that the search took.
  package let runs: Int

  /// Points of the grid per decade.
  private static let density = 6.0

  /// - Parameters:
  ///   - range: of λ; for a discrete method not below ε.
  ///   - tolerance: relative, of λ*.
  ///   - deltaTolerance: of each limit.
  /// Throws `InvalidInput` when there is no test error, or no run has a limit.
  package init(
    _ setup: Setup, _ motion: CriticalLambda.Motion, in range: ClosedRange<Double>, tolerance: Double,
    deltaTolerance: Double = 1e-5, monitor: RunMonitor = RunMonitor()
  ) throws(InvalidInput) {
    guard range.lowerBound > 0, range.upperBound.isFinite else {
      throw InvalidInput("range of λ", because: "its ends must be positive and finite")
    }
    var low = range.lowerBound
    if case .descent(let step, _) = motion { low = max(low, step) }
    guard low < range.upperBound else {
      throw InvalidInput("range of λ", because: "it ends below ε", remedy: "choose a smaller ε")
    }
    var count = 0
    func error(_ lambda: Double) throws(InvalidInput) -> (error: Double, theta: [Double]) {
      count += 1
      let criteria = try LimitCriteria(
        route: .project, deltaTolerance: deltaTolerance, residualTolerance: 1e-10 * setup.responseScale,
        maximumTime: 1e15, maximumPasses: 20_000_000)
      let run: LimitRun
      switch motion {
      case .flow:
        let flow = try FlowSpecification(kind: .mgf, lambda: lambda, stepper: "auto", relative: 1e-12, absolute: 0)
        run = try LimitRun(setup, flow, criteria, monitor: monitor)
      case .descent(let step, let method):
        run = try LimitRun(
          setup, DescentSettings(lambda: lambda, step: step, method: method), criteria, monitor: monitor)
      }
      if run.outcome == .interrupted { throw InvalidInput("λ*", because: "the search was interrupted") }
      guard let value = setup.problem.testError(run.limit.theta) else {
        throw InvalidInput(
          "λ*", because: "there is neither a known θ* nor a held-out row", remedy: "give \(.holdout, "F") or \(.truth)")
      }
      // What does not come to a limit recovers nothing.
      return (run.outcome == .reached && value.isFinite ? value : .infinity, run.limit.theta)
    }
    let decades = Double.log10(range.upperBound / low)
    let points = max(3, Int((Self.density * decades).rounded(.up)) + 1)
    var grid: [(lambda: Double, error: Double, theta: [Double])] = []
    for k in 0..<points {
      let lambda =
        k == points - 1 ? range.upperBound : low * .pow(range.upperBound / low, Double(k) / Double(points - 1))
      let found = try error(lambda)
      grid.append((lambda, found.error, found.theta))
      monitor.progress(Double(k + 1) / Double(points + 12), "λ = \(short(lambda))")
    }
    plainError = grid[0].error
    let best = grid.indices.min { grid[$0].error < grid[$1].error } ?? 0
    guard grid[best].error < .infinity else {
      throw InvalidInput("λ*", because: "no run of the range came to its limit")
    }
    var found = grid[best]
    var (a, b) = (Double.log(grid[max(best - 1, 0)].lambda), Double.log(grid[min(best + 1, points - 1)].lambda))
    let share = 0.5 * (5.0.squareRoot() - 1)
    var (left, right) = (b - share * (b - a), a + share * (b - a))
    var (onLeft, onRight) = (try error(.exp(left)), try error(.exp(right)))
    while true {
      for (x, value) in [(left, onLeft), (right, onRight)] where value.error < found.error {
        found = (.exp(x), value.error, value.theta)
      }
      guard b - a > tolerance else { break }
      if onLeft.error <= onRight.error {
        (b, right, onRight) = (right, left, onLeft)
        left = b - share * (b - a)
        onLeft = try error(.exp(left))
      } else {
        (a, left, onLeft) = (left, right, onRight)
        right = a + share * (b - a)
        onRight = try error(.exp(right))
      }
    }
    value = found.lambda
    uncertainty = found.lambda * (b - a)
    testError = found.error
    theta = found.theta
    isAtEdge = found.lambda <= low * (1 + 2 * tolerance) || found.lambda >= range.upperBound * (1 - 2 * tolerance)
    runs = count
  }
}
