import Descent
import Dispatch
import Dynamics
import Networks
import RandomStreams
import Regression

/// Expectations over many paths: of minibatch descent, and of its stochastic flow at the same time.
///
/// The observables are θ (d), D = w₊w₋ (d) and the loss. Paths differ in their seeds only and are summed in blocks of fixed
/// size, so that the number of threads does not show.
public struct WeakComparison: Sendable {
  /// Means over the paths, and the standard errors of these means.
  public struct Expectation: Sendable {
    /// 2d + 1 numbers each: θ, D, loss.
    public let mean: [Double]
    public let standardError: [Double]
    /// Whether some path left the finite numbers; the means are then not numbers.
    public var hasDiverged: Bool { !mean.allSatisfy(\.isFinite) }
  }

  /// The iterates'.
  public let iterates: Expectation
  /// The stochastic flow's.
  public let flow: Expectation

  private static let blockSize = 64

  /// Runs `paths` paths of `iterations` iterations of both.
  ///
  /// - Parameters:
  ///   - settings: heavy ball with minibatches drawn with replacement.
  ///   - start: the iterates' start.
  ///   - flowStart: the flow's, with the velocities of its order.
  ///   - order, substeps: as for `StochasticFlow`.
  ///   - isInterrupted: asked now and then; returns nil then.
  /// Throws `InvalidInput` for settings that cannot be used. Complexity: paths · iterations · (1 + substeps) passes.
  public static func run(
    _ problem: RegressionProblem, from start: Initialization, flowStart: Initialization, _ settings: DescentSettings,
    order: Int, substeps: Int, iterations: Int, paths: Int, isInterrupted: @escaping @Sendable () -> Bool = { false }
  ) throws(InvalidInput) -> WeakComparison? {
    // Says now what is wrong with the settings.
    _ = try StochasticFlow(
      DiagonalNetwork(problem), settings, from: flowStart, order: order, substeps: substeps, seed: 0)
    let seed = settings.batches?.seed ?? 0
    let iterates = expectation(problem, paths: paths, isInterrupted) { network, path in
      guard let batches = settings.batches,
        let own = try? DescentSettings.Batches(
          size: batches.size, of: problem.sampleCount, replacement: true, seed: Substream.seed(seed, path: path)),
        let descent = try? Descent(network, settings.with(own), from: start)
      else { return [] }
      for k in 0..<iterations {
        if k & 1023 == 1023, isInterrupted() { return [] }
        descent.advance()
      }
      return descent.weightArray
    }
    guard let iterates else { return nil }
    let flow = expectation(problem, paths: paths, isInterrupted) { network, path in
      guard
        let flow = try? StochasticFlow(
          network, settings, from: flowStart, order: order, substeps: substeps,
          seed: Substream.seed(seed, path: path))
      else { return [] }
      for k in stride(from: 0, to: iterations, by: 1024) {
        if k > 0, isInterrupted() { return [] }
        flow.advance(min(1024, iterations - k) * substeps)
      }
      return flow.weightArray
    }
    return flow.map { WeakComparison(iterates: iterates, flow: $0) }
  }

  private static func expectation(
    _ problem: RegressionProblem, paths: Int, _ isInterrupted: @escaping @Sendable () -> Bool,
    _ end: @Sendable (DiagonalNetwork, Int) -> [Double]
  ) -> Expectation? {
    let count = 2 * problem.featureCount + 1
    let blocks = (paths + blockSize - 1) / blockSize
    var sums = [Double](repeating: 0, count: 2 * count * blocks)
    sums.withUnsafeMutableBufferPointer { buffer in
      nonisolated(unsafe) let buffer = buffer
      DispatchQueue.concurrentPerform(iterations: blocks) { block in
        guard !isInterrupted() else { return }
        let network = DiagonalNetwork(problem)
        let first = 2 * count * block
        for path in block * blockSize..<min(paths, (block + 1) * blockSize) {
          let w = end(network, path)
          guard !w.isEmpty else { return }
          for (k, value) in observables(w, network).enumerated() {
            buffer[first + k] += value
            buffer[first + count + k] += value * value
          }
        }
      }
    }
    guard !isInterrupted() else { return nil }
    func total(_ k: Int) -> Double { (0..<blocks).reduce(0) { $0 + sums[2 * count * $1 + k] } }
    let n = Double(paths)
    let mean = (0..<count).map { total($0) / n }
    let errors = (0..<count).map { k in
      (max(0, total(count + k) / n - mean[k] * mean[k]) / max(n - 1, 1)).squareRoot()
    }
    return Expectation(mean: mean, standardError: errors)
  }

  /// θ, D and the loss at w, 2d + 1 numbers.
  public static func observables(_ w: [Double], _ network: DiagonalNetwork) -> [Double] {
    NetworkQuantities.theta(w) + NetworkQuantities.signedBalancedness(w) + [network.value(w)]
  }
}
