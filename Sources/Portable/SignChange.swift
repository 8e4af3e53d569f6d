extension Twin {
  /// One sign change of one weight.
  public struct SignChange: Equatable {
    /// The weight: w₊ of feature i is i, w₋ is d + i.
    public let coordinate: Int
    /// When it vanished.
    public let time: Double
    /// +1 from negative to positive, −1 from positive to negative.
    public let direction: Int

    /// The order in which they are told: by time, then by coordinate.
    static func sorted(_ all: [SignChange]) -> [SignChange] {
      var result: [SignChange] = []
      for one in all {
        var place = result.count
        while place > 0, follows(result[place - 1], one) { place -= 1 }
        result.insert(one, at: place)
      }
      return result
    }

    private static func follows(_ a: SignChange, _ b: SignChange) -> Bool {
      a.time > b.time || a.time == b.time && a.coordinate > b.coordinate
    }

    static func sign(_ x: Double) -> Int { x > 0 ? 1 : (x < 0 ? -1 : 0) }
  }
}
