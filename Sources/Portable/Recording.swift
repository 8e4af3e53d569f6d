extension Twin {
  /// Which states of a run are kept.
  public enum Recording {
    /// Those at the listed times (flows), increasing.
    case times([Double])
    /// Those of the listed iterations, increasing.
    case iterations([Int])
    /// All, up to a bound.
    case every
    /// This many, spread evenly in ln(1 + t), the first and the last among them.
    case logarithmic(Int)
    /// The first and the last.
    case ends

    /// The most numbers that are kept of weights and rates.
    public static let bound = 4_000_000

    /// `count` geometrically spaced values from `first` to `last`.
    public static func geometric(_ count: Int, from first: Double, to last: Double) -> [Double] {
      let ratio = Elementary.log(last / first) / Double(count - 1)
      return (0..<count).map { $0 == count - 1 ? last : first * Elementary.exp(Double($0) * ratio) }
    }
  }
}
