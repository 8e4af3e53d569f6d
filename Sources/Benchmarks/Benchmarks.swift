import Dynamics
import Experiments

/// Prints time and gradient passes against error for every stepper, and the gradient kernel against two OpenBLAS calls;
/// writes the former as CSV. All rivals run in this process, one after the other, on one thread.
@main
struct Benchmarks {
  static func main() throws {
    prepareLibraries()
    let output = CommandLine.arguments.dropFirst().first
    print("Gradient in one pass over X against two OpenBLAS dgemv (one thread)")
    print("      n      d   one pass µs  GFLOP/s   two dgemv µs  GFLOP/s   ratio")
    for (n, d) in [(20, 30), (100, 1000), (128, 2000), (200, 4000), (1000, 20000)] {
      print(try KernelBenchmark.row(n, d))
    }
    print("\nMomentum gradient flow to t = 100 on data/reference, error against 113-bit tables")
    print(
      "case            λ     stepper  rtol      error      passes     ms")
    var lines = ["case,lambda,stepper,rtol,error,passes,milliseconds"]
    for row in try StepperBenchmark.rows() {
      print(row.text)
      lines.append(row.csv)
    }
    if let output {
      try StepperBenchmark.write(lines, to: output)
      print("\nwritten: \(output)")
    }
  }
}

/// Seconds that `body` takes at best over several rounds, each long enough to be measured.
func bestSeconds(_ body: () -> Void) -> Double {
  let clock = ContinuousClock()
  func time(_ repetitions: Int) -> Double {
    let began = clock.now
    for _ in 0..<repetitions { body() }
    let span = (clock.now - began).components
    return (Double(span.seconds) + 1e-18 * Double(span.attoseconds)) / Double(repetitions)
  }
  let once = time(1)
  let repetitions = max(1, min(1_000_000, Int(0.02 / max(once, 1e-8))))
  var best = Double.infinity
  for _ in 0..<5 { best = min(best, time(repetitions)) }
  return best
}

/// `text` padded on the left to `width`.
func right(_ text: String, _ width: Int) -> String {
  String(repeating: " ", count: max(0, width - text.count)) + text
}

/// `text` padded on the right to `width`.
func left(_ text: String, _ width: Int) -> String {
  text + String(repeating: " ", count: max(0, width - text.count))
}
