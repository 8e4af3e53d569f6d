/// How a stepper chooses its step size.
public enum StepControl: Sendable, Equatable {
  /// So that the local error stays within the tolerance.
  case adaptive(Tolerance)
  /// Always the same (shortened only to end on a limit); for measuring orders. Not for multistep schemes.
  case fixed(step: Double)

  /// Throws `InvalidInput` when a fixed step is not positive and finite.
  public func validate() throws(InvalidInput) {
    if case .fixed(let step) = self, !(step > 0 && step.isFinite) {
      throw InvalidInput("fixed step \(step)", because: "it must be positive and finite")
    }
  }
}
