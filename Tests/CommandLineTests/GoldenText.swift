import Foundation

/// A printed result compared with the one on file: words as they stand, numbers to rounding, timings and provenance not at all.
struct GoldenText {
  /// Words and numbers in turn.
  private let words: [Substring]
  private let numbers: [Substring]

  init(_ text: String) {
    let text = Self.scrubbed(text)
    var (words, numbers): ([Substring], [Substring]) = ([], [])
    var word = text.startIndex
    // Digits within names, such as w_plus_0 and float64, are no numbers.
    for match in text.matches(of: /[A-Za-z_][A-Za-z0-9_.]*|-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?/) {
      guard let first = match.output.0.first, first == "-" || first.isNumber else { continue }
      words.append(text[word..<match.range.lowerBound])
      numbers.append(match.output.0)
      word = match.range.upperBound
    }
    words.append(text[word...])
    (self.words, self.numbers) = (words, numbers)
  }

  /// The first difference from `other`, nil when there is none. Whole numbers up to a million must be equal (others are
  /// counts of passes, which processors change a little); others agree to a millionth, or are both rounding.
  func difference(from other: GoldenText) -> String? {
    for (index, (own, theirs)) in zip(words, other.words).enumerated() where own != theirs {
      return "…\(index > 0 ? numbers[index - 1] : "")\(own.prefix(200)) where …\(theirs.prefix(200)) was expected"
    }
    for (index, (own, theirs)) in zip(numbers, other.numbers).enumerated() where own != theirs {
      let (a, b) = (Double(own) ?? .nan, Double(theirs) ?? .nan)
      let isCount = Int(own) != nil && Int(theirs) != nil
      let allowed = isCount ? (max(abs(a), abs(b)) > 1e6 ? 0.05 * abs(b) : 0) : 1e-6 * max(abs(a), abs(b)) + 1e-11
      if !(abs(a - b) <= allowed) { return "\(words[index].suffix(80))\(own) where \(theirs) was expected" }
    }
    return words.count == other.words.count ? nil : "the texts have different lengths"
  }

  /// Without what differs from run to run and from build to build.
  static func scrubbed(_ text: String) -> String {
    var text = text
    // JSON: the object of the provenance, whatever it holds, and times.
    while let key = text.firstRange(of: "\"provenance\":{") {
      var (depth, end) = (1, key.upperBound)
      while depth > 0, end < text.endIndex {
        if text[end] == "{" { depth += 1 } else if text[end] == "}" { depth -= 1 }
        end = text.index(after: end)
      }
      text.replaceSubrange(key.lowerBound..<end, with: "\"provenance\"")
    }
    text.replace(#/"wall_seconds":[-+.e0-9]+/#, with: "\"wall_seconds\"")
    // Lines of tables and of NetCDF headers.
    let volatile =
      #/ *wall_seconds .*\n|.*(double|:)wall_seconds.*\n|.*:(date|host|library_|command_line|commit|experiment|instruction_set|source).*\n/#
    return text.replacing(volatile, with: "")
  }
}
