/// The local error allowed per step and coordinate: |eᵢ| ≤ absolute + relative·(size of the coordinate).
public struct Tolerance: Sendable, Equatable {
  /// The relative part (dimensionless).
  public let relative: Double
  /// The absolute part, in units of the coordinate; 0 is the rule here, since small coordinates matter.
  public let absolute: Double

  /// Throws `InvalidInput` unless both are finite and non-negative and one is positive.
  public init(relative: Double, absolute: Double = 0) throws(InvalidInput) {
    guard relative.isFinite, absolute.isFinite, relative >= 0, absolute >= 0, relative + absolute > 0 else {
      throw InvalidInput(
        "tolerances rtol = \(relative), atol = \(absolute)",
        because: "both must be finite and not negative, and one of them positive",
        remedy: "for example rtol 1e-10 with atol 0")
    }
    self.relative = relative
    self.absolute = absolute
  }

  /// The error allowed for a coordinate of size |`value`|; never zero, so that it can be divided by.
  @inlinable
  public func bound(_ value: Double) -> Double {
    max(absolute + relative * abs(value), 0x1p-1000)
  }
}
