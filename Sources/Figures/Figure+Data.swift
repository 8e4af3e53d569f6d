import Files

extension Figure {
  /// The header of its data.
  public static let columns = ["panel", "curve", "repetition", "x", "y", "low", "high", "value"]

  /// Writes every point that is drawn to a file of comma-separated values: panel and curve by name, the repetition of thin lines
  /// (empty for the curve itself), the point, and the quartiles of a band; for a map its label, the point and the value there.
  /// Throws `ExportError`.
  public func writeData(to path: String) throws(ExportError) {
    try CSVFile.write(path, header: Self.columns) { put in
      func number(_ value: Double?) -> String { value.map { $0.isNaN ? "" : $0.description } ?? "" }
      for (index, panel) in panels.enumerated() {
        let name = FigureText.plain(panel.title.isEmpty ? "\(index + 1)" : panel.title)
        func point(
          _ curve: String, repetition: String = "", _ x: Double?, _ y: Double?, low: Double? = nil,
          high: Double? = nil,
          value: Double? = nil
        ) {
          put([name, FigureText.plain(curve), repetition] + [x, y, low, high, value].map(number))
        }
        if let map = panel.map {
          for (y, row) in zip(map.y, map.values) {
            for (x, value) in zip(map.x, row) { point(map.label, x, y, value: value) }
          }
        }
        for (k, series) in panel.series.enumerated() {
          // Marks on a curve are told by its name.
          let owner = panel.series.first { !$0.name.isEmpty && $0.color != nil && $0.color == series.color }
          let curve =
            !series.name.isEmpty ? series.name : owner.map { "\($0.name), \(series.style)" } ?? "\(k + 1)"
          for (i, (x, y)) in zip(series.x, series.y).enumerated() {
            func beside(_ values: [Double]?) -> Double? { values.flatMap { i < $0.count ? $0[i] : nil } }
            point(curve, x, y, low: beside(series.low), high: beside(series.high))
          }
          for (r, strand) in series.strands.enumerated() {
            for (x, y) in zip(strand.x, strand.y) { point(curve, repetition: "\(r + 1)", x, y) }
          }
        }
        for mark in panel.marks {
          point(mark.name, mark.axis == .x ? mark.value : nil, mark.axis == .y ? mark.value : nil)
        }
      }
    }
  }
}
