extension String {
  /// The text on one line: what a terminal would act upon instead of showing it (control characters, separators of lines,
  /// marks that turn the direction of writing) as `\u{1B}`.
  ///
  /// Messages quote names and cells of files, which may hold anything. Complexity: O(length).
  var printable: String {
    guard unicodeScalars.contains(where: Self.isHidden) else { return self }
    var result = ""
    for scalar in unicodeScalars {
      if Self.isHidden(scalar) { result += scalar.escaped(asASCII: true) } else { result.unicodeScalars.append(scalar) }
    }
    return result
  }

  private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7f..<0xa0, 0x2028...0x202e, 0x2066...0x2069, 0xfeff: true
    default: false
    }
  }
}
