import Dynamics
import Networks
import RandomStreams
import RealModule
import Regression

/// The stochastic-differential model of heavy ball with minibatches drawn with replacement: one path of
///
/// dw± = v± dt, μ dv± = −(v± ± g w±) dt ± √(ε/(bn)) w± ⊙ Xᵀ(r ⊙ (dB − mean(dB))),
///
/// B an n-dimensional Brownian motion, so that the noise has the covariance of a batch's gradient,
/// (1/b)[Σ_q r_q² x_q x_qᵀ/n − g gᵀ], once every ε. With μ = λ and a start at rest expectations are those of the iterates
/// up to O(ε), with μ = λ − ε/2 and the start of the corrected flow up to O(ε²).
///
/// Strang's splitting: half a drift of w, v exactly with w held, half a drift; its own weak error is of second order in the
/// step h = ε/m. The random numbers are those of (seed, substream `diffusion`). State: w (2d), v (2d). One pass over X a step.
///
/// Source: Li, Tai, E, ICML 2017 (stochastic modified equations), here in the clock of λ.
public final class StochasticFlow {
  private let network: DiagonalNetwork
  private let d: Int
  private let half: Double
  private let decay: Double
  private let drift: Double
  private let diffusion: Double
  private var weights: [Double]
  private var rates: [Double]
  private var stream: RandomStream
  private var noise: [Double]

  /// A path at its start.
  ///
  /// - Parameters:
  ///   - settings: the discrete method: heavy ball with batches.
  ///   - start: w± and v±; for order 2 with the corrected flow's velocities.
  ///   - order: 1 or 2.
  ///   - substeps: the number m of steps in ε.
  /// Throws `InvalidInput` for other settings, or a start that does not fit.
  public init(
    _ network: DiagonalNetwork, _ settings: DescentSettings, from start: Initialization, order: Int, substeps: Int,
    seed: UInt64
  ) throws(InvalidInput) {
    guard let batches = settings.batches, batches.replacement, settings.method == .heavyBall else {
      throw InvalidInput(
        "stochastic flow", because: "it models heavy ball with minibatches drawn with replacement",
        remedy: "give a batch size, and \(.replacement)")
    }
    guard order == 1 || order == 2 else {
      throw InvalidInput("order \(order)", because: "stochastic flows are of order 1 or 2")
    }
    guard start.weights.count == network.dimension, substeps > 0 else {
      throw InvalidInput("initialisation", because: "it does not have the \(network.featureCount) features' length")
    }
    self.network = network
    d = network.featureCount
    let inertia = order == 1 ? settings.lambda : settings.lambda - 0.5 * settings.step
    let h = settings.step / Double(substeps)
    half = 0.5 * h
    decay = .exp(-h / inertia)
    let n = Double(network.sampleCount)
    drift = -Double.expMinusOne(-h / inertia) / n
    // The velocity that the noise of √ε/μ a unit of time adds up to in h, while it decays.
    let growth = -0.5 * inertia * Double.expMinusOne(-2 * h / inertia)
    diffusion = (settings.step * growth / (Double(batches.size) * n)).squareRoot() / inertia
    weights = start.weights
    rates = start.rates
    stream = RandomStream(seed: seed, substream: Substream.diffusion)
    noise = [Double](repeating: 0, count: network.sampleCount)
  }

  /// w±, 2d numbers.
  public var weightArray: [Double] { weights }

  /// `count` steps of length ε/m.
  public func advance(_ count: Int) {
    for _ in 0..<count {
      drift(half)
      var mean = 0.0
      for q in noise.indices {
        noise[q] = stream.normal()
        mean += noise[q]
      }
      mean /= Double(noise.count)
      weights.withUnsafeBufferPointer { w in
        guard let base = w.baseAddress else { return }
        network.pull(base) { $1 * (drift + diffusion * (noise[$0] - mean)) }
        let g = network.lossGradient
        for i in 0..<d {
          rates[i] = decay * rates[i] - g[i] * w[i]
          rates[d + i] = decay * rates[d + i] + g[i] * w[d + i]
        }
      }
      drift(half)
    }
  }

  private func drift(_ time: Double) {
    for j in weights.indices { weights[j] += time * rates[j] }
  }
}
