import Figures
import Foundation

/// A text of an SVG that gnuplot has drawn, with the box that it takes, in pixels.
struct SVGText {
  let text: String
  let box: CGRect

  /// All texts of a file, and the page.
  static func all(_ path: String) throws -> (texts: [SVGText], page: CGRect) {
    let svg = try String(contentsOfFile: path, encoding: .utf8)
    let size = try #/viewBox="0 0 ([0-9.]+) ([0-9.]+)"/#.firstMatch(in: svg)
    let page = CGRect(x: 0, y: 0, width: Double(size?.1 ?? "") ?? 0, height: Double(size?.2 ?? "") ?? 0)
    let pattern =
      #/translate\(([-0-9.]+),([-0-9.]+)\)(?: rotate\(([-0-9.]+)\))?"[^>]*font-size="([0-9.]+)"[^>]*text-anchor="([a-z]+)">\s*<text>(.*?)<\/text>/#
      .dotMatchesNewlines()
    var texts: [SVGText] = []
    for match in svg.matches(of: pattern) {
      let text = String(match.6).replacing(#/<[^>]*>/#, with: "").replacing("&lt;", with: "<").replacing(
        "&gt;", with: ">"
      )
      .replacing("&amp;", with: "&")
      guard !text.trimmingCharacters(in: .whitespaces).isEmpty, let x = Double(match.1), let y = Double(match.2),
        let size = Double(match.4)
      else { continue }
      // What stands higher or lower is narrower; bold is wider.
      let isBold = match.6.contains("bold")
      let smaller = match.6.matches(of: #/font-size="([0-9.]+)"[^>]*>([^<]*)</#).filter {
        Double($0.1) ?? size < 0.9 * size
      }
      let saved = smaller.reduce(0) { $0 + 0.2 * FigureText.width(String($1.2)) }
      let width = (FigureText.width(text) - saved) * size / 8 * (isBold ? 1.12 : 1)
      let left = match.5 == "end" ? -width : match.5 == "middle" ? -width / 2 : 0
      // Letters above the line and below it.
      let (up, down) = (0.72 * size, 0.2 * size)
      let box =
        abs(Double(match.3 ?? "0") ?? 0) > 1
        ? CGRect(x: x - up, y: y - left - width, width: up + down, height: width)
        : CGRect(x: x + left, y: y - up, width: width, height: up + down)
      texts.append(SVGText(text: text, box: box))
    }
    return (texts, page)
  }

  /// What is wrong with them: texts that overlap, or leave the page.
  static func faults(_ path: String) throws -> [String] {
    let (texts, page) = try all(path)
    var faults: [String] = texts.isEmpty ? ["no text at all"] : []
    for (k, text) in texts.enumerated() {
      if !page.insetBy(dx: -0.5, dy: -0.5).contains(text.box) { faults.append("“\(text.text)” leaves the page") }
      for other in texts[..<k] where text.box.insetBy(dx: 0.4, dy: 0.4).intersects(other.box.insetBy(dx: 0.4, dy: 0.4))
      {
        faults.append("“\(text.text)” touches “\(other.text)”")
      }
    }
    return faults
  }
}
