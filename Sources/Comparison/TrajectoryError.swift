/// The distance between a flow and the iterates at their own times, gathered iterate by iterate.
public struct TrajectoryError: Sendable, Equatable {
  /// The largest distance over iterates and coordinates.
  public private(set) var maximum = 0.0
  /// The largest distance over coordinates at the last iterate.
  public private(set) var final = 0.0
  private var squares = 0.0
  private var count = 0

  /// No iterate yet.
  public init() {}

  /// The root mean square over iterates and coordinates.
  public var rootMeanSquare: Double { count > 0 ? (squares / Double(count)).squareRoot() : 0 }

  /// Adds one iterate: `count` differences given by `difference`. Not-a-number counts as infinite.
  public mutating func add(count n: Int, difference: (Int) -> Double) {
    var largest = 0.0
    for i in 0..<n {
      let e = abs(difference(i))
      if !(e <= largest) { largest = e.isNaN ? .infinity : e }
      squares += e * e
    }
    count += n
    final = largest
    maximum = max(maximum, largest)
  }
}
