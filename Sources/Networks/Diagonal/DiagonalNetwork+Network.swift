import Dynamics
import LinearAlgebra

extension DiagonalNetwork: Network {
  public var model: NetworkModel { .standard }
  public var hasDenseStages: Bool { false }

  /// D + λḊ, D = w₊⊙w₋.
  public func balance(_ w: [Double], _ rate: [Double], lambda: Double) -> [Double] {
    NetworkQuantities.extendedBalancedness(w, rate, lambda: lambda)
  }

  /// |w₊⊙w₋|.
  public func balanceScale(_ w: [Double]) -> [Double] { NetworkQuantities.balancedness(w) }

  public var lastLook: Look { Look(loss: lossOfResidual, residualMax: residualMax, leastMargin: nil) }

  public func gradient(
    _ w: UnsafePointer<Double>, rows: UnsafeBufferPointer<Int>, into f: UnsafeMutablePointer<Double>
  ) {
    evaluate(w, rows: rows)
    writeField(w, into: f)
  }

  public func makeDescentState() -> DescentState {
    DescentState(blocks: 2, width: AlignedMemory.padded(featureCount), samples: sampleCount)
  }
}
