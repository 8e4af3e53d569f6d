/// Texts of figures: how wide they are, and how gnuplot takes them.
package enum FigureText {
  /// The size of all texts, and the height of a line, in points.
  static let size = 8.0, line = 10.5

  /// A part of a text: on the line, or smaller and lower or higher.
  private enum Part { case plain(String), lower(String), higher(String) }

  private static func parts(_ text: String) -> [Part] {
    var parts: [Part] = []
    var plain = ""
    var rest = text[...]
    while let first = rest.first {
      if first == "_" || first == "^", rest.dropFirst().first == "{", let end = rest.firstIndex(of: "}") {
        if !plain.isEmpty { parts.append(.plain(plain)) }
        plain = ""
        let inner = String(rest[rest.index(rest.startIndex, offsetBy: 2)..<end])
        parts.append(first == "_" ? .lower(inner) : .higher(inner))
        rest = rest[rest.index(after: end)...]
      } else {
        plain.append(first)
        rest = rest.dropFirst()
      }
    }
    return plain.isEmpty ? parts : parts + [.plain(plain)]
  }

  /// How wide it is in DejaVu Sans of 8 points, in points.
  package static func width(_ text: String) -> Double {
    parts(text).reduce(0) { sum, part in
      switch part {
      case .plain(let text): sum + advance(text)
      case .lower(let text), .higher(let text): sum + 0.8 * advance(text)
      }
    }
  }

  private static func advance(_ text: String) -> Double {
    var units = 0
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 32..<127: units += ascii[Int(scalar.value) - 32]
      case 0x300..<0x370: break
      case 0x2080..<0x208A, 0xB2, 0xB3, 0xB9, 0x2070..<0x207A: units += 821
      case 0x370..<0x400: units += 1351
      default: units += 1716
      }
    }
    return Double(units) / 2048 * size
  }

  /// Without marks of what is lower and higher: for what only takes plain text.
  static func plain(_ text: String) -> String {
    parts(text).map { part in
      switch part {
      case .plain(let text), .lower(let text): text
      case .higher(let text): "^" + text
      }
    }.joined()
  }

  /// As gnuplot takes it, quotes included.
  static func quoted(_ text: String, bold: Bool = false) -> String {
    let body = parts(text).map { part in
      switch part {
      case .plain(let text): escaped(text)
      case .lower(let text): "_{\(escaped(text))}"
      case .higher(let text): "^{\(escaped(text))}"
      }
    }.joined()
    // In double quotes a backslash is one only if it is doubled.
    let shielded = body.map { $0 == "\\" ? "\\\\" : $0 == "\"" ? "\\\"" : String($0) }.joined()
    return "\"" + (bold ? "{/:Bold \(shielded)}" : shielded) + "\""
  }

  private static func escaped(_ text: String) -> String {
    text.map { "_^{}@&~\\".contains($0) ? "\\\($0)" : $0.isNewline ? " " : String($0) }.joined()
  }

  /// In lines of at most a width, broken between words, and within what is wider than a line.
  package static func wrapped(_ text: String, to limit: Double) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      var word = String(word)
      let joined = line.isEmpty ? word : line + " " + word
      if width(joined) <= limit {
        line = joined
        continue
      }
      if !line.isEmpty { lines.append(line) }
      while width(word) > limit, word.count > 1 {
        var part = word
        while width(part) > limit, part.count > 1 { part.removeLast() }
        lines.append(part)
        word = String(word.dropFirst(part.count))
      }
      line = word
    }
    return line.isEmpty ? lines : lines + [line]
  }

  /// Cut to a width, with an ellipsis where something is missing.
  package static func shortened(_ text: String, to limit: Double) -> String {
    guard width(text) > limit else { return text }
    var kept = plain(text)
    while !kept.isEmpty, width(kept + "…") > limit { kept.removeLast() }
    return kept + "…"
  }

  /// The widths of the characters from the blank to the tilde in DejaVu Sans, 2048ths of its size.
  private static let ascii = [
    651, 821, 942, 1716, 1303, 1946, 1597, 563, 799, 799, 1024, 1716, 651, 739, 651, 690, 1303, 1303, 1303, 1303, 1303,
    1303,
    1303, 1303, 1303, 1303, 690, 690, 1716, 1716, 1716, 1087, 2048, 1401, 1405, 1430, 1577, 1294, 1178, 1587, 1540, 604,
    604,
    1343, 1141, 1767, 1532, 1612, 1235, 1612, 1423, 1300, 1251, 1499, 1401, 2025, 1403, 1251, 1403, 799, 690, 799, 1716,
    1024,
    1024, 1255, 1300, 1126, 1300, 1260, 721, 1300, 1298, 569, 569, 1186, 569, 1995, 1298, 1253, 1300, 1300, 842, 1067,
    803,
    1298, 1212, 1675, 1212, 1212, 1075, 1303, 690, 1303, 1716,
  ]
}
