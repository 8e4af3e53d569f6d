import Files

extension Figure {
  /// The header of its data.
  public static let columns = ["panel", "curve", "repetition", "x", "y", "low", "high"]

  /// Writes every point that is drawn to a file of comma-separated values: panel and curve by name, the repetition of thin lines
  /// (empty for the curve itself), the point, and the quartiles of a band. A map has its label as curve, and its values as `high`
  /// of points x, y. Throws `ExportError`.
  public func writeData(to path: String) throws(ExportError) {
    try CSVFile.write(path, header: Self.columns) { put in
      func number(_ value: Double?) -> String { value.map { $0.isNaN ? "" : $0.description } ?? "" }
      for (index, panel) in panels.enumerated() {
        let name = FigureText.plain(panel.title.isEmpty ? "\(index + 1)" : panel.title)
        if let map = panel.map {
          for (y, row) in zip(map.y, map.values) {
            for (x, value) in zip(map.x, row) {
              put([name, FigureText.plain(map.label), "", number(x), number(y), "", number(value)])
            }
          }
        }
        for (k, series) in panel.series.enumerated() {
          let curve = series.name.isEmpty ? "\(k + 1)" : FigureText.plain(series.name)
          for (i, (x, y)) in zip(series.x, series.y).enumerated() {
            put([name, curve, "", number(x), number(y), number(series.low?[i]), number(series.high?[i])])
          }
          for (r, strand) in series.strands.enumerated() {
            for (x, y) in zip(strand.x, strand.y) { put([name, curve, "\(r + 1)", number(x), number(y), "", ""]) }
          }
        }
        for mark in panel.marks {
          put([
            name, FigureText.plain(mark.name), "", mark.axis == .x ? number(mark.value) : "",
            mark.axis == .y ? number(mark.value) : "", "", "",
          ])
        }
      }
    }
  }
}
