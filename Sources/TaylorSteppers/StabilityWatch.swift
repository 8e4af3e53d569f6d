import RealModule

/// Finds out whether stability bounds the steps of a Taylor series, and by how much their error may then be cut for next to
/// nothing.
///
/// Where accuracy bounds the step, an error smaller by f costs a step shorter by f^(1/N). In a stiff phase it costs next to nothing: the
/// step stays where the series stops damping the fast modes, and only their amplitude falls, which is what makes the same
/// error with the same sign in every one of many steps. So when steps have stagnated, f is tried for some of them: it stays
/// if they come back to more than f^(1/2N) of their length, until they change; else the next trial waits twice as long.
struct StabilityWatch {
  /// By how much the error is cut when that is free.
  static let cut = 0.01
  /// Steps that stagnate before the first trial, those that tell their length, and those that a trial needs to settle.
  private static let (patience, window, settling) = (32, 8, 4)

  /// What the tolerance is to be multiplied by: 1, or `cut`.
  private(set) var factor = 1.0

  private enum Phase { case waiting, trying, cutting }
  private var phase = Phase.waiting
  /// The first step of those that stagnate, how many there are, and the last ones' sum.
  private var reference = 0.0
  private var count = 0
  private var sum = 0.0
  /// The mean step before the trial.
  private var before = 0.0
  private var wait = Self.patience

  /// Takes notice of a step that nothing but the tolerance bounded.
  ///
  /// - Parameter degree: N.
  mutating func note(_ step: Double, degree: Int) {
    // A trial that has to be paid for is within these bounds for N > 8; below, it may end early, which is the same.
    guard step < 1.5 * reference, step > 0.55 * reference else {
      restart(from: step)
      return
    }
    count += 1
    switch phase {
    case .waiting:
      if count > wait - Self.window { sum += step }
      guard count == wait else { return }
      before = sum / Double(Self.window)
      (phase, factor, count, sum) = (.trying, Self.cut, 0, 0)
    case .trying:
      if count > Self.settling { sum += step }
      guard count == Self.settling + Self.window else { return }
      let isFree = sum / Double(Self.window) > Double.pow(Self.cut, 0.5 / Double(degree)) * before
      (phase, count, sum) = (isFree ? .cutting : .waiting, 0, 0)
      if !isFree {
        factor = 1
        wait *= 2
      }
    case .cutting:
      break
    }
  }

  private mutating func restart(from step: Double) {
    (phase, factor, reference, count, sum) = (.waiting, 1, step, 0, 0)
  }
}
