import Dynamics
import Figures

extension Figure.Series {
  /// Lines of equal λ = γ/(1−β)² over logarithmic axes of γ and 1 − β, cut to where the points are; none where there is no room.
  package static func equalLambda(_ points: [(gamma: Double, rest: Double)]) -> [Figure.Series] {
    let (gammas, rests) = (points.map(\.gamma), points.map(\.rest))
    guard let g0 = gammas.min(), let g1 = gammas.max(), let r0 = rests.min(), let r1 = rests.max(), g0 > 0, r0 > 0
    else {
      return []
    }
    let levels = [1e-4, 1e-3, 1e-2, 0.1, 1, 10, 100, 1e3, 1e4].filter { $0 > g0 / (r1 * r1) && $0 < g1 / (r0 * r0) }
    let pieces = levels.flatMap { level in
      let (from, to) = (max(g0, level * r0 * r0), min(g1, level * r1 * r1))
      return [(from, (from / level).squareRoot()), (to, (to / level).squareRoot()), (Double.nan, Double.nan)]
    }
    guard !pieces.isEmpty else { return [] }
    return [
      Figure.Series(
        "equal λ: " + levels.map { short($0) }.joined(separator: ", "), x: pieces.map(\.0), y: pieces.map(\.1),
        style: .theory)
    ]
  }
}
