import Dynamics

/// Seconds that each of `bodies` takes at best: they alternate, so that what else the machine does meets all of them.
func race(_ bodies: [() -> Void], rounds: Int = 9) -> [Double] {
  func time(_ body: () -> Void, _ repetitions: Int) -> Double {
    seconds { for _ in 0..<repetitions { body() } } / Double(repetitions)
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
func seconds(_ body: () throws -> Void) rethrows -> Double { try ContinuousClock().measure(body).inSeconds }
