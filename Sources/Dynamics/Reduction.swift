/// What joins numbers of which several processes hold a part each: all that models and steppers know of communication.
///
/// All processes call the same functions in the same order, and all of them receive the same bits, so that they decide alike.
public protocol Reduction: AnyObject, Sendable {
  /// Which part this process holds, from 0.
  var rank: Int { get }
  /// The number of parts.
  var size: Int { get }

  /// Replaces numbers by their sums over all parts.
  func sum(_ values: UnsafeMutablePointer<Double>, _ count: Int)

  /// The largest of a number over all parts; not-a-number when one is.
  func largest(_ value: Double) -> Double

  /// The numbers of all parts in their order, at part 0; nothing elsewhere.
  func gather(_ values: [Double]) -> [Double]
}

extension Reduction {
  /// The sum of one number over all parts.
  public func sum(_ value: Double) -> Double {
    var value = value
    sum(&value, 1)
    return value
  }
}

/// A process by itself, which holds everything.
public final class Alone: Reduction {
  /// A team of one.
  public init() {}
  public var rank: Int { 0 }
  public var size: Int { 1 }
  public func sum(_ values: UnsafeMutablePointer<Double>, _ count: Int) {}
  public func largest(_ value: Double) -> Double { value }
  public func gather(_ values: [Double]) -> [Double] { values }
}
