/// At which iterations a run is looked at.
public struct LookSchedule: Sendable, Equatable {
  private let base: Int
  private let isGrowing: Bool

  /// Every `count` iterations.
  public static func every(_ count: Int) -> LookSchedule { LookSchedule(base: count, isGrowing: false) }

  /// Every 16 iterations at first, later at distances of at most k/64: looking costs little, and a run ends at most a
  /// sixtieth too late.
  public static let sparse = LookSchedule(base: 16, isGrowing: true)

  private func spacing(_ k: Int) -> Int {
    guard isGrowing, k >= 64 * base * 2 else { return base }
    return 1 << (Int.bitWidth - 1 - k.leadingZeroBitCount - 6)
  }

  /// Whether iterate k is looked at.
  public func isDue(_ k: Int) -> Bool { k % spacing(k) == 0 }

  /// The first iterate after k that is.
  public func next(after k: Int) -> Int {
    let spacing = spacing(k)
    return (k / spacing + 1) * spacing
  }
}
