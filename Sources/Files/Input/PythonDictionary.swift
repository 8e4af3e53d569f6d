/// A dictionary literal of Python with strings for keys, such as NumPy's headers are: the text of each value.
struct PythonDictionary {
  /// What stands behind each key, without blanks around it.
  let values: [String: String]

  /// Parses `bytes`; nil when they are no such literal, or a key comes twice.
  init?(_ bytes: some Collection<UInt8>) {
    let text = Self.trimmed(String(decoding: bytes, as: UTF8.self)[...])
    guard text.first == "{", text.last == "}" else { return nil }
    var values: [String: String] = [:]
    for entry in Self.parts(text.dropFirst().dropLast(), at: ",") {
      let entry = Self.trimmed(entry)
      if entry.isEmpty { continue }
      let sides = Self.parts(entry, at: ":")
      guard sides.count == 2, let key = Self.string(String(Self.trimmed(sides[0]))), values[key] == nil else {
        return nil
      }
      values[key] = String(Self.trimmed(sides[1]))
    }
    self.values = values
  }

  /// The string that `literal` is.
  static func string(_ literal: String) -> String? {
    guard literal.count >= 2, let quote = literal.first, quote == "'" || quote == "\"", literal.last == quote else {
      return nil
    }
    let inner = literal.dropFirst().dropLast()
    return inner.contains(quote) ? nil : String(inner)
  }

  /// The tuple of whole numbers that `literal` is, those of Python 2 (`6L`) and of NumPy 2 (`np.int64(6)`) included.
  static func numbers(_ literal: String) -> [Int]? {
    guard literal.first == "(", literal.last == ")" else { return nil }
    var result: [Int] = []
    for part in parts(literal.dropFirst().dropLast(), at: ",") {
      var digits = trimmed(part)
      if digits.isEmpty { continue }
      if digits.last == ")", let open = digits.firstIndex(of: "("), !digits[..<open].isEmpty,
        digits[..<open].allSatisfy({ $0.isLetter || $0.isNumber || $0 == "." || $0 == "_" })
      {
        digits = trimmed(digits[digits.index(after: open)...].dropLast())
      }
      if digits.last == "L" { digits = digits.dropLast() }
      guard digits.first?.isASCII == true, digits.first?.isNumber == true, let value = Int(digits) else { return nil }
      result.append(value)
    }
    return result
  }

  /// `text` cut at each `mark` that stands neither in a string nor in brackets.
  private static func parts(_ text: Substring, at mark: Character) -> [Substring] {
    var (parts, start, depth): ([Substring], Substring.Index, Int) = ([], text.startIndex, 0)
    var quote: Character?
    for place in text.indices {
      let character = text[place]
      if let open = quote {
        if character == open { quote = nil }
      } else if character == "'" || character == "\"" {
        quote = character
      } else if "([{".contains(character) {
        depth += 1
      } else if ")]}".contains(character) {
        depth -= 1
      } else if character == mark, depth == 0 {
        parts.append(text[start..<place])
        start = text.index(after: place)
      }
    }
    return parts + [text[start...]]
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text.drop { $0.isWhitespace }
    while text.last?.isWhitespace == true { text.removeLast() }
    return text
  }
}
