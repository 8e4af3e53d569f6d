/// A vector field with a state at a time: validated on entry, so that steppers can rely on it.
public struct InitialValueProblem {
  /// The system ẏ = f(t, y).
  public let field: any VectorField
  /// The initial time.
  public let time: Double
  /// The initial state, `field.dimension` numbers.
  public let state: [Double]

  /// Throws `InvalidInput` when the state has the wrong length or holds a non-finite number.
  public init(_ field: any VectorField, from state: [Double], at time: Double = 0) throws(InvalidInput) {
    guard state.count == field.dimension else {
      throw InvalidInput(
        "initial state", because: "it has \(state.count) coordinates where the field has \(field.dimension)")
    }
    guard time.isFinite else {
      throw InvalidInput("initial time", because: "\(time) is not finite")
    }
    if let bad = state.firstIndex(where: { !$0.isFinite }) {
      throw InvalidInput("initial state", because: "coordinate \(bad) is \(state[bad]), not a finite number")
    }
    self.field = field
    self.time = time
    self.state = state
  }
}
