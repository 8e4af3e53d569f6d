/// What the best λ gains over the smallest, among runs that differ in λ and seed.
///
/// The best has the largest median over seeds of (the outcome at the smallest λ)/(the outcome): one λ for all seeds, so that
/// luck does not choose it.
struct Gain {
  /// The gain.
  private(set) var ratio = Quartiles([])
  /// The best λ; not-a-number when no run came to its limit.
  private(set) var lambda = Double.nan
  /// The gain of each seed.
  private(set) var ratios: [Double: Double] = [:]

  /// The gain in `outcome` over the rows `members` of a table.
  init(_ table: ResultTable, _ members: [Int], in outcome: String = "test_error") {
    let groups = table.split(members, by: "lambda")
    var plain: [Double: Double] = [:]
    for row in groups.first?.rows ?? [] { plain[table["seed", row]] = table[outcome, row] }
    for (lambda, rows) in groups {
      var ratios: [Double: Double] = [:]
      for row in rows {
        let (seed, value) = (table["seed", row], table[outcome, row])
        // A run that did not come to its limit gains nothing.
        ratios[seed] = value.isFinite ? (plain[seed] ?? .nan) / value : 0
      }
      let gain = Quartiles(Array(ratios.values))
      if !(gain.median <= ratio.median) { (ratio, self.lambda, self.ratios) = (gain, lambda, ratios) }
    }
  }
}
