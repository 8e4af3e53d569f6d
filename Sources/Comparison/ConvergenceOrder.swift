import RealModule

/// The exponent p of error ≈ C·stepᵖ, by least squares in log–log.
///
/// Points whose error is zero or not finite are left out; nil with fewer than two distinct steps. Complexity: O(points).
public func convergenceOrder(steps: [Double], errors: [Double]) -> Double? {
  let points = zip(steps, errors).filter { $0 > 0 && $1 > 0 && $0.isFinite && $1.isFinite }
    .map { (x: Double.log($0), y: Double.log($1)) }
  guard points.count >= 2 else { return nil }
  let n = Double(points.count)
  let (meanX, meanY) = (points.reduce(0) { $0 + $1.x } / n, points.reduce(0) { $0 + $1.y } / n)
  let square = points.reduce(0) { $0 + ($1.x - meanX) * ($1.x - meanX) }
  guard square > 0 else { return nil }
  return points.reduce(0) { $0 + ($1.x - meanX) * ($1.y - meanY) } / square
}
