import Dynamics

extension TableSample {
  /// The delimiter under which the text from `position` on is a table.
  ///
  /// A single character comes before blanks, numbers in all columns before numbers in some. Without any that fits, it is the
  /// one that the first record has most of, and a comma for a single column: what is wrong is told where it is met.
  ///
  /// Throws `InvalidInput` when several fit equally well. Complexity: O(size of the sample).
  static func delimiter(
    _ text: UnsafeBufferPointer<UInt8>, _ path: String, position: Int, line: Int, _ format: TableFormat
  ) throws(InvalidInput) -> Delimiter {
    // Where decimals follow commas, these separate nothing, unless that is said.
    let candidates = Delimiter.allCases.filter { $0 != .comma || format.decimal != .comma }
    let samples = candidates.map {
      (delimiter: $0, sample: TableSample(CellScanner(text, path, $0, position: position, line: line), format))
    }
    let fits = samples.map { (delimiter: $0.delimiter, fit: $0.sample.fit) }
    let single = fits.filter { $0.delimiter != .blanks }
    let blanks = fits.first { $0.delimiter == .blanks }?.fit ?? .none
    for fit in [Fit.whole, .withRowNames, .partial] {
      if fit == .partial, blanks == .whole { return .blanks }
      let fitting = single.filter { $0.fit == fit }
      if !fitting.isEmpty { return try only(fitting.map(\.delimiter), path) }
    }
    if blanks > .none { return .blanks }
    // A single column, or rows that do not agree.
    let counts = samples.filter { $0.delimiter != .blanks }.map {
      (delimiter: $0.delimiter, count: $0.sample.records.first?.count ?? 0)
    }
    guard let most = counts.max(by: { $0.count < $1.count }), most.count > 1 else {
      return format.decimal == .comma ? .semicolon : .comma
    }
    return most.delimiter
  }

  private static func only(_ delimiters: [Delimiter], _ path: String) throws(InvalidInput) -> Delimiter {
    if delimiters.count == 1 { return delimiters[0] }
    throw InvalidInput(
      path, because: "its cells may be separated by \(delimiters.map(\.plural).joined(separator: " or by "))",
      remedy: "say by which with \(delimiters.map { "\(.delimiter, $0.rawValue)" }.joined(separator: " or "))")
  }
}
