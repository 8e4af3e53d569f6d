extension Twin {
  /// Finds out whether stability bounds the steps of a Taylor series: then their error is cut to a hundredth at next to no cost.
  ///
  /// It is the library's `StabilityWatch`: a cut is tried once steps have stagnated, and stays if they come back to more than
  /// 0.01^(1/2N) of their length, until they change; else the next trial waits twice as long.
  struct StepWatch {
    private static let cut = 0.01
    /// What the tolerance is to be multiplied by.
    private(set) var factor = 1.0
    /// 0 waiting, 1 trying, 2 cutting.
    private var phase = 0
    private var (reference, sum, before) = (0.0, 0.0, 0.0)
    private var (count, wait) = (0, 32)

    /// Takes notice of a step of a series of degree N that nothing but the tolerance bounded.
    mutating func note(_ step: Double, degree: Int) {
      guard step < 1.5 * reference, step > 0.55 * reference else {
        (phase, factor, reference, count, sum) = (0, 1, step, 0, 0)
        return
      }
      count += 1
      if phase == 0 {
        if count > wait - 8 { sum += step }
        if count == wait { (before, phase, factor, count, sum) = (sum / 8, 1, Self.cut, 0, 0) }
      } else if phase == 1 {
        if count > 4 { sum += step }
        guard count == 12 else { return }
        let isFree = sum / 8 > Elementary.power(Self.cut, 0.5 / Double(degree)) * before
        (phase, count, sum) = (isFree ? 2 : 0, 0, 0)
        if !isFree { (factor, wait) = (1, 2 * wait) }
      }
    }
  }
}
