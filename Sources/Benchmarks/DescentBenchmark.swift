import Descent
import Dispatch
import Dynamics
import Experiments
import LinearAlgebra
import Networks
import Regression

/// Heavy ball, one trajectory and batches of (γ, β) pairs, on one core and on all; the rivals are in
/// `notebooks/descent_rivals.py`. Flops: 4nd an iteration and trajectory. OpenBLAS' dgemm is measured in the same run.
enum DescentBenchmark {
  static let header = ["case", "workers", "runs", "n", "d", "ns_per_iteration", "gflops", "dgemm_gflops"]

  static func rows() throws -> [[String]] {
    Parallelism.confineToOneThread()
    defer { Parallelism.confineToOneThread(false) }
    var rows: [[String]] = []
    for (n, d, side) in [(20, 30, 32), (100, 1000, 16)] {
      let problem = try SyntheticProblem(samples: n, features: d, nonzeros: 3, seed: 1).problem()
      let start = try Initialization(alpha: 0.1, features: d)
      let dgemm = matrixProductRate()
      func row(_ name: String, _ workers: Int, _ runs: Int, _ seconds: Double) {
        rows.append([
          name, "\(workers)", "\(runs)", "\(n)", "\(d)", short(seconds * 1e9),
          short(4 * Double(n * d) / seconds / 1e9, digits: 3), short(dgemm, digits: 3),
        ])
      }
      let iterations = max(256, 20_000_000 / (n * d))
      let one = try DescentSettings(gamma: 1e-3, beta: 0.9)
      let descent = try Descent(DiagonalNetwork(problem), one, from: start)
      row("one", 1, 1, race([{ advance(descent, by: iterations) }])[0] / Double(iterations))

      let settings = try (0..<side * side).map {
        let (i, j) = (Double($0 / side) / Double(side - 1), Double($0 % side) / Double(side - 1))
        return try DescentSettings(gamma: 1e-4 * (1 + 9 * i), beta: 0.9 * j)
      }
      let length = max(256, 4_000_000 / (n * d))
      for workers in [1, 2] {
        let tiles = BatchTiles(problem)
        let seconds = race(
          [
            {
              DispatchQueue.concurrentPerform(iterations: workers) { worker in
                let batch = DescentBatch<Int>(tiles, .heavyBall)
                var index = worker
                batch.run(
                  .every(length),
                  next: {
                    guard index < settings.count else { return nil }
                    defer { index += workers }
                    return DescentBatch<Int>.Job(index, settings: settings[index], start: start, maximum: length)
                  }, judge: { _ in nil }, finished: { _, _ in })
              }
            }
          ], rounds: 5)[0]
        row("map", workers, settings.count, seconds / Double(settings.count * length))
      }
    }
    return rows
  }

  /// `count` iterations, which may come in parts.
  private static func advance(_ descent: Descent, by count: Int) {
    let end = descent.iteration + count
    while descent.iteration < end { descent.advance(atMost: end - descent.iteration) }
  }

  /// GFLOP/s of a square dgemm.
  private static func matrixProductRate() -> Double {
    let n = 1024
    let (a, b) = ([Double](repeating: 1.5, count: n * n), [Double](repeating: 0.5, count: n * n))
    var c = [Double](repeating: 0, count: n * n)
    let seconds = race([{ Dense.multiply(a, b, n, n, n, into: &c) }])[0]
    return 2 * Double(n * n) * Double(n) / seconds / 1e9
  }
}
