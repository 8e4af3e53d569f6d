import Dynamics
import Networks
import Regression
import Synchronization

/// A flow between its steps: weights and their rates at any time, to the accuracy of the stepper.
///
/// Where the stepper's polynomials are as accurate as its steps, they are kept and evaluated; else the two ends of a step are kept,
/// and the flow is integrated anew from its beginning. Keeping costs no passes. Safe to use from several threads.
public final class FlowPath: Trajectory, Sendable {
  private let setup: Setup
  private let specification: FlowSpecification
  private let layout: FlowLayout
  private let kept: Mutex<Kept>

  private struct Kept {
    /// Step by step; of degree 1, from end to end, where the stepper has no dense output.
    var segments: [Segment] = []
    var bytes = 0
    /// Where the last step ended.
    var time = 0.0
    var state: [Double]
  }

  /// The most bytes of polynomials that are kept.
  private static let limit = 1_000_000_000

  init(_ setup: Setup, _ specification: FlowSpecification) {
    (self.setup, self.specification) = (setup, specification)
    layout = FlowLayout(specification.kind, setup.network)
    kept = Mutex(Kept(state: setup.start.weights + (layout.rates.isEmpty ? [] : setup.start.rates)))
  }

  /// The numbers of a state: the weights and, with momentum, their rates.
  public var width: Int { coordinates.count }

  /// The number d of features.
  public var features: Int { setup.problem.featureCount }

  /// The coordinates of a state: the weights and, with momentum, their rates.
  private var coordinates: Range<Int> { 0..<max(layout.weights.upperBound, layout.rates.upperBound) }

  /// Keeps the last step of a stepper; nothing more once there is no room.
  func take(_ stepper: any Stepper) {
    kept.withLock { kept in
      guard kept.bytes <= Self.limit else { return }
      let end = Array(UnsafeBufferPointer(start: stepper.state, count: width))
      let segment: Segment
      if stepper.hasDenseOutput {
        segment = stepper.segment(of: coordinates)
      } else {
        var chord = Segment(dimension: width, degree: 1)
        chord.fill(from: kept.time, to: stepper.time) { c in
          for i in 0..<width { (c[i], c[width + i]) = (kept.state[i], end[i] - kept.state[i]) }
        }
        segment = chord
      }
      (kept.time, kept.state) = (stepper.time, end)
      kept.bytes += 8 * segment.coefficients.count
      if kept.bytes <= Self.limit { kept.segments.append(segment) } else { kept.segments = [] }
    }
  }

  /// θ of a state.
  public func theta(_ state: [Double]) -> [Double] { setup.model.parametrization.theta(state[layout.weights]) }

  /// Whether there was room for all steps.
  public var isKept: Bool { kept.withLock { $0.bytes <= Self.limit } }

  public var span: ClosedRange<Double> {
    kept.withLock { kept in
      guard let first = kept.segments.first, let last = kept.segments.last else { return 0...0 }
      return first.start...last.end
    }
  }

  /// The weights at time `t`, blocks × d numbers, and behind them, with momentum, their rates.
  ///
  /// Throws `InvalidInput` outside the span, or when there was no room for the steps.
  /// Complexity: O(log(steps) + degree · dimension), or a step of the integration.
  public func state(at t: Double) throws(InvalidInput) -> [Double] {
    guard isKept else {
      throw InvalidInput(
        "time \(t)", because: "the flow between its steps takes more than \(Self.limit / 1_000_000_000) GB",
        remedy: "record the times wanted with \(.recordedTimes)")
    }
    let (segments, last) = kept.withLock { ($0.segments, $0.state) }
    try requireInSpan(t)
    guard let segment = segments.holding(t) else { return last }
    let range = coordinates.lowerBound - segment.firstCoordinate..<coordinates.upperBound - segment.firstCoordinate
    guard segment.degree == 1, t > segment.start, t < segment.end else {
      return segment.state(at: t, coordinates: range)
    }
    let first = segment.state(at: segment.start, coordinates: range)
    let m = layout.weights.count
    let begin = setup.starting(
      Initialization(
        weights: Array(first[..<m]), rates: layout.rates.isEmpty ? setup.start.rates : Array(first[m...]), alpha: nil))
    do {
      let stepper = try specification.stepper(begin, begin.network)
      let end = try integrate(stepper, until: t - segment.start)
      return Array(end.state[coordinates])
    } catch let error as InvalidInput {
      throw error
    } catch {
      throw InvalidInput("time \(t)", because: Message("\(error)"))
    }
  }
}
