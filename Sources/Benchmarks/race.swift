/// Seconds that each of `bodies` takes at best: they alternate, so that what else the machine does meets all of them.
func race(_ bodies: [() -> Void], rounds: Int = 9) -> [Double] {
  let clock = ContinuousClock()
  func time(_ body: () -> Void, _ repetitions: Int) -> Double {
    let began = clock.now
    for _ in 0..<repetitions { body() }
    let span = (clock.now - began).components
    return (Double(span.seconds) + 1e-18 * Double(span.attoseconds)) / Double(repetitions)
  }
  var repetitions: [Int] = []
  for body in bodies {
    _ = time(body, 1)
    repetitions.append(max(1, min(100_000, Int(0.02 / max(time(body, 1), 1e-8)))))
  }
  var best = [Double](repeating: .infinity, count: bodies.count)
  for _ in 0..<rounds {
    for (i, body) in bodies.enumerated() { best[i] = min(best[i], time(body, repetitions[i])) }
  }
  return best
}

/// Seconds that one run of `body` takes.
func seconds(_ body: () throws -> Void) rethrows -> Double {
  let clock = ContinuousClock()
  let began = clock.now
  try body()
  let span = (clock.now - began).components
  return Double(span.seconds) + 1e-18 * Double(span.attoseconds)
}
