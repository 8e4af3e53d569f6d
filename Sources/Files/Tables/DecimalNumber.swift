/// A decimal number at some place of a text: sign, digits, decimal mark, digits, exponent.
///
/// `[+-] (digits [mark [digits]] | mark digits) [(e|E) [+-] digits]`, correctly rounded; with a comma as the mark, digits must
/// follow it. Nothing else is a number: no hexadecimal digits, no words, no groups of digits.
struct DecimalNumber {
  /// The nearest double; infinite beyond their range.
  let value: Double
  /// The mark that was met; nil without any.
  let mark: DecimalMark?
  /// Whether its comma may as well separate thousands, as in 1,234.
  let mayBeGrouped: Bool

  /// Reads the number at `position`, which moves behind it; nil (and `position` stays) when there is none. The marks that
  /// may stand in it are given. Complexity: O(digits).
  @inline(__always)
  static func scan(
    _ text: UnsafeBufferPointer<UInt8>, _ position: inout Int, upTo end: Int, point: Bool, comma: Bool
  ) -> DecimalNumber? {
    var i = position
    var isNegative = false
    if i < end, text[i] == UInt8(ascii: "-") || text[i] == UInt8(ascii: "+") {
      isNegative = text[i] == UInt8(ascii: "-")
      i += 1
    }
    let start = i
    // Up to 19 digits fit into the mantissa; where more follow, it is not used.
    var (mantissa, significant, isLong): (UInt64, Int, Bool) = (0, 0, false)
    @inline(__always) func takeDigits() -> Int {
      let first = i
      while i < end {
        let digit = text[i] &- 48
        guard digit <= 9 else { break }
        if significant < 19 {
          mantissa = mantissa &* 10 &+ UInt64(digit)
          if mantissa != 0 { significant += 1 }
        } else {
          isLong = true
        }
        i += 1
      }
      return i - first
    }
    let whole = takeDigits()
    var (fraction, mark): (Int, DecimalMark?) = (0, nil)
    if i < end, point && text[i] == UInt8(ascii: ".") || comma && text[i] == UInt8(ascii: ",") {
      mark = text[i] == UInt8(ascii: ".") ? .point : .comma
      i += 1
      fraction = takeDigits()
    }
    guard whole + fraction > 0, mark != .comma || fraction > 0 else { return nil }
    var exponent = 0
    var hasExponent = false
    if i < end, text[i] | 0x20 == UInt8(ascii: "e") {
      var k = i + 1
      var isDown = false
      if k < end, text[k] == UInt8(ascii: "-") || text[k] == UInt8(ascii: "+") {
        isDown = text[k] == UInt8(ascii: "-")
        k += 1
      }
      let first = k
      while k < end {
        let digit = text[k] &- 48
        guard digit <= 9 else { break }
        if exponent < 100_000 { exponent = 10 * exponent + Int(digit) }
        k += 1
      }
      if k > first {
        hasExponent = true
        if isDown { exponent = -exponent }
        i = k
      }
    }
    let power = exponent - fraction
    var value: Double
    if !isLong, mantissa <= 1 << 53, power >= -22, power <= 22 {
      // Both factors are doubles, so that one rounding gives the nearest one.
      value = power < 0 ? Double(mantissa) / powersOfTen[-power] : Double(mantissa) * powersOfTen[power]
      if isNegative { value = -value }
    } else {
      value = converted(text, position..<i)
    }
    let mayBeGrouped =
      mark == .comma && fraction == 3 && !hasExponent && whole >= 1 && whole <= 3 && text[start] != UInt8(ascii: "0")
    position = i
    return DecimalNumber(value: value, mark: mark, mayBeGrouped: mayBeGrouped)
  }

  /// By the standard library, which rounds correctly at any length.
  @inline(never)
  private static func converted(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Double {
    let digits = String(unsafeUninitializedCapacity: range.count) { room in
      for (k, i) in range.enumerated() {
        room[k] = text[i] == UInt8(ascii: ",") ? UInt8(ascii: ".") : text[i]
      }
      return range.count
    }
    return Double(digits) ?? .nan
  }
}

/// 10⁰ … 10²², which are doubles.
private let powersOfTen: [Double] = [
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
  1e21,
  1e22,
]
