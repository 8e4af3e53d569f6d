import Descent
import Dynamics
import Networks
import Regression

/// Runs the discrete method at matched λ for several steps beside one integration of the flow and measures the
/// distance at the iterates' own times t = kε ≤ T.
///
/// The flow is integrated once; each of its segments is compared and dropped, so memory does not grow with T.
public struct FlowComparison {
  /// One step size: its settings, the errors in w and in θ, and whether the iterates stayed finite.
  public struct Row: Sendable {
    /// The discrete settings at this step.
    public let settings: DescentSettings
    /// The number of iterations with kε ≤ T, or of those made when the comparison was stopped.
    public let iterations: Int
    /// The errors in w±.
    public let weights: TrajectoryError
    /// The errors in θ.
    public let theta: TrajectoryError
    /// The iteration at which the iterates diverged, if they did.
    public let divergedAt: Int?
  }

  /// What a comparison found.
  public struct Report: Sendable {
    /// One row a step, in the order given.
    public let rows: [Row]
    /// The flow's solution at its last time.
    public let flow: Solution
    /// The least-squares slope of the largest error in w over the steps.
    public let slope: Double?
    /// The same for θ.
    public let thetaSlope: Double?
  }

  /// Compares `stepper`, which stands at the start of a flow of `problem`, with the descents of `settings` until T.
  ///
  /// - Parameters:
  ///   - stepper: any stepper whose first coordinates are the weights.
  ///   - expansion: the flow that the stepper steps, when that is an expansion in ε.
  ///   - conditions: observers and stop conditions of the integration.
  ///   - spend: told now and then how many iterations were made; an outcome ends the run.
  /// Throws `InvalidInput` when the start does not fit, `IntegrationError` when the flow fails. Complexity: the cost of
  /// the flow and of all iterations.
  public static func run(
    _ problem: RegressionProblem, _ model: NetworkModel = .standard, from start: Initialization,
    flow stepper: any Stepper, until end: Double, settings: [DescentSettings], expansion: ExpandedFlow? = nil,
    stoppingWhen conditions: [StopCondition] = [],
    spend: @escaping (Int) -> Outcome? = { _ in nil }
  ) throws -> Report {
    let runs = try settings.map { try Follower(model.network(problem), start, $0, expansion, until: end) }
    // Steps may be much longer than the iterates' (those of bsimp above all), and Hermite interpolation, where a stepper
    // has no dense output of its own, then errs more than what is measured. No segment longer than twice the longest ε: its relative error (2ωε)⁶/46080 for a motion of
    // frequency ω is nothing beside the iterates' own, of order ωε.
    let longest = stepper.hasDenseOutput ? end : 2 * (settings.map(\.step).max() ?? end)
    var piece = 0.0
    var solution: Solution
    repeat {
      piece += 1
      solution = try integrate(
        stepper, until: min(end, piece * longest),
        recording: .streaming { segment in
          for run in runs { run.follow(segment, spend) }
        },
        // Iterates that were left behind are no comparison.
        stoppingWhen: conditions + [StopCondition { _ in runs.lazy.compactMap(\.stopped).first }])
    } while solution.outcome == .reached && solution.time < end
    let rows = runs.map(\.row)
    let (slope, thetaSlope) = slopes(rows)
    return Report(rows: rows, flow: solution, slope: slope, thetaSlope: thetaSlope)
  }

  /// The least-squares slopes of the largest errors in w and in θ over the steps.
  public static func slopes(_ rows: [Row]) -> (weights: Double?, theta: Double?) {
    let steps = rows.map(\.settings.step)
    func slope(_ value: (Row) -> Double) -> Double? {
      convergenceOrder(steps: steps, errors: rows.map { $0.divergedAt == nil ? value($0) : .infinity })
    }
    return (slope(\.weights.maximum), slope(\.theta.maximum))
  }
}

/// One descent that keeps up with the flow's segments.
private final class Follower {
  private let descent: Descent
  private let total: Int
  private var weights = TrajectoryError()
  private var theta = TrajectoryError()
  private var divergedAt: Int?
  private let expansion: ExpandedFlow?
  private var state: [Double]
  private var flow: [Double]
  private let width: Int
  private let features: Int
  private let shape: Parametrization
  private var next = 1
  /// Why it was stopped on the way.
  private(set) var stopped: Outcome?

  init(
    _ network: any Network, _ start: Initialization, _ settings: DescentSettings, _ expansion: ExpandedFlow?,
    until end: Double
  ) throws(InvalidInput) {
    self.expansion = expansion
    shape = network.parametrization
    features = network.problem.featureCount
    state = [Double](repeating: 0, count: expansion?.dimension ?? 0)
    descent = try Descent(network, settings, from: start)
    total = try settings.iterations(until: end)
    width = network.dimension
    flow = [Double](repeating: 0, count: width)
    // The iterate k = 0 is the common start.
    weights.add(count: width) { _ in 0 }
    theta.add(count: features) { _ in 0 }
  }

  /// Advances to the segment's end, measuring the iterates whose times lie in it.
  func follow(_ segment: Segment, _ spend: (Int) -> Outcome?) {
    let (d, shape) = (features, shape)
    var unpaid = 0
    defer { if unpaid > 0 { stopped = stopped ?? spend(unpaid) } }
    while next <= total, divergedAt == nil, stopped == nil {
      let t = Double(next) * descent.settings.step
      // Rounding of kε must not lose the last iterate.
      guard t <= segment.end * (1 + 1e-12) else { return }
      // Many iterates may fall into one segment.
      if unpaid == 1024 {
        stopped = spend(unpaid)
        unpaid = 0
        if stopped != nil { return }
      }
      descent.advance()
      unpaid += 1
      if descent.hasDiverged {
        divergedAt = next
        return
      }
      flow.withUnsafeMutableBufferPointer { buffer in
        guard let y = buffer.baseAddress else { return }
        evaluate(segment, at: min(t, segment.end), into: y)
        let w = descent.weights
        weights.add(count: width) { y[$0] - w[$0] }
        if shape == .diagonal {
          theta.add(count: d) {
            0.25 * ((y[$0] * y[$0] - y[d + $0] * y[d + $0]) - (w[$0] * w[$0] - w[d + $0] * w[d + $0]))
          }
        } else {
          theta.add(count: d) { shape.theta(y, $0, features: d) - shape.theta(w, $0, features: d) }
        }
      }
      next += 1
    }
  }

  private func evaluate(_ segment: Segment, at t: Double, into y: UnsafeMutablePointer<Double>) {
    guard let expansion else { return segment.evaluate(at: t, coordinates: 0..<width, into: y) }
    segment.evaluate(at: t, coordinates: 0..<state.count, into: &state)
    expansion.weights(state, at: descent.settings.step, into: y)
  }

  var row: FlowComparison.Row {
    FlowComparison.Row(
      settings: descent.settings, iterations: stopped == nil ? total : next - 1, weights: weights, theta: theta,
      divergedAt: divergedAt)
  }
}

extension DescentSettings {
  /// The number of the last iterate at or before T, T itself included when it is a multiple of ε up to rounding. Throws
  /// `InvalidInput` for more than 10¹⁵.
  public func iterations(until end: Double) throws(InvalidInput) -> Int {
    let ratio = end / step
    guard ratio < 1e15 else {
      throw InvalidInput("\(.steps, step)", because: "\(end)/\(step) iterations are too many")
    }
    return Int((ratio * (1 + 1e-12)).rounded(.down))
  }
}
