import Dynamics

/// How far labelled samples are on their side of θ.
public struct Margins: Sendable, Equatable {
  /// min_q y_q x_qᵀθ.
  public let least: Double
  /// The same divided by ‖θ‖₁ and by ‖θ‖₂; not numbers at θ = 0.
  public let l1, l2: Double
  /// ‖θ‖₁ and ‖θ‖₂.
  public let norms: (l1: Double, l2: Double)

  /// Those of θ.
  public init(_ least: Double, _ theta: [Double]) {
    self.least = least
    // Scaled by the largest entry, so that squares neither vanish nor overflow.
    let largest = theta.maximumMagnitude
    let square = theta.reduce(0) { $0 + ($1 / largest) * ($1 / largest) }
    norms = largest > 0 ? (theta.reduce(0) { $0 + abs($1) }, largest * square.squareRoot()) : (0, 0)
    l1 = least / norms.l1
    l2 = least / norms.l2
  }

  public static func == (a: Margins, b: Margins) -> Bool { a.least == b.least && a.norms == b.norms }
}

/// θ/‖θ‖₂; all zeros for θ = 0.
package func direction(_ theta: [Double]) -> [Double] {
  let norm = Margins(0, theta).norms.l2
  return norm > 0 ? theta.map { $0 / norm } : theta
}
