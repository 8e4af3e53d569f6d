import Dynamics
import RealModule

/// Taylor series of the solution itself, summed as far as their last two coefficients say that they may be.
///
/// The degree N follows from the tolerance, the step h from the coefficients cₖ of orders N − 1 and N, both of which must
/// fall below the error allowed at h, coordinate by coordinate: a step is known to be good before it is taken and none
/// is rejected. Where stability bounds the steps, their error is cut to a hundredth at no cost (`StabilityWatch`). Dense
/// output is the series, as accurate as the step ends.
///
/// Source: Jorba and Zou, "A software package for the numerical integration of ODEs by means of high-order Taylor
/// methods", Experimental Mathematics 14 (2005), equations 3-3 to 3-8; without their factor e⁻², since the allowed error
/// is met by the last terms themselves.
public final class TaylorStepper: Stepper {
  /// The system integrated.
  public let field: any SeriesField
  /// How the step is chosen.
  public let control: StepControl
  /// The degree of the series.
  public var degree: Int { jet.degree }

  private let jet: any Jet
  private let current: CompensatedState
  /// How far the step goes.
  private let change: UnsafeMutablePointer<Double>
  private let workspace: Workspace
  private var counts = Statistics()
  /// The unit of time of the coefficients: the step that the last series allowed.
  private var unit = 1.0
  /// The unit that the current series is written in.
  private var lastUnit = 1.0
  private var dense: Segment?
  private var watch = StabilityWatch()
  private var startTime: Double

  /// The time reached.
  public private(set) var time: Double

  /// A stepper at the start of `problem`.
  ///
  /// - Parameter degree: of the series; 2 … 60; nil for the degree that the tolerance makes cheapest (4 … 40).
  /// Throws `InvalidInput` when the field has no series, for a fixed step without degree, or when the field is not
  /// finite at the start.
  public init(_ problem: InitialValueProblem, control: StepControl, degree: Int? = nil) throws(InvalidInput) {
    guard let field = problem.field as? any SeriesField else {
      throw InvalidInput(
        "Taylor stepper", because: "this field does not provide its Taylor series", remedy: "choose another stepper")
    }
    try control.validate()
    let chosen: Int
    switch (control, degree) {
    case (_, let degree?):
      guard (2...60).contains(degree) else {
        throw InvalidInput("degree \(degree)", because: "the degree of a Taylor series must lie between 2 and 60")
      }
      chosen = degree
    case (.adaptive(let tolerance), nil):
      chosen = Self.degree(for: tolerance, work: field.seriesWork)
    case (.fixed, nil):
      throw InvalidInput("fixed step", because: "a Taylor series of fixed step needs its degree")
    }
    current = try CompensatedState(problem)
    self.field = field
    self.control = control
    jet = field.makeJet(degree: chosen)
    time = problem.time
    startTime = problem.time
    workspace = Workspace()
    change = workspace.zeros(problem.field.dimension)
  }

  /// The degree of least work per unit of time. Work per step is linear·N + quadratic·N² and steps grow like ε^(1/N), so
  /// that N = ln(1/ε)/(1 + x), x the quadratic share of the work (Jorba and Zou: x = 1). Measured optima lie a little lower
  /// and are flat.
  static func degree(for tolerance: Tolerance, work: (linear: Double, quadratic: Double)) -> Int {
    let digits = -Double.log(max(tolerance.relative, 1e-16))
    var degree = digits
    for _ in 0..<20 {
      let share = work.quadratic * degree / (work.linear + work.quadratic * degree)
      degree = digits / (1 + share)
    }
    return min(max(Int((0.92 * degree).rounded()), 4), 40)
  }

  public var hasDenseOutput: Bool { true }
  public var dimension: Int { field.dimension }
  public var state: UnsafePointer<Double> { UnsafePointer(current.values) }

  public var rate: UnsafePointer<Double> { current.rate(of: field, at: time) }

  public var statistics: Statistics {
    var result = counts
    result.passes = field.passes
    return result
  }

  public func step(notBeyond limit: Double) throws(StepFailure) {
    var longest = 0.0
    switch control {
    case .adaptive(let tolerance):
      longest = try expand(tolerance)
    case .fixed(let step):
      unit = step
      jet.expand(current.values, at: time, unit: unit)
      longest = 1
    }
    let planned = longest * unit
    let isCut = !(time + planned < limit)
    let end = isCut ? limit : time + planned
    // A last sliver before the limit is no failure.
    guard end - time > 0x1p-52 * abs(time) || isCut && end > time else {
      throw StepFailure.stepTooSmall(time: time, step: planned)
    }
    jet.increment(to: (end - time) / unit, into: change)
    guard current.advance(by: change) else { throw StepFailure.nonFinite(time: time) }
    startTime = time
    time = end
    lastUnit = unit
    unit = planned
    if case .adaptive = control, !isCut { watch.note(planned, degree: jet.degree) }
    counts.steps += 1
  }

  /// Computes the series in a unit in which it is finite; returns how far it may be summed, in that unit.
  private func expand(_ tolerance: Tolerance) throws(StepFailure) -> Double {
    for _ in 0..<64 {
      jet.expand(current.values, at: time, unit: unit)
      let (before, last) = jet.lastOrders(tolerance)
      if before.isFinite, last.isFinite {
        let n = Double(jet.degree)
        let allowed = min(
          Double.pow(before / watch.factor, -1 / (n - 1)), Double.pow(last / watch.factor, -1 / n), Self.largestGrowth)
        counts.localError = max(counts.localError, last * Double.pow(allowed, n))
        return allowed
      }
      unit *= 0x1p-10
    }
    throw StepFailure.nonFinite(time: time)
  }

  /// No step is longer than this many times the one before: coefficients that vanish say nothing about the ones left out.
  private static let largestGrowth = 16.0

  public func mayHaveChangedSign(_ coordinates: Range<Int>) -> Bool {
    jet.mayChangeSign(coordinates, within: (time - startTime) / lastUnit)
  }

  public func overwrite(_ coordinate: Int, with value: Double, isRestart: Bool) {
    current.overwrite(coordinate, with: value)
  }

  public func segment() -> Segment {
    if let dense, dense.end == time, dense.start == startTime { return dense }
    var segment = dense ?? Segment(dimension: field.dimension, degree: jet.degree)
    dense = nil
    let (jet, reach) = (jet, (time - startTime) / lastUnit)
    segment.fill(from: startTime, to: time) { jet.copyCoefficients(upTo: reach, into: $0) }
    dense = segment
    return segment
  }

  public func segment(of coordinates: Range<Int>) -> Segment {
    var segment = Segment(dimension: coordinates.count, degree: jet.degree, firstCoordinate: coordinates.lowerBound)
    let (jet, reach) = (jet, (time - startTime) / lastUnit)
    var isFilled = false
    segment.fill(from: startTime, to: time) { isFilled = jet.copyCoefficients(upTo: reach, of: coordinates, into: $0) }
    return isFilled ? segment : self.segment()
  }

  public func refinedState(
    at t: Double, into state: UnsafeMutablePointer<Double>, rate: UnsafeMutablePointer<Double>?
  ) throws(StepFailure) {
    jet.increment(to: (t - startTime) / lastUnit, into: state)
    for i in 0..<dimension { state[i] += current.previous[i] }
    if let rate { field.evaluate(t, state, into: rate) }
  }
}
