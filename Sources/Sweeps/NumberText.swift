import Dynamics

/// A number as study files, overrides and filters write it: decimal, and read alike by YAML 1.1 and 1.2.
///
/// Read are an optional sign, digits without leading zeros, a point, an exponent: `12`, `-0.5`, `.5`, `1.`, `+1`, `1e3`
/// (a text in YAML 1.1, but no other number). Refused is what the two versions read differently or only one of them as a
/// number: `0010`, `0o10`, `0x1F`, `0b11`, `1_000`, `1:30`; and what is not finite or leaves the range of doubles.
package struct NumberText {
  /// The number.
  package let value: SettingValue
  /// Whether a whole number is exactly the one written.
  package let isExact: Bool

  /// Why a text is no such number.
  package struct Fault: Error {
    package let reason: Message
    package let remedy: Message?
  }

  /// Reads a number.
  package init(_ text: String) throws(Fault) {
    guard let parts = Parts(text) else { throw Self.fault(text) }
    guard parts.whole.count < 2 || parts.whole.first != "0" else {
      let stripped = String(parts.whole.drop { $0 == "0" })
      let digits = stripped.isEmpty ? "0" : stripped
      let plain = (parts.sign == "-" ? "-" : "") + digits + parts.rest
      let octal = parts.rest.isEmpty ? Int(parts.whole, radix: 8).flatMap { "\($0)" == digits ? nil : $0 } : nil
      throw Fault(
        reason: octal.map {
          "YAML 1.1 reads \(text) as octal, that is \(parts.sign == "-" ? "-" : "")\($0), YAML 1.2 as \(plain)"
        }
          ?? "leading zeros are read differently by YAML 1.1 and 1.2", remedy: "write \(plain)")
    }
    if parts.rest.isEmpty, parts.sign != "-", let whole = UInt64(parts.whole) {
      (value, isExact) = (SettingValue(whole), true)
      return
    }
    guard let number = Double(text), number.isFinite else {
      throw Fault(reason: "\(text) is beyond the range of double precision, about 1.8e308", remedy: nil)
    }
    guard number != 0 || !parts.hasDigit else {
      throw Fault(reason: "\(text) is below the range of double precision, about 4.9e-324", remedy: nil)
    }
    (value, isExact) = (SettingValue(number), abs(number) < 0x1p53)
  }

  /// What a decimal number consists of.
  private struct Parts {
    var sign = ""
    /// The digits before the point, and everything from the point or the exponent on.
    var (whole, rest) = ("", "")
    /// Whether the mantissa has a digit other than 0.
    var hasDigit = false

    init?(_ text: String) {
      var bytes = Array(text.utf8)[...]
      func isDigit(_ byte: UInt8) -> Bool { byte >= 48 && byte <= 57 }
      func string(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }
      if let first = bytes.first, first == 43 || first == 45 { sign = string(bytes.prefix(1)); bytes.removeFirst() }
      let digits = bytes.prefix(while: isDigit)
      whole = string(digits)
      bytes = bytes.dropFirst(digits.count)
      rest = string(bytes)
      var fraction = bytes.prefix(0)
      if bytes.first == 46 {
        bytes.removeFirst()
        fraction = bytes.prefix(while: isDigit)
        bytes = bytes.dropFirst(fraction.count)
      }
      guard !digits.isEmpty || !fraction.isEmpty else { return nil }
      hasDigit = digits.contains { $0 != 48 } || fraction.contains { $0 != 48 }
      if let exponent = bytes.first, exponent == 69 || exponent == 101 {
        bytes.removeFirst()
        if let first = bytes.first, first == 43 || first == 45 { bytes.removeFirst() }
        guard !bytes.isEmpty else { return nil }
        bytes = bytes.drop(while: isDigit)
      }
      guard bytes.isEmpty else { return nil }
    }
  }

  private static func fault(_ text: String) -> Fault {
    let shown = text.count > 40 ? text.prefix(40) + "…" : text[...]
    let body = text.drop { $0 == "-" || $0 == "+" }
    let minus = text.hasPrefix("-") ? "-" : ""
    for (prefix, radix, word, versions) in [
      ("0x", 16, "hexadecimal", nil), ("0o", 8, "octal", "YAML 1.2 reads it as octal, YAML 1.1 as text"),
      ("0b", 2, "binary", "YAML 1.1 reads it as binary, YAML 1.2 as text"),
    ] where body.lowercased().hasPrefix(prefix) {
      let value = UInt64(body.dropFirst(2), radix: radix)
      return Fault(
        reason: "\(shown) is \(word), and numbers are decimal here" + (versions.map { " (\($0))" } ?? ""),
        remedy: value.map { "write \(minus)\($0)" })
    }
    let plain = body.replacing("_", with: "")
    if body.contains("_"), let first = body.first, first.isNumber, let value = Double(plain), value.isFinite {
      return Fault(
        reason: "YAML 1.1 reads \(shown) as a number, YAML 1.2 as text", remedy: "write \(minus)\(plain)")
    }
    let sixties = body.split(separator: ":", omittingEmptySubsequences: false).map { UInt32($0) }
    if sixties.count > 1, sixties.count < 6, sixties.allSatisfy({ $0 != nil }) {
      let value = sixties.reduce(UInt64(0)) { 60 &* $0 &+ UInt64($1 ?? 0) }
      return Fault(
        reason: "YAML 1.1 reads \(shown) in base 60, that is as \(minus)\(value), YAML 1.2 as text",
        remedy: "write \(minus)\(value)")
    }
    return Fault(reason: "a finite number is needed, such as 0.5 or 1e-3, not \"\(shown)\"", remedy: nil)
  }
}
