/// What a run, or all runs of a command together, may cost.
public struct WorkLimit: Sendable, Equatable {
  /// The most passes over X (flows: gradient evaluations, linear algebra at its worth in passes; discrete methods: iterations);
  /// nil for no bound. Counted: the same on every machine.
  public let passes: Int?
  /// The most seconds; nil for no bound. A user's limit, like Ctrl-C: nothing inside the numerics looks at it.
  public let seconds: Double?

  /// No bound at all.
  public static let unlimited = WorkLimit()

  private init() { (passes, seconds) = (nil, nil) }

  /// Throws `InvalidInput` unless both are positive and finite.
  public init(passes: Int?, seconds: Double? = nil) throws(InvalidInput) {
    if let passes {
      guard passes > 0 else {
        throw InvalidInput("\(.maximumWork, passes)", because: "it must be positive", remedy: "for example 1e9")
      }
    }
    if let seconds {
      guard seconds > 0, seconds.isFinite else {
        throw InvalidInput(
          "\(.maximumSeconds, seconds)", because: "it must be positive and finite", remedy: "for example 60")
      }
    }
    (self.passes, self.seconds) = (passes, seconds)
  }
}
