import Experiments

/// Median and quartiles of those numbers that are finite; not-a-number when there are none.
struct Quartiles {
  let (low, median, high): (Double, Double, Double)
  /// The numbers themselves.
  let values: [Double]

  init(_ values: [Double]) {
    self.values = values
    let sorted = values.filter(\.isFinite).sorted()
    func quantile(_ share: Double) -> Double {
      guard let last = sorted.last else { return .nan }
      let place = share * Double(sorted.count - 1)
      let index = Int(place)
      guard index + 1 < sorted.count else { return last }
      return sorted[index] + (place - Double(index)) * (sorted[index + 1] - sorted[index])
    }
    (low, median, high) = (quantile(0.25), quantile(0.5), quantile(0.75))
  }
}

extension JSONObject {
  /// Median and quartiles under `name`_median, _q1 and _q3.
  mutating func set(_ values: Quartiles, _ name: String) {
    for (ending, value) in [("median", values.median), ("q1", values.low), ("q3", values.high)] {
      set("\(name)_\(ending)", value, otherwise: "no run has a finite value")
    }
  }
}
