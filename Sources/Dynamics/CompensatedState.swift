/// The state of a stepper, the one a step before, and the rate: sums are compensated, so that a million steps err by
/// rounding no more than a few.
public final class CompensatedState {
  /// The state.
  public private(set) var values: UnsafeMutablePointer<Double>
  /// Where the last step began.
  public private(set) var previous: UnsafeMutablePointer<Double>
  /// What rounding has left out of the state so far.
  private let carry: UnsafeMutablePointer<Double>
  private let rate: UnsafeMutablePointer<Double>
  private var rateIsCurrent = true
  private let count: Int
  private let workspace = Workspace()

  /// The initial state. Throws `InvalidInput` when the field is not finite there.
  public init(_ problem: InitialValueProblem) throws(InvalidInput) {
    count = problem.state.count
    values = workspace.zeros(count)
    previous = workspace.zeros(count)
    carry = workspace.zeros(count)
    rate = workspace.zeros(count)
    for (i, value) in problem.state.enumerated() { values[i] = value }
    problem.field.evaluate(problem.time, values, into: rate)
    guard isFinite(rate, count) else {
      throw InvalidInput(
        "initial state", because: "the right-hand side is not finite there",
        remedy: "check the data for very large values")
    }
  }

  /// ẏ of the state, evaluated when first asked for.
  public func rate(of field: any VectorField, at time: Double) -> UnsafePointer<Double> {
    if !rateIsCurrent {
      field.evaluate(time, values, into: rate)
      rateIsCurrent = true
    }
    return UnsafePointer(rate)
  }

  /// Gives a coordinate another value.
  public func overwrite(_ coordinate: Int, with value: Double) {
    values[coordinate] = value
    carry[coordinate] = 0
    rateIsCurrent = false
  }

  /// Adds `change`, compensated; false, with all as before, when it is not finite.
  public func advance(by change: UnsafePointer<Double>) -> Bool {
    guard isFinite(change, count) else { return false }
    swap(&values, &previous)
    let (old, new, carry) = (previous, values, carry)
    for i in 0..<count {
      let term = change[i] + carry[i]
      let sum = old[i] + term
      carry[i] = term - (sum - old[i])
      new[i] = sum
    }
    rateIsCurrent = false
    return true
  }
}

/// Whether all are finite: a sum of differences x − x is then zero exactly; eight sums, so that none waits for the last.
public func isFinite(_ values: UnsafePointer<Double>, _ count: Int) -> Bool {
  var sums = SIMD8<Double>.zero
  var i = 0
  while i + 8 <= count {
    let part = UnsafeRawPointer(values + i).loadUnaligned(as: SIMD8<Double>.self)
    sums += part - part
    i += 8
  }
  var poison = sums.sum()
  while i < count {
    poison += values[i] - values[i]
    i += 1
  }
  return poison == 0
}
