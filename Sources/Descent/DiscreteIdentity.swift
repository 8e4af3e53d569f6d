import Dynamics
import RealModule

/// The exact identity of discrete runs, minibatches included: with ϱ(z) = z − ln|1 + z| and, coordinate by coordinate,
/// S± = Σ_k [ϱ(w_{k+1}/w_k − 1) + βϱ(w_{k−1}/w_k − 1)] (Nesterov: Σ_k [ϱ(∓γg) + ϱ(−βy) + βϱ(y)], y = w_{k−1}/w_k − 1),
///
/// ln(Δ_K/Δ₀) − β ln(Δ_{K−1}/Δ_{−1}) = −(S₊ + S₋) at every K, so that Δ∞ = Δ₀ exp(−(S₊ + S₋)/(1−β)) from a start at rest.
///
/// The sums are compensated: naive ones lose to 1e-10. It holds through sign changes, S± being negative then.
/// Source: Theory, eqs. 7.1 and 7.2; the form for finite K follows by summing before the limit is taken.
public struct DiscreteIdentity {
  /// S₊ then S₋, 2d numbers.
  public private(set) var sums: [Double]
  private var carry: [Double]
  private var weights: [Double]
  private var increments: [Double]
  /// w_{−1} and w₀.
  private let (before, start): ([Double], [Double])
  private let settings: DescentSettings

  /// The identity of a run that stands at its start.
  public init(_ descent: Descent) {
    weights = descent.weightArray
    increments = descent.incrementArray
    settings = descent.settings
    start = weights
    before = zip(weights, increments).map { $0 - $1 }
    sums = [Double](repeating: 0, count: weights.count)
    carry = sums
  }

  /// Takes the iterate that follows the last one taken.
  public mutating func observe(_ descent: Descent) {
    let beta = settings.beta
    for i in weights.indices {
      let (w, next, last) = (weights[i], descent.increment(i), increments[i])
      // A weight that is zero stays zero.
      guard w != 0 else { continue }
      let y = -last / w
      let term: Double
      switch settings.method {
      case .heavyBall: term = Self.rho(next / w) + beta * Self.rho(y)
      case .nesterov:
        term = Self.rho((next - beta * last) / (w + beta * last)) + Self.rho(-beta * y) + beta * Self.rho(y)
      }
      let increment = term + carry[i]
      let sum = sums[i] + increment
      carry[i] = increment - (sum - sums[i])
      sums[i] = sum
      weights[i] = descent.weight(i)
      increments[i] = next
    }
  }

  /// z − ln|1 + z|, without cancellation near zero.
  static func rho(_ z: Double) -> Double {
    if abs(z) < 0.02 {
      // z²/2 − z³/3 + … to z¹¹: the next term is below 1e-17 of the first.
      var (series, power) = (0.0, 1.0)
      for k in 2...11 {
        series += (k % 2 == 0 ? 1 : -1) * power / Double(k)
        power *= z
      }
      return z * z * series
    }
    return z > -0.5 ? z - Double.log(onePlus: z) : z - Double.log(abs(1 + z))
  }

  /// The defect of the identity at the last iterate taken: its largest absolute value over the features, which is the
  /// relative error of Δ_K that it tells.
  public var defect: Double {
    let d = weights.count / 2
    let previous = zip(weights, increments).map { $0 - $1 }
    return (0..<d).reduce(0) { worst, i in
      let (now, ago) = (logs(i, weights, start), logs(i, previous, before))
      return largerOrNaN(worst, abs(now - settings.beta * ago + (sums[i] + sums[d + i])))
    }
  }

  /// ln|w₊w₋| against that of another iterate.
  private func logs(_ i: Int, _ w: [Double], _ other: [Double]) -> Double {
    let d = w.count / 2
    return Double.log(abs(w[i] / other[i])) + Double.log(abs(w[d + i] / other[d + i]))
  }

  /// exp(−(S₊ + S₋)/(1−β)), d numbers: Δ∞/Δ₀ once the iterates rest, from a start at rest.
  public var balancednessRatio: [Double] {
    let d = weights.count / 2
    return (0..<d).map { Double.exp(-(sums[$0] + sums[d + $0]) / (1 - settings.beta)) }
  }
}
