import Dynamics
import Files

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension Figure {
  /// Finds out, before any work, whether figures can be drawn at all. Throws `ExportError` when gnuplot is missing.
  public static func requireRenderer(for path: String) throws(ExportError) {
    guard system("command -v gnuplot >/dev/null 2>&1") == 0 else {
      throw ExportError(.unusable, path, "gnuplot is not installed; on Debian: apt-get install gnuplot-nox")
    }
  }

  /// Draws the figure to `path` (SVG, PNG or PDF by its ending) through a temporary name.
  ///
  /// Throws `ExportError` when gnuplot is missing or fails.
  public func write(to path: String, style: FigureStyle = .standard) throws(ExportError) {
    try Self.requireRenderer(for: path)
    try OutputFile.write(path) { temporary throws(ExportError) in
      guard let pipe = popen("gnuplot >/dev/null 2>&1", "w") else {
        throw ExportError(.failed, path, "gnuplot cannot be started: \(String(cString: strerror(errno)))")
      }
      var text = script(to: temporary, style: style)
      let complete = text.withUTF8 { fwrite($0.baseAddress, 1, $0.count, pipe) == $0.count }
      let status = pclose(pipe)
      guard complete, status == 0 else {
        throw ExportError(.failed, path, "gnuplot could not draw it (status \(status)); is the disk full?")
      }
      if path.hasSuffix(".svg") { try describe(temporary) }
    }
  }

  /// Gives a file of gnuplot's a title and a description for those who cannot see it, and fonts that are as wide elsewhere.
  private func describe(_ path: String) throws(ExportError) {
    guard let file = fopen(path, "r") else { throw ExportError(.failed, path, "nothing was drawn") }
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = fread(&part, 1, part.count, file), count > 0 { bytes += part[..<count] }
    fclose(file)
    var text = String(decoding: bytes, as: UTF8.self)
    if let start = text.firstRange(of: "<title>"), let end = text.firstRange(of: "</desc>") {
      text.replaceSubrange(
        start.lowerBound..<end.upperBound,
        with: "<title>\(Self.escaped(FigureText.plain(title)))</title>\n<desc>\(Self.escaped(alternative))</desc>")
    }
    if let start = text.firstRange(of: "<svg") {
      text.replaceSubrange(start, with: "<svg role=\"img\"")
    }
    text = text.replacing("font-family=\"DejaVu Sans\"", with: "font-family=\"DejaVu Sans, Verdana, sans-serif\"")
    let writer = try FileWriter(path)
    writer.put(text)
    try writer.close()
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
  }

  /// What it shows, in words.
  public var alternative: String {
    panels.map { panel in
      var words = panel.title.isEmpty ? "" : "\(panel.title): "
      words +=
        panel.map.map { "\($0.label) as colours over \(panel.xLabel) and \(panel.yLabel)" }
        ?? "\(panel.yLabel) against \(panel.xLabel)"
      let logarithmic = [(panel.xLogarithmic, "x"), (panel.yLogarithmic, "y")].filter(\.0).map(\.1)
      if !logarithmic.isEmpty {
        words += ", \(logarithmic.joined(separator: " and ")) logarithmic"
      }
      let curves = panel.series.filter { !$0.name.isEmpty }.map { series in
        let shown = zip(series.x, series.y).filter { panel.shows($0, $1) }
        guard let first = shown.first, let last = shown.last, series.style != .theory else { return series.name }
        return "\(series.name), from \(Self.words(first.1)) to \(Self.words(last.1))"
      }
      if !curves.isEmpty { words += ". Curves: " + curves.joined(separator: "; ") }
      let marks = panel.marks.filter { !$0.name.isEmpty }.map { "\($0.name) at \(Self.words($0.value))" }
      if !marks.isEmpty { words += ". Marked: " + marks.joined(separator: ", ") }
      return FigureText.plain(words) + "."
    }.joined(separator: " ")
  }

  private static func words(_ value: Double) -> String {
    FigureAxis.plain(value == 0 ? 0 : rounded(value)).replacing("·10^{", with: "e").replacing("10^{", with: "1e")
      .replacing("}", with: "").replacing("−", with: "-")
  }

  private static func rounded(_ value: Double) -> Double {
    let scale = pow(10, 2 - log10(abs(value)).rounded(.down))
    return scale.isFinite && scale > 0 ? (value * scale).rounded() / scale : value
  }
}
