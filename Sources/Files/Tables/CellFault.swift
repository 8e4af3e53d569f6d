import Dynamics

/// Why a cell that should hold a number is none, in words, and what would be right.
struct CellFault {
  let reason: Message
  let remedy: Message?

  /// What is wrong with `text`, which is neither a number (with `mark` before its decimals, where that is known) nor missing
  /// nor a word for true or false.
  init(_ text: String, decimal mark: DecimalMark?) {
    let shown = "\"\(Self.shown(text))\""
    let bare = text.drop { $0 == "-" || $0 == "+" }
    let lower = bare.lowercased()
    if ["inf", "infinity"].contains(lower) {
      (reason, remedy) = ("\(shown) is not a finite number", nil)
    } else if lower.hasPrefix("0x") {
      (reason, remedy) = ("\(shown) is a hexadecimal number", "write it in decimal digits")
    } else if let dash = text.unicodeScalars.first, Self.dashes.contains(dash.value), text.count > 1 {
      let code = String(dash.value, radix: 16, uppercase: true)
      (reason, remedy) = (
        "\(shown) begins with the character U+\(code), which looks like a minus sign and is none",
        "write -\(Self.shown(String(text.dropFirst())))"
      )
    } else if text.hasPrefix("#"), text.hasSuffix("!") || text.hasSuffix("?") {
      (reason, remedy) = ("\(shown) is a spreadsheet's error", "mend the formula, or leave the cell empty")
    } else if Self.isGrouped(bare) {
      (reason, remedy) = (
        "\(shown) has separators of thousands, which are not read: a comma or a point may as well begin the decimals",
        "write its digits without them" + (mark == nil ? ", or say with \(.decimal) what begins the decimals" : "")
      )
    } else if text.contains(","), Double(text.replacing(",", with: ".")) != nil {
      (reason, remedy) = (
        "\(shown) has a comma where the decimal mark is a point",
        "give \(.decimal, "comma") if it is a comma everywhere"
      )
    } else if mark == .comma, Double(text) != nil {
      (reason, remedy) = (
        "\(shown) has a point where the decimal mark is a comma",
        "give \(.decimal, "point") if it is a point everywhere"
      )
    } else if let place = lower.firstIndex(of: "d"), Double(lower.replacing("d", with: "e")) != nil,
      place != lower.startIndex
    {
      (reason, remedy) = ("\(shown) has Fortran's exponent", "write e in the place of d")
    } else if text.hasSuffix("%") {
      (reason, remedy) = ("\(shown) is a percentage", "write it as a number, without %")
    } else if let value = Double(text), value.isInfinite {
      (reason, remedy) = ("\(shown) is not a finite number: doubles end at 1.8e308", nil)
    } else {
      (reason, remedy) = ("\(shown) is not a finite number", nil)
    }
  }

  /// Minus sign, dashes and hyphens of Unicode.
  private static let dashes: Set<UInt32> = [0x2212, 0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0xFE63, 0xFF0D]

  /// Digits in groups of three, with one kind of separator between them.
  private static func isGrouped(_ text: Substring) -> Bool {
    for separator in [",", ".", " ", "\u{A0}", "\u{202F}", "\u{2009}", "'", "’", "_"] as [Character] {
      let groups = text.split(separator: separator, omittingEmptySubsequences: false)
      guard groups.count > 1 else { continue }
      // Decimals may follow the last group.
      let last = groups[groups.count - 1].prefix { $0.isWholeNumber }
      let inner = groups.dropFirst().dropLast()
      if (1...3).contains(groups[0].count), groups[0].allSatisfy(\.isWholeNumber),
        inner.allSatisfy({ $0.count == 3 && $0.allSatisfy(\.isWholeNumber) }), last.count == 3,
        groups[groups.count - 1].dropFirst(3).first.map({ $0 == "." || $0 == "," }) ?? true
      {
        return true
      }
    }
    return false
  }

  /// A cell as a message may show it: short, and without control characters.
  static func shown(_ text: String) -> String {
    let visible = text.unicodeScalars.prefix(40).map { $0.value < 32 || $0.value == 127 ? "�" : String($0) }
    return visible.joined() + (text.unicodeScalars.count > 40 ? "…" : "")
  }
}
