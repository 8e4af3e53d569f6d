import CKernels
import LinearAlgebra
import Regression

/// A design matrix and targets cut into tiles, as the kernels for eight trajectories side by side read them; never changed
/// once made. Complexity: O(nd) memory, twice that of X.
package final class BatchTiles: @unchecked Sendable {
  let rows: AlignedMemory
  let columns: AlignedMemory
  let response: AlignedMemory
  /// n and d rounded up to whole tiles.
  let paddedSamples: Int
  let paddedFeatures: Int
  package let problem: RegressionProblem

  package init(_ problem: RegressionProblem) {
    self.problem = problem
    let x = problem.design.packed
    let tile = mgf_batch_tile()
    let (n, d) = (x.rows, x.columns)
    let (samples, features) = ((n + tile - 1) / tile * tile, (d + tile - 1) / tile * tile)
    (paddedSamples, paddedFeatures) = (samples, features)
    rows = AlignedMemory(count: samples * features)
    columns = AlignedMemory(count: samples * features)
    response = AlignedMemory(count: samples)
    for q in 0..<n {
      response.base[q] = problem.response[q]
      for i in 0..<d {
        let value = x.base[q * x.stride + i]
        rows.base[(q / tile * features + i) * tile + q % tile] = value
        columns.base[(i / tile * samples + q) * tile + i % tile] = value
      }
    }
  }
}

/// Eight trajectories of a discrete method side by side, each with γ, β and ε of its own: what a vector's lanes are for.
/// A lane's numbers never depend on the other lanes.
package final class NetworkBatch {
  package static let laneCount = 8

  /// What `look` finds for a lane.
  package struct View {
    package let loss: Double
    package let residualMax: Double
    /// Σ (w_k − w_{k−1})² over 2d coordinates.
    package let incrementSquares: Double
    /// max |w|.
    package let largestWeight: Double
  }

  private let tiles: BatchTiles
  private let (n, d): (Int, Int)
  private let state: AlignedMemory
  private let theta: AlignedMemory
  private let residual: AlignedMemory
  private let settings: AlignedMemory
  private let sums = AlignedMemory(count: 32)
  private static let parts = Int(MGF_BATCH_PARTS)

  package init(_ tiles: BatchTiles) {
    self.tiles = tiles
    (n, d) = (tiles.problem.sampleCount, tiles.problem.featureCount)
    state = AlignedMemory(count: tiles.paddedFeatures * Self.parts * 8)
    theta = AlignedMemory(count: tiles.paddedFeatures * 8)
    residual = AlignedMemory(count: tiles.paddedSamples * 8)
    settings = AlignedMemory(count: 24)
  }

  private func place(_ i: Int, _ part: Int, _ lane: Int) -> Int { (i * Self.parts + part) * 8 + lane }

  /// Begins a trajectory: weights and increments are 2d numbers each.
  package func load(
    _ lane: Int, weights: [Double], increments: [Double], gamma: Double, beta: Double, step: Double
  ) {
    let base = state.base
    for i in 0..<d {
      base[place(i, 0, lane)] = weights[i]
      base[place(i, 1, lane)] = weights[d + i]
      base[place(i, 2, lane)] = increments[i]
      base[place(i, 3, lane)] = increments[d + i]
      for part in 4..<Self.parts { base[place(i, part, lane)] = 0 }
    }
    // A run that overflowed has left its mark on the padding, too.
    for i in d..<tiles.paddedFeatures {
      for part in 0..<Self.parts { base[place(i, part, lane)] = 0 }
    }
    settings.base[lane] = gamma / Double(n)
    settings.base[8 + lane] = beta
    settings.base[16 + lane] = step / Double(n)
  }

  /// Leaves a lane without a trajectory.
  package func clear(_ lane: Int) {
    let zero = [Double](repeating: 0, count: 2 * d)
    load(lane, weights: zero, increments: zero, gamma: 0, beta: 0, step: 0)
  }

  /// w_k of a lane: w₊ then w₋, 2d numbers.
  package func weights(_ lane: Int) -> [Double] { numbers(lane, 0) + numbers(lane, 1) }
  /// w_k − w_{k−1} of a lane, 2d numbers.
  package func increments(_ lane: Int) -> [Double] { numbers(lane, 2) + numbers(lane, 3) }
  /// ε Σ g of a lane, d numbers.
  package func gradientIntegral(_ lane: Int) -> [Double] { numbers(lane, 6) }

  private func numbers(_ lane: Int, _ part: Int) -> [Double] { (0..<d).map { state.base[place($0, part, lane)] } }

  /// All lanes by `iterations`. `shares`, if given, are factors of the residuals, 8 for each sample (minibatches); then one
  /// iteration is done.
  package func advance(_ iterations: Int, nesterov: Bool, shares: UnsafePointer<Double>? = nil) {
    mgf_batch(
      tiles.rows.base, tiles.columns.base, tiles.response.base, shares, tiles.paddedSamples, tiles.paddedFeatures,
      settings.base, nesterov ? 1 : 0, shares == nil ? iterations : 1, state.base, theta.base, residual.base)
  }

  /// Computes loss, residual and sizes of all lanes where they stand. Half a pass.
  package func look() {
    mgf_batch_look(
      tiles.rows.base, tiles.response.base, tiles.paddedSamples, tiles.paddedFeatures, state.base, theta.base,
      residual.base, sums.base)
  }

  /// What the last `look` found.
  package func view(_ lane: Int) -> View {
    View(
      loss: sums.base[lane] / (2 * Double(n)), residualMax: sums.base[8 + lane], incrementSquares: sums.base[16 + lane],
      largestWeight: sums.base[24 + lane])
  }

  /// Memory for `shares`: 8 for each sample.
  package func makeShares() -> AlignedMemory { AlignedMemory(count: tiles.paddedSamples * 8) }
}
