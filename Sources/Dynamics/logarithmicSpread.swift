import RealModule

/// The indices of `count` of the increasing `times` that lie nearest to values spread evenly in ln(1 + t − t₀); the first
/// and the last always among them. All indices when there are no more than `count`. Complexity: O(times).
public func logarithmicSpread(of times: [Double], count: Int) -> [Int] {
  guard times.count > count, count >= 2, let first = times.first, let last = times.last else {
    return Array(times.indices)
  }
  func place(_ index: Int) -> Double { Double.log(onePlus: times[index] - first) }
  let scale = Double.log(onePlus: last - first)
  var kept: [Int] = []
  var next = 0
  for j in 0..<count - 1 {
    let target = Double(j) / Double(count - 1) * scale
    // No more may be skipped than leaves enough for the targets to come.
    let latest = times.count - (count - j)
    while next < latest, abs(place(next + 1) - target) <= abs(place(next) - target) { next += 1 }
    kept.append(next)
    next += 1
  }
  return kept + [times.count - 1]
}
