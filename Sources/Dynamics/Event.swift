/// A signed function of the state whose roots are located on each segment: here the value of each coordinate in a
/// range. A root counts where the coordinate changes sign.
public struct Event: Sendable {
  /// The coordinates watched.
  public let coordinates: Range<Int>

  /// Sign changes of each of `coordinates`.
  public static func signChanges(of coordinates: Range<Int>) -> Event {
    Event(coordinates: coordinates)
  }
}

/// One sign change of one coordinate.
public struct Occurrence: Sendable, Equatable {
  /// The coordinate of the state.
  public let coordinate: Int
  /// When it vanished.
  public let time: Double
  /// +1 from negative to positive, −1 from positive to negative.
  public let direction: Int

  /// An occurrence from its parts.
  public init(coordinate: Int, time: Double, direction: Int) {
    self.coordinate = coordinate
    self.time = time
    self.direction = direction
  }
}
