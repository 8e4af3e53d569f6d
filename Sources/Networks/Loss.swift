import Dynamics
import RealModule

/// How predictions zq = x_qᵀθ are judged: L(θ) = (1/n) Σ ℓ(zq, yq).
public enum Loss: String, Sendable, Codable, CaseIterable {
  /// ℓ = (z − y)²/2.
  case square
  /// ℓ = ln(1 + e^{−yz}), y = ±1.
  case logistic
  /// ℓ = e^{−yz}, y = ±1.
  case exponential

  /// Whether targets are labels ±1 and losses have exponential tails: on separable data θ grows like ln t.
  public var isClassification: Bool { self != .square }

  /// ℓ(z, y), without overflow where it is representable.
  public func value(_ z: Double, _ y: Double) -> Double {
    switch self {
    case .square: 0.5 * (z - y) * (z - y)
    case .logistic: max(-y * z, 0) + Double.log(onePlus: Double.exp(-abs(z)))
    case .exponential: Double.exp(-y * z)
    }
  }

  /// ∂ℓ/∂z: z − y, −y σ(−yz), −y e^{−yz}.
  public func slope(_ z: Double, _ y: Double) -> Double {
    switch self {
    case .square: z - y
    case .logistic: -y * Self.sigmoid(-y * z)
    case .exponential: -y * Double.exp(-y * z)
    }
  }

  /// ∂²ℓ/∂z².
  public func curvature(_ z: Double, _ y: Double) -> Double {
    switch self {
    case .square: 1
    case .logistic: Self.sigmoid(z) * Self.sigmoid(-z)
    case .exponential: Double.exp(-y * z)
    }
  }

  /// σ(x) = 1/(1 + e^{−x}) with full relative accuracy on both sides.
  static func sigmoid(_ x: Double) -> Double {
    if x >= 0 { return 1 / (1 + Double.exp(-x)) }
    let e = Double.exp(x)
    return e / (1 + e)
  }

  /// Order k of the Taylor series of the slopes of n samples, given those of z up to order k and what it wrote before.
  ///
  /// With m = yz and p = σ(−m), ṗ = −p(1 − p)ṁ; for the exponential loss p = e^{−m}, ṗ = −pṁ; the slope is −yp. 1 − p is kept
  /// beside p at order 0, so that neither loses digits where it is small. Tables are order by order, n numbers each.
  /// Complexity: O(kn).
  func extendSlopes(
    _ k: Int, _ z: UnsafePointer<Double>, labels y: UnsafePointer<Double>, count n: Int,
    weights p: UnsafeMutablePointer<Double>, products: UnsafeMutablePointer<Double>,
    into slopes: UnsafeMutablePointer<Double>
  ) {
    let (zk, pk, ak, sk) = (z + k * n, p + k * n, products + k * n, slopes + k * n)
    if self == .square {
      for q in 0..<n { sk[q] = k == 0 ? zk[q] - y[q] : zk[q] }
      return
    }
    if k == 0 {
      for q in 0..<n {
        let m = y[q] * zk[q]
        if self == .logistic {
          pk[q] = Self.sigmoid(-m)
          ak[q] = pk[q] * Self.sigmoid(m)
        } else {
          pk[q] = Double.exp(-m)
          ak[q] = pk[q]
        }
      }
    } else {
      for q in 0..<n { pk[q] = 0 }
      for j in 1...k {
        let (zj, a, share) = (z + j * n, products + (k - j) * n, Double(j) / Double(k))
        for q in 0..<n { pk[q] -= share * y[q] * zj[q] * a[q] }
      }
      if self == .logistic {
        // (p(1 − p))_k: the ends of the sum hold 1 − 2p₀, the rest is −Σ pⱼ p_{k−j}.
        for q in 0..<n { ak[q] = pk[q] * Self.tilt(y[q] * z[q]) }
        for j in 1..<max(k, 1) {
          let (a, b) = (p + j * n, p + (k - j) * n)
          for q in 0..<n { ak[q] -= a[q] * b[q] }
        }
      } else {
        for q in 0..<n { ak[q] = pk[q] }
      }
    }
    for q in 0..<n { sk[q] = -y[q] * pk[q] }
  }

  /// 1 − 2σ(−m) = tanh(m/2).
  private static func tilt(_ m: Double) -> Double { Double.tanh(0.5 * m) }
}
