import RandomStreams

extension RandomStream {
  /// One of `items`, which must not be empty.
  mutating func choice<Item>(_ items: [Item]) -> Item { items[integer(below: items.count)] }

  /// Whether one of `n` equally likely things happens.
  mutating func once(in n: Int) -> Bool { integer(below: n) == 0 }

  /// A whole number of `range`.
  mutating func integer(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + integer(below: range.count)
  }

  /// A number as people write them, and as they do not.
  mutating func numeral() -> String {
    switch integer(below: 8) {
    case 0: choice(Self.oddNumerals)
    case 1: "\(integer(-3...12))"
    case 2: "\(Double(bitPattern: next()))"
    case 3: "\(normal() * 1e-5)"
    default: "\((normal() * 1000).rounded() / 1000)"
    }
  }

  private static let oddNumerals = [
    "", " ", "NA", "NaN", "nan", "inf", "-Infinity", "1e999", "-1e999", "1e-999", "0x1p3", "1_000", "1,5", "1.5.2",
    "+1", "-",
    "-0", "0010", "1e", "e5", "TRUE", "false", "yes", "null", "~", ".5", "5.", "١٢", "½", "1 2", "\u{feff}1", "1d3",
    "9007199254740993", "18446744073709551616", "\"", "\"\"", "#N/A", "-9223372036854775808",
  ]

  /// `bytes` after `count` random changes; `tokens` are pieces that mean something in its format.
  mutating func mutate(_ bytes: [UInt8], times count: Int, tokens: [[UInt8]] = []) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<count { mutate(&bytes, tokens) }
    return bytes
  }

  private mutating func mutate(_ bytes: inout [UInt8], _ tokens: [[UInt8]]) {
    guard !bytes.isEmpty else {
      bytes = (0..<integer(1...8)).map { _ in UInt8(truncatingIfNeeded: next()) }
      return
    }
    let place = integer(below: bytes.count)
    // Mostly short, sometimes up to the end.
    let length = min(once(in: 8) ? bytes.count - place : integer(1...8), bytes.count - place)
    switch integer(below: 10) {
    case 0: bytes[place] ^= 1 << UInt8(integer(below: 8))
    case 1: bytes[place] = UInt8(truncatingIfNeeded: next())
    case 2: bytes[place] = choice([0, 1, 0x7f, 0x80, 0xff, 0x0a, 0x0d, 0x20, 0x22, 0x2c, 0x3b, 0x2d])
    case 3: bytes.removeSubrange(place..<place + length)
    case 4: bytes.insert(contentsOf: bytes[place..<place + length], at: integer(below: bytes.count))
    case 5: bytes.removeLast(bytes.count - place)
    case 6:
      let word = integerBytes()
      for (k, byte) in word.enumerated() where place + k < bytes.count { bytes[place + k] = byte }
    case 7: bytes.replaceSubrange(place..<place + length, with: Array(numeral().utf8))
    default:
      let token = tokens.isEmpty ? [UInt8(truncatingIfNeeded: next())] : choice(tokens)
      if once(in: 2) {
        bytes.insert(contentsOf: token, at: place)
      } else {
        bytes.replaceSubrange(place..<min(place + token.count, bytes.count), with: token)
      }
    }
  }

  /// An integer at the edge of its type, in two, four or eight bytes of either order.
  private mutating func integerBytes() -> [UInt8] {
    let values: [UInt64] = [
      0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 1 << 40,
      0x7fff_ffff_ffff_ffff, 1 << 63, .max, UInt64(integer(below: 1000)),
    ]
    let value = choice(values)
    let width = choice([2, 4, 8])
    let little = (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
    return once(in: 2) ? little : little.reversed()
  }
}
