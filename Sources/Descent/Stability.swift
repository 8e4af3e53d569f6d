import Dynamics
import Networks
import Regression

/// Whether the steepest mode is stable under a discrete method at given weights.
public struct Stability: Sendable, Equatable {
  /// What the steepest mode does.
  public enum Regime: String, Sendable, Codable {
    /// It decays without changing sign.
    case monotone
    /// It decays while oscillating.
    case oscillatory
    /// It grows.
    case unstable
  }

  /// The largest eigenvalue h of K = X D Xᵀ/n (per unit of time).
  public let curvature: Double
  /// γh (dimensionless).
  public let gammaH: Double
  /// The largest stable γh.
  public let limit: Double
  /// What follows.
  public let regime: Regime

  /// The report at weights w (2d numbers). Throws `InvalidInput` when they are not finite. Complexity: O(nd·min(n, d)).
  public init(_ problem: RegressionProblem, at w: [Double], _ settings: DescentSettings) throws(InvalidInput) {
    curvature = try Curvature.largest(problem, at: w)
    gammaH = settings.gamma * curvature
    limit = settings.stabilityLimit
    regime = gammaH > limit ? .unstable : (gammaH > settings.oscillationThreshold ? .oscillatory : .monotone)
  }
}
